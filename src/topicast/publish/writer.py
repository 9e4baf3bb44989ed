"""Writes a tree so that a kill, a full disk or a reader at any moment finds whole files.

The order is that of section 8 of the specification: every new file is written beside its target
and flushed; the pending manifest; the renames; the removals; the final manifest. Files are written
while others are composed: ``Draft`` holds them until all are there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from topicast.problems import BuildError
from topicast.publish.ignoring import heed_folder, ignore_folder
from topicast.publish.lock import Lock
from topicast.publish.manifest import MANIFEST, REGISTRY, parse_manifest, read_file
from topicast.publish.plan import Announced, Composed, Made, Plan, Stat, folders_holding
from topicast.publish.temporary import flush_folder, sweep, target_of, temporary, write
from topicast.records.files import is_there

if TYPE_CHECKING:
    from topicast.publish.flushers import Flushers

FINAL = (
    f"{MANIFEST}.final"  # a name of its own while the pending manifest waits under the usual one
)


class Published(msgspec.Struct, frozen=True):
    """What the tree is after a build: what the catalog remembers of it."""

    manifest: str  # the digest of manifest.json
    stats: dict[str, Stat]  # of the files written, and of those looked at and kept


class Draft:
    """The files of a build on their way into the tree, and what is taken back if that fails.

    ``start`` it, ``put`` every file that was announced, ``publish`` the plan made of ``made``. As
    long as no file has other bytes than the one that stands there, nothing is touched, unless
    other processes are to write: for these it must ``begin``.
    """

    def __init__(
        self, lock: Lock, *, dry: bool = False, secure: Callable[[], object] = lambda: None
    ) -> None:
        """``dry`` writes nothing; ``secure`` is called before the first thing is written."""
        self.out = lock.path
        self.made: dict[str, Made] = {}
        self._lock = lock
        self.dry = dry
        self._secure = secure
        self._flushers: Flushers | None = None  # from the first file that differs on
        self._targets: dict[str, str] = {}  # where the files stand that are written, by path
        self._created: list[Path] = []  # folders, in the order of making
        self._renaming = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take back what was not renamed: after a failure nothing new is left."""
        if self._flushers is None:
            return
        self._flushers.stop()
        # Another process may have placed what was not put yet.
        for name in (*self._announced.wanted, FINAL, MANIFEST):
            with suppress(OSError):
                os.unlink(temporary(self._at(name)))
        for folder in reversed(self._created):
            with suppress(OSError):
                folder.rmdir()

    def start(self, announced: Announced) -> None:
        """From here on these files may be put."""
        self._announced = announced

    def put(self, one: Composed) -> None:
        """Write a file beside its target, unless it stands there already.

        :raises BuildError: the system refused this file or one before.
        """
        self.made[one.path] = Made(one.digest, one.size)
        if one.stat is None and self._is_there(one):
            return
        try:
            flushers = self._begun()
            target = self._targets[one.path] = self._at(one.path)
            flushers.put(target, one.data if one.stat is None else one.stat)
        except OSError as exc:
            raise BuildError(self._explain(exc)) from exc

    def shared(self) -> AbstractContextManager[None]:
        """Let processes that are forked meanwhile ``place`` files that are ``put`` here then."""
        return self._lock.shared()

    def begin(self) -> None:
        """Make ready for other processes: whatever they need to ``place`` files is there.

        :raises BuildError: the system refused.
        """
        try:
            self._begun()
        except OSError as exc:
            raise BuildError(self._explain(exc)) from exc

    def place(self, one: Composed) -> Composed:
        """In another process: write a file beside its target, unless it stands there already.

        :raises BuildError: the system refused.
        """
        if self._is_there(one):
            return one._replace(data=b"")
        try:
            written = write(self._at(one.path), one.data, flushed=False)
        except OSError as exc:
            raise BuildError(self._explain(exc)) from exc
        return one._replace(data=b"", stat=written)

    def _is_there(self, one: Composed) -> bool:
        return self.dry or self._announced.stands(one.path) == one.digest

    def publish(self, plan: Plan) -> Published:
        """Let all that was put come to stand in the tree; where nothing changes, touch nothing.

        :raises BuildError: the system refused. Before the renames the tree stands byte for byte
            as it was; later the pending manifest stays, and the next build mends.
        """
        try:
            stats = self._carry_out(plan) if plan.changes else self._sweep_what_was_announced()
        except OSError as exc:
            raise BuildError(self._explain(exc)) from exc
        self._flushers = None  # nothing is to be taken back any more
        return Published(plan.digest, plan.stats | stats)

    def _begun(self) -> Flushers:
        """The first thing written is the list of all: a killed run always leaves it.

        Then come all folders: beside threads that write, each takes three times as long.
        """
        if self._flushers is None:
            from topicast.publish.flushers import Flushers  # late: few runs write

            self._secure()
            self._sweep()
            self._flushers = Flushers()
            self._make_out()
            write(self._at(MANIFEST), self._announced.pending.encode())
            self._make_folders()
        return self._flushers

    def _carry_out(self, plan: Plan) -> dict[str, Stat]:
        """The order of operations, from where all is written on."""
        from topicast.publish.flushers import take_places  # late: few runs write

        out, manifest, before = self.out, self._at(MANIFEST), self._announced.before
        flushers = self._begun()
        # Before anything changes, for the disk may be full by then.
        flushers.put(self._at(FINAL), plan.encoded)
        written = flushers.finish()
        os.replace(temporary(manifest), manifest)
        flush_folder(out)
        if plan.after.preview:
            ignore_folder(out)
        elif before is not None and before.preview:
            heed_folder(out)
        self._renaming = True
        places = sorted(self._targets, key=lambda path: (path != REGISTRY, path))
        take_places([self._targets[path] for path in places])
        self._remove(plan.remove)
        os.replace(temporary(self._at(FINAL)), manifest)
        flush_folder(out)
        return {path: written[target] for path, target in self._targets.items()}

    def _at(self, path: str) -> str:
        """Where a path of the tree is."""
        return f"{self.out}/{path}"

    def _sweep(self) -> None:
        """Remove the temporary files of a run that was killed, and folders it made for nothing."""
        announced, list_left = self._announced, Path(temporary(self._at(MANIFEST)))
        paths = set(announced.wanted | announced.gone)
        killed = list_left.exists()
        if killed or (announced.before and not announced.before.complete):
            paths |= {*announced.pending.files, *_announced(list_left)}
        if killed or announced.before is None:
            self._lock.sweep()
        for folder in _folders(paths):
            sweep(self.out, folder)
        sweep(self.out, "", spare=list_left.name)
        list_left.unlink(missing_ok=True)  # the last: a sweep that is killed is done again

    def _sweep_what_was_announced(self) -> dict[str, Stat]:
        """A run that was killed may have left something though nothing changes now."""
        if is_there(temporary(self._at(MANIFEST))):
            self._sweep()
        return {}

    def _make_out(self) -> None:
        """The output folder, which others see only when it is locked."""
        if self.out.is_dir():
            return
        for parent in reversed(self.out.parents):
            self._make_folder(parent)
        hidden = Path(temporary(self.out.as_posix()))
        with suppress(FileNotFoundError):
            hidden.rmdir()  # a kill between the next two steps left it, empty
        self._created += [self.out, hidden]
        hidden.mkdir()
        self._lock.adopt(hidden)
        hidden.rename(self.out)

    def _make_folders(self) -> None:
        """The folders of all that is announced, outer ones first."""
        for folder in reversed(_folders(self._announced.wanted)):
            self._make_folder(self.out / folder)

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._created.append(folder)  # first: an interrupt may come between the two
            folder.mkdir()

    def _remove(self, paths: Iterable[str]) -> None:
        """The removals, and the folders in which nothing else was."""
        for path in paths:
            (self.out / path).unlink(missing_ok=True)
        for folder in _folders(paths):
            with suppress(OSError):  # it holds something
                (self.out / folder).rmdir()

    def _explain(self, exc: OSError) -> str:
        where = str(exc.filename2 or exc.filename or self.out)
        if exc.errno not in (errno.EEXIST, errno.ENOTEMPTY):  # then the temporary one is in the way
            where = target_of(where)
        what = exc.strerror or "it cannot be written"
        if self._renaming:
            return f"{where}: {what}; some feeds are new already, the next build mends the others"
        return f"{where}: {what}; the feeds stand as they were; mend that, then build again"


def _folders(paths: Iterable[str]) -> list[str]:
    """The folders of the tree that hold these paths, innermost first."""
    return sorted(folders_holding(paths), key=lambda folder: (-folder.count("/"), folder))


def _announced(file: Path) -> Iterable[str]:
    """The paths in the list that a killed run left; none where it was killed while writing that."""
    try:
        return parse_manifest(read_file(file)).files
    except (OSError, ValueError):
        return ()
