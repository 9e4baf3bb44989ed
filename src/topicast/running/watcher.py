"""``topicast watch``: builds at start, when records change, and when something is due."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TypeAlias

from topicast.configfile import DEFAULT_FILE as CONFIG_FILE
from topicast.job import Job
from topicast.problems import printable
from topicast.running.runs import Runs
from topicast.running.stopping import Stop
from topicast.topics.taxonomyfile import DEFAULT_FILE as TAXONOMY_FILE

_DEBOUNCE_MS = 400  # changes within this time make one build
_TICK_MS = 300  # how often is looked at what is no record, and at what is due
_SHOWN = 3  # changed files that are named

Stamps: TypeAlias = dict[str, tuple[int, int, int]]  # path → inode, size, time in nanoseconds


def watch(runs: Runs, job: Job) -> int:
    """Build whenever a record, the configuration or the taxonomy changes, until SIGTERM or SIGINT.

    Several changes at once make one build. A save that cannot be read is reported like any other
    problem, and the next save builds again. ``job`` is the first one.
    """
    stop = Stop()
    shape: Stamps = _stamps(job)
    started = False
    while not stop.is_set():
        for changed in _changes(job, stop):
            before, shape = shape, _stamps(job)
            changed += [at for at in {**before, **shape} if before.get(at) != shape.get(at)]
            if stop.is_set():
                break
            if changed:
                runs.once(_names(sorted(changed)) if started else "start")
                started = True
            else:
                runs.attend(time.time())
            before_run, job = job, runs.job or job
            if _kept_apart(job) != _kept_apart(before_run):
                break  # the records lie elsewhere now
    runs.note("stop", "stopped")
    return 0


def _changes(job: Job, stop: Stop) -> Iterator[list[str]]:
    """The records that changed, again and again; an empty list where a tick has passed.

    First comes the folder of records itself, when it is being watched: what changed before was
    not seen. Ends when that folder is gone, or has come back.
    """
    from watchfiles import watch as changes

    place = _place(job.seeds)
    if place is None:
        yield [job.seeds]
        while not stop.is_set() and _place(job.seeds) is None:
            stop.pause()
            yield []
        return
    unseen = [job.seeds]
    trees = tuple(os.path.join(job.seeds, tree) + os.sep for tree in job.trees_among_records())
    for changed in changes(
        job.seeds,
        watch_filter=lambda _, path: _counts(path, job.seeds, trees),
        debounce=_DEBOUNCE_MS,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    ):
        if _place(job.seeds) != place:  # gone, or another one is mounted over it
            return
        yield unseen + sorted({path for _, path in changed})
        unseen = []


def _kept_apart(job: Job) -> tuple[str, set[str]]:
    return job.seeds, job.trees_among_records()


def _place(folder: str) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _stamps(job: Job) -> Stamps:
    """The files beside the records that shape the feeds: looked at, since editors replace them."""
    config = job.config
    places = [
        config.file or os.path.join(config.root, CONFIG_FILE),
        os.path.join(config.root, config.topics.file or TAXONOMY_FILE),
    ]
    if config.html.templates:
        places.append(os.path.join(config.root, config.html.templates))
    found: Stamps = {}
    for place in places:
        for path in [place, *_files_in(place)]:
            try:
                status = os.stat(path)
            except OSError:
                continue
            if not os.path.isdir(path):
                found[path] = status.st_ino, status.st_size, status.st_mtime_ns
    return found


def _files_in(folder: str) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError:  # not there, or a file
        return []


def _counts(path: str, seeds: str, trees: tuple[str, ...]) -> bool:
    """Whether a change of ``path`` can change a feed: our own writing must not wake us."""
    inner = os.path.relpath(path, seeds)
    hidden = any(part.startswith(".") and part != ".." for part in inner.split(os.sep))
    return not hidden and not (path + os.sep).startswith(trees)


def _names(paths: list[str]) -> str:
    shown = ", ".join(printable(os.path.relpath(path)) for path in paths[:_SHOWN])
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"changed {shown}{more}"
