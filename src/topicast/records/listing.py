"""Which record files there are, folder by folder, with their stamps.

Paths are from SEEDS on, with ``/``. Nothing is read here but folders.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from topicast.problems import BuildError, Level, Problem, as_text
from topicast.records.files import (
    STAMP_SIZE,
    opened_folder,
    problem_of,
    stamp_of_problem,
    stamps_of,
    values_of,
)
from topicast.records.selection import everything

SUFFIXES = (".md", ".markdown", ".html", ".txt", ".yaml", ".yml", ".json", ".jsonl")
_UNKNOWN = (-1, 0, 0, 0)  # as ``values_of``: equal to none that is known


class Folder(NamedTuple):
    """One folder of SEEDS: its path ("" at the top) and the sorted names of its record files.

    ``problems`` has, by name, what of them cannot be read at all. ``stamps`` are those of all of
    them, one after the other, where they were asked for; a problem has one made of its text.
    """

    path: str
    names: list[str]
    problems: dict[str, Problem]
    stamps: bytes

    def path_of(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name


class Listed(NamedTuple):
    """A folder, and the sorted paths of the folders in it."""

    folder: Folder
    folders: list[str]


class Place(NamedTuple):
    """The folder of records, and what counts in it.

    ``wanted`` says it of a path. ``stamped`` asks for the stamps, which cost a call of the system
    for each file.
    """

    root: str
    wanted: Callable[[str], bool]
    stamped: bool = True


Lister: TypeAlias = Callable[[str, Sequence[str]], Listed]
"""Gives what one folder holds; it is told, too, which ones follow it, the next one last."""


def walk(list_one: Lister, skipped: Collection[str] = ()) -> Iterator[Folder]:
    """Every folder that holds record files, the top first.

    The folders in ``skipped`` are passed over (feed trees, which may lie among the records).
    """
    pending = [""]
    while pending:
        path = pending.pop()
        folder, folders = list_one(path, pending)
        pending += [below for below in reversed(folders) if below not in skipped]
        if folder.names or not path:
            yield folder


def list_folder(place: Place, path: str) -> Listed:
    """What one folder holds.

    Hidden files and folders are skipped, and so are files that are not wanted. Symbolic links to
    folders are not followed (they loop); one to a file is, while it stays inside the root.

    Raises: BuildError where the folder cannot be listed: a mount that failed must not look like
    an archive that was emptied.
    """
    full = os.path.join(place.root, path)
    listing = _Listing(place, path, full)
    try:
        with opened_folder(full) as descriptor:
            with os.scandir(full if descriptor is None else descriptor) as entries:
                listing.take(entries)
            return listing.listed(descriptor)
    except OSError as error:
        raise BuildError(
            f"{full.rstrip('/')}: cannot be read: "
            f"{error.strerror}; check that it exists, is mounted and readable, then build again"
        ) from None


class _Listing:
    """What one folder holds, as it is read."""

    def __init__(self, place: Place, path: str, full: str) -> None:
        self._place = place
        self._path = path
        self._full = full
        self._prefix = f"{path}/" if path else ""
        self._real_root = ""  # looked up for the first link
        self._names: list[str] = []
        self._problems: dict[str, Problem] = {}
        self._folders: list[str] = []

    def take(self, entries: Iterator[os.DirEntry[str]]) -> None:
        names, suffixes = self._names, SUFFIXES
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            # The usual case in few calls: an archive has many thousand of it.
            if name.endswith(suffixes) and name.isascii() and entry.is_file(follow_symlinks=False):
                names.append(name)
            else:
                self._take_unusual(entry)
        wanted, prefix = self._place.wanted, self._prefix
        if wanted is not everything:
            names = [name for name in names if wanted(prefix + name)]
        self._names = sorted(names)

    def listed(self, descriptor: int | None) -> Listed:
        """All of it, with stamps. A file that is gone by now was not there."""
        names, stamps = self._names, b""
        if self._place.stamped:
            names, stamps = self._stamped(descriptor)
        if self._problems:
            size = STAMP_SIZE
            known = {name: stamps[at * size : (at + 1) * size] for at, name in enumerate(names)}
            known |= {name: stamp_of_problem(fault) for name, fault in self._problems.items()}
            names = sorted(known)
            if self._place.stamped:
                stamps = b"".join(known[name] for name in names)
        return Listed(Folder(self._path, names, self._problems, stamps), sorted(self._folders))

    def _stamped(self, descriptor: int | None) -> tuple[list[str], bytes]:
        names: list[str] = []
        values: list[int] = []
        before = "" if descriptor is not None else f"{self._full}/"
        stat, values_in = os.stat, values_of
        for name in self._names:
            try:
                values += values_in(stat(before + name, dir_fd=descriptor))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:  # it is there: reading it will say what is wrong
                values += _UNKNOWN
            names.append(name)
        return names, stamps_of(values)

    def _take_unusual(self, entry: os.DirEntry[str]) -> None:
        name = entry.name
        if not name.isascii():
            _refuse_locale()
        if not _is_text(name):
            self._refuse(name, entry.is_dir())
        elif entry.is_symlink():
            self._take_link(name)
        elif entry.is_dir():
            self._folders.append(self._prefix + name)
        elif name.lower().endswith(SUFFIXES):
            self._names.append(name)

    def _refuse(self, name: str, is_folder: bool) -> None:
        """No store, no feed and no message can hold a name that is not UTF-8."""
        what = "folder" if is_folder else "file"
        wanted = self._place.wanted(self._prefix + name)
        if is_folder or (wanted and name.lower().endswith(SUFFIXES)):
            shown = as_text(self._prefix + name)
            level = Level.ERROR if wanted else Level.WARNING
            expected, remedy = f"a {what} name that is not UTF-8", f"rename the {what}"
            self._problems[os.path.basename(shown)] = problem_of(shown, expected, remedy, level)

    def _take_link(self, name: str) -> None:
        path, full = self._prefix + name, os.path.join(self._full, name)
        self._real_root = self._real_root or os.path.realpath(self._place.root)
        fault = _link_fault(full, self._real_root)
        if os.path.isdir(full):
            level = Level.ERROR if fault and self._place.wanted(path) else Level.WARNING
            fault = fault or "a symbolic link to a folder, which is not followed"
            self._problems[name] = problem_of(path, fault, "put the folder itself here", level)
        elif name.lower().endswith(SUFFIXES):
            if not fault:
                self._names.append(name)
            elif self._place.wanted(path):
                self._problems[name] = problem_of(path, fault, "put the file itself here")


def _link_fault(path: str, real_root: str) -> str:
    try:
        target = os.path.realpath(path, strict=True)
    except OSError:
        return "a symbolic link that leads nowhere or in a circle"
    if os.path.commonpath([target, real_root]) != real_root:
        return "a symbolic link that leads outside of the records"
    return ""


def _refuse_locale() -> None:
    """Where names are not read as UTF-8, one that is not ASCII would give another id.

    Raises: BuildError there.
    """
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        raise BuildError(
            f"the locale has names of files in {encoding}, in which some records would be others;"
            " set PYTHONUTF8=1, then build again"
        )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
