"""Carries a ``Plan`` out so that a kill, a full disk or a reader at any moment finds whole files.

The order is that of section 8 of the specification: every new file is written beside its target
and flushed; the pending manifest; the renames; the removals; the final manifest.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from topicast.problems import BuildError
from topicast.publish.lock import Lock
from topicast.publish.manifest import MANIFEST, REGISTRY, parse_manifest
from topicast.publish.plan import Plan, Stat, folders_of
from topicast.publish.temporary import flush_folder, sweep, target_of, temporary, write_all

FINAL = (
    f"{MANIFEST}.final"  # a name of its own while the pending manifest waits under the usual one
)
_ALL = b"*\n"  # a .gitignore of every file


class Published(msgspec.Struct, frozen=True):
    """What the tree is after a build: what the catalog remembers of it."""

    manifest: str  # the digest of manifest.json
    stats: dict[str, Stat]  # of the files written, and of those looked at and kept


def carry_out(plan: Plan, lock: Lock) -> Published:
    """Do to the tree what the plan says; where it says nothing, touch nothing.

    :raises BuildError: the system refused. Before the renames the tree stands byte for byte as it
        was; later the pending manifest stays, and the next build mends.
    """
    draft = _Draft(plan, lock)
    try:
        stats = draft.publish()
    except OSError as exc:
        draft.discard()
        raise BuildError(draft.explain(exc)) from exc
    except BaseException:
        draft.discard()
        raise
    return Published(plan.digest, plan.stats | stats)


def ignore_folder(folder: Path) -> None:
    """Keep a folder out of version control: a ``.gitignore`` in it, unless there is one.

    :raises OSError: it cannot be written.
    """
    file = folder / ".gitignore"
    with suppress(FileNotFoundError):
        if file.lstat().st_size:
            return
    # An empty one is what a kill leaves. Two processes may be here at once: they write the same.
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(file, flags, 0o666), "wb") as stream:
        stream.write(_ALL)


def heed_folder(folder: Path) -> None:
    """Undo ``ignore_folder``: a ``.gitignore`` that says more than that stays.

    :raises OSError: it cannot be read or removed.
    """
    file = folder / ".gitignore"
    with suppress(FileNotFoundError):
        if file.read_bytes() == _ALL:
            file.unlink()


class _Draft:
    """One plan on its way, and what must be taken back if it fails."""

    def __init__(self, plan: Plan, lock: Lock) -> None:
        self.plan = plan
        self.lock = lock
        self.out = lock.path
        self.made: list[Path] = []  # folders, in the order of making
        self.renaming = False

    def publish(self) -> dict[str, Stat]:
        """The order of operations. Returns the stats of the files that were written."""
        plan, out, manifest = self.plan, self.out, self.at(MANIFEST)
        self.sweep()
        if not plan.changes:
            return {}
        self.make_out()
        # The first thing written is the list of all: a killed run always leaves it. The final
        # manifest is written before anything changes too, for the disk may be full by then.
        write_all([(manifest, plan.pending.encode)])
        for folder in reversed(_folders(plan.write)):
            self.make_folder(out / folder)
        files = {path: self.at(path) for path in plan.write}
        written = write_all(
            [(self.at(FINAL), plan.after.encode)]
            + [(file, partial(plan.write.__getitem__, path)) for path, file in files.items()]
        )
        os.replace(temporary(manifest), manifest)
        flush_folder(out)
        if plan.after.preview:
            ignore_folder(out)
        elif plan.before is not None and plan.before.preview:
            heed_folder(out)
        self.renaming = True
        for path in sorted(files, key=lambda path: (path != REGISTRY, path)):
            os.replace(temporary(files[path]), files[path])
        self.remove()
        os.replace(temporary(self.at(FINAL)), manifest)
        flush_folder(out)
        return {path: written[file] for path, file in files.items()}

    def at(self, path: str) -> str:
        """Where a path of the tree is."""
        return f"{self.out}/{path}"

    def sweep(self) -> None:
        """Remove the temporary files of a run that was killed, and folders it made for nothing."""
        plan, list_left = self.plan, Path(temporary(self.at(MANIFEST)))
        paths = {*plan.write, *plan.remove}
        if list_left.exists() or (plan.before is not None and not plan.before.complete):
            paths |= {*plan.pending.files, *plan.after.files, *_announced(list_left)}
        elif not plan.changes:
            return
        for folder in _folders(paths):
            sweep(self.out, folder)
        sweep(self.out, "", spare=list_left.name)
        list_left.unlink(missing_ok=True)  # the last: a sweep that is killed is done again

    def make_out(self) -> None:
        """The output folder, which others see only when it is locked."""
        if self.out.is_dir():
            return
        for parent in reversed(self.out.parents):
            self.make_folder(parent)
        hidden = Path(temporary(str(self.out)))
        with suppress(FileNotFoundError):
            hidden.rmdir()  # a kill between the next two steps left it, empty
        self.made += [self.out, hidden]
        hidden.mkdir()
        self.lock.adopt(hidden)
        hidden.rename(self.out)

    def make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self.made.append(folder)  # first: an interrupt may come between the two
            folder.mkdir()

    def remove(self) -> None:
        """The removals, and the folders in which nothing else was."""
        for path in self.plan.remove:
            (self.out / path).unlink(missing_ok=True)
        for folder in _folders(self.plan.remove):
            with suppress(OSError):  # it holds something
                (self.out / folder).rmdir()

    def discard(self) -> None:
        """Take back what was not renamed: after a failure nothing new is left."""
        names = [*self.plan.write, FINAL, MANIFEST]
        for name in names:
            with suppress(OSError):
                os.unlink(temporary(self.at(name)))
        for folder in reversed(self.made):
            with suppress(OSError):
                folder.rmdir()

    def explain(self, exc: OSError) -> str:
        where = str(exc.filename2 or exc.filename or self.out)
        if exc.errno not in (errno.EEXIST, errno.ENOTEMPTY):  # then the temporary one is in the way
            where = target_of(where)
        what = exc.strerror or "it cannot be written"
        if self.renaming:
            return f"{where}: {what}; some feeds are new already, the next build mends the others"
        return f"{where}: {what}; the feeds stand as they were"


def _folders(paths: Iterable[str]) -> list[str]:
    """The folders of the tree that hold these paths, innermost first."""
    folders = {folder for path in paths for folder in folders_of(path)}
    return sorted(folders, key=lambda folder: (-folder.count("/"), folder))


def _announced(file: Path) -> Iterable[str]:
    """The paths in the list that a killed run left; none where it was killed while writing that."""
    try:
        return parse_manifest(file.read_bytes()).files
    except (OSError, ValueError):
        return ()
