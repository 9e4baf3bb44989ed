"""``topicast watch``: builds at start, when records change, and when something is due."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

from topicast.config import Records
from topicast.configfile import DEFAULT_FILE as CONFIG_FILE
from topicast.job import Job
from topicast.problems import BuildError, printable
from topicast.records.listing import SUFFIXES
from topicast.records.selection import selector
from topicast.running.runs import Runs
from topicast.running.stopping import Stop
from topicast.topics.taxonomyfile import taxonomy_path

_DEBOUNCE_MS = 400  # changes within this time make one build
_TICK_MS = 300  # how often is looked at what is no record, and at what is due
_POLL_MS = 2000  # how often the records are looked at where the system cannot tell of changes
_SHOWN = 3  # changed files that are named

Stamps: TypeAlias = dict[str, tuple[int, int, int]]  # path → inode, size, time in nanoseconds


def watch(runs: Runs, job: Job, apart: str | None = None) -> int:
    """Build whenever a record, the configuration or the taxonomy changes, until SIGTERM or SIGINT.

    Several changes at once make one build. A save that cannot be read is reported like any other
    problem, and the next save builds again. ``job`` is the first one; ``apart`` is a file that
    each run writes.
    """
    stop = Stop()
    shape: Stamps = _stamps(job)
    started = False
    while not stop.is_set():
        for changed in _changes(job, stop, apart, runs.note):
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
            if _which_files(job) != _which_files(before_run):
                break  # other files are records now
    runs.note("stop", "stopped")
    return 0


def _changes(
    job: Job, stop: Stop, apart: str | None, note: Callable[[str, str], None]
) -> Iterator[list[str]]:
    """The records that changed, again and again; an empty list where a tick has passed.

    First comes the folder of records itself, when it is being watched: what changed before was
    not seen. Ends when that folder is gone, or has come back.
    """
    if _place(job.seeds) is None:
        yield [job.seeds]
        while not stop.is_set() and _place(job.seeds) is None:
            stop.pause()
            yield []
        return
    polling = ignoring = blind = False
    while not stop.is_set():
        try:
            yield from _seen(job, stop, _Counting(job, apart), polling, ignoring)
            return
        except FileNotFoundError:  # gone just now
            stop.pause()
            return
        except PermissionError:
            ignoring = True  # of such folders no build can read anything
        except OSError as error:
            if polling:
                raise
            note("note", f"the system tells of no more changes ({error}); they are looked for")
            polling = True
        except UnicodeEncodeError:
            encoding = sys.getfilesystemencoding()
            raise BuildError(
                f"{printable(job.seeds)}: watch cannot say this path in {encoding};"
                " set PYTHONUTF8=1, rename it, or use topicast schedule"
            ) from None
        except RuntimeError as error:
            # Watchfiles cannot say a name that is not UTF-8, and is told of it whenever we look
            # there; but not where it looks for itself, every other second.
            if polling and not blind:
                note("note", f"no change of a record can be seen ({error}); mend that")
                yield [job.seeds]  # as they are now
                blind = True
            polling = True
            stop.pause()
            if blind:
                yield []  # what is due is built all the same


def _seen(
    job: Job, stop: Stop, counts: _Counting, polling: bool, ignoring: bool
) -> Iterator[list[str]]:
    """``_changes`` of a folder that is there.

    ``ignoring`` passes over folders that may not be read; but with it nothing is said where the
    system can watch no more folders. Raises: RuntimeError and OSError where they cannot be told.
    """
    from watchfiles import Change
    from watchfiles import watch as changes

    place, unseen = _place(job.seeds), [job.seeds]
    for changed in changes(
        job.seeds,
        watch_filter=None,  # filtered below: what is left out is a tick too
        debounce=_DEBOUNCE_MS,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        force_polling=polling or None,
        poll_delay_ms=_POLL_MS,
        ignore_permission_denied=ignoring,
    ):
        # Gone, or another one is mounted over it; a new one may be where it was on the disk.
        if (Change.deleted, job.seeds) in changed or _place(job.seeds) != place:
            return
        counting = {path for kind, path in changed if counts(path, kind is Change.deleted)}
        yield unseen + sorted(counting)
        unseen = []


class _Counting:
    """Tells whether a change of a path can change a feed: our own writing must not wake us."""

    def __init__(self, job: Job, apart: str | None) -> None:
        self._seeds = job.seeds
        self._wanted = selector(job.config.records)
        trees = [os.path.join(job.seeds, tree) + os.sep for tree in job.trees_among_records()]
        # What is written apart has another name at first, which begins like its own.
        self._ours = (*trees, *([os.path.abspath(apart)] if apart else ()))

    def __call__(self, path: str, gone: bool) -> bool:
        inner = os.path.relpath(path, self._seeds).replace(os.sep, "/")
        hidden = any(part.startswith(".") and part != ".." for part in inner.split("/"))
        if hidden or (path + os.sep).startswith(self._ours):
            return False
        if inner.lower().endswith(SUFFIXES):
            return self._wanted(inner)
        # A folder takes its records along; one that is gone looks like any other file.
        return gone or os.path.isdir(path)


def _which_files(job: Job) -> tuple[str, set[str], Records]:
    """What decides which files are records."""
    return job.seeds, job.trees_among_records(), job.config.records


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
        taxonomy_path(config),
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


def _names(paths: list[str]) -> str:
    shown = ", ".join(printable(os.path.relpath(path)) for path in paths[:_SHOWN])
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"changed {shown}{more}"
