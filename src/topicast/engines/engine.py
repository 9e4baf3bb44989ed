"""What an engine is. It is started when there is work: a run with nothing changed needs none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeVar

from topicast.publish.plan import Composed

if TYPE_CHECKING:
    import sqlite3

    from topicast.catalog.rows import FileRows
    from topicast.engines.work import Rendered, Unrendered

T = TypeVar("T")

BATCH = 200  # files a task: enough to keep a worker busy for a while, few enough to share fairly


class Task(NamedTuple):
    """Some files of one folder, each with the digest that its bytes had (b"" where unknown)."""

    folder: str
    files: list[tuple[str, bytes]]  # name, digest


Files: TypeAlias = "Callable[[sqlite3.Connection], Iterable[tuple[str, bytes]]]"
"""Some files of the tree, path and bytes, as they are composed from a catalog."""


Place: TypeAlias = Callable[[Composed], Composed]
"""Lets a file come nearer to the tree in the process that composed it."""


def composed(files: Files, db: sqlite3.Connection) -> Iterator[Composed]:
    for path, data in files(db):
        yield Composed.of(path, data)


class Engine(Protocol):
    """Where records are read, entries rendered and feeds composed. Results come in any order."""

    def read(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[FileRows]]]:
        """What the files of each task give."""

    def render(self, items: Iterable[Unrendered], formats: Sequence[str]) -> Iterator[Rendered]:
        """The fragments of each item, in the order of ``formats``."""

    def compose(
        self, files: Sequence[Files], db: sqlite3.Connection, share: Callable[[], str], place: Place
    ) -> Iterator[Composed]:
        """All of ``files``, from the catalog ``db``.

        ``share`` brings that to where other processes can open it and says where; "" is nowhere.
        What was shared must not change until all are composed. ``place`` is called in another
        process than this one, for each file composed there.
        """

    def close(self) -> None:
        """Let go of what it holds; it is not used after this."""


class LateEngine:
    """The engine that ``make`` gives, from the first task on."""

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._made: Engine | None = None

    def read(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[FileRows]]]:
        for first, others in _begun(tasks):
            yield from self._engine().read(chain([first], others))

    def render(self, items: Iterable[Unrendered], formats: Sequence[str]) -> Iterator[Rendered]:
        for first, others in _begun(items):
            yield from self._engine().render(chain([first], others), formats)

    def compose(
        self, files: Sequence[Files], db: sqlite3.Connection, share: Callable[[], str], place: Place
    ) -> Iterator[Composed]:
        if files:
            yield from self._engine().compose(files, db, share, place)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    def _engine(self) -> Engine:
        if self._made is None:
            self._made = self._make()
        return self._made


def _begun(items: Iterable[T]) -> Iterator[tuple[T, Iterator[T]]]:
    """The first of ``items`` with the others, once; nothing where there is none."""
    others = iter(items)
    for first in others:
        yield first, others
        return
