"""The plain engine: everything in this process, one after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import islice

from topicast.catalog.rows import FileRows
from topicast.engines.engine import Files, Place, Task, composed
from topicast.engines.intake import read_rows
from topicast.engines.work import Rendered, Unrendered, Work, render
from topicast.publish.plan import Composed
from topicast.records.files import opened_folder

LOT = 40  # entries that are rendered at a time


class LocalEngine:
    """The engine in this process."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def read(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[FileRows]]]:
        for task in tasks:
            yield task, read_task(self._work, task)

    def render(self, items: Iterable[Unrendered], formats: Sequence[str]) -> Iterator[Rendered]:
        stream = iter(items)
        while lot := list(islice(stream, LOT)):
            yield from render(self._work, lot, formats)

    def compose(
        self, files: Sequence[Files], db: sqlite3.Connection, share: Callable[[], str], place: Place
    ) -> Iterator[Composed]:
        for some in files:
            yield from composed(some, db)

    def close(self) -> None:
        pass


def read_task(work: Work, task: Task) -> list[FileRows]:
    """What the files of ``task`` give."""
    prefix = f"{task.folder}/" if task.folder else ""
    paths = [(prefix + name, digest) for name, digest in task.files]
    with ExitStack() as stack:
        folder = None
        with suppress(OSError):  # gone since it was listed: each of its files will say so
            folder = stack.enter_context(opened_folder(f"{work.root}/{task.folder}"))
        return read_rows(work, paths, folder)
