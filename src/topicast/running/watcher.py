"""``topicast watch``: builds at start, when records change, and when something is due."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterable
from datetime import datetime

from topicast.job import Job
from topicast.running.runs import Outcome, Runs
from topicast.topics.taxonomyfile import DEFAULT_FILE

_TICK_MS = 1000  # how often a due instant is looked for
_SHOWN = 3  # changed files that are named


def watch(runs: Runs, job: Job) -> int:
    """Build whenever a record, the configuration or the taxonomy changes, until SIGTERM or SIGINT.

    Several changes at once make one build. A save that cannot be read is reported like any other
    problem, and the next save builds again.
    """
    from watchfiles import watch as changes

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    outcome = runs.once("start")
    trees = tuple(os.path.join(job.seeds, tree) + os.sep for tree in job.trees_among_records())
    watching = changes(
        *_watched(job),
        watch_filter=lambda _, path: _counts(path, job, trees),
        debounce=400,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
    )
    for changed in watching:
        if changed:
            outcome = runs.once(_names(sorted({path for _, path in changed}), job))
        elif _is_due(outcome):
            outcome = runs.once("due")
        if stop.is_set():
            break
    runs.note("stop", "stopped")
    return 0


def _watched(job: Job) -> list[str]:
    """The folder of records and, beside it, the files that shape the feeds."""
    root, config = job.config.root, job.config
    files = [config.file, os.path.join(root, config.topics.file or DEFAULT_FILE)]
    return [job.seeds, *(file for file in files if file and os.path.exists(file))]


def _counts(path: str, job: Job, trees: Iterable[str]) -> bool:
    """Whether a change of ``path`` can change a feed: our own writing must not wake us."""
    inner = os.path.relpath(path, job.seeds)
    hidden = any(part.startswith(".") and part != ".." for part in inner.split(os.sep))
    return not hidden and not any(path.startswith(tree) for tree in trees)


def _names(paths: list[str], job: Job) -> str:
    shown = ", ".join(os.path.relpath(path) for path in paths[:_SHOWN])
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"changed {shown}{more}"


def _is_due(outcome: Outcome) -> bool:
    if outcome.report is None or outcome.report.due is None:
        return False
    return datetime.fromisoformat(outcome.report.due).timestamp() <= time.time()
