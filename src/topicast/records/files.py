"""The only reader of record files: which there are, whether they changed, and their bytes.

Paths are from SEEDS on, with ``/``. A stamp is what ``stat`` says of a file; two stamps are
compared for being equal, never for order, because clocks go back.
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from hashlib import blake2b
from typing import NamedTuple

from topicast.problems import BuildError, Level, Problem, printable

SUFFIXES = (".md", ".markdown", ".html", ".txt", ".yaml", ".yml", ".json", ".jsonl")
MAX_FILE = 16 * 1024 * 1024
_STAMP = struct.Struct("<qqqq")
STAMP_SIZE = _STAMP.size
_RACY_NS = 2_000_000_000
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Folder(NamedTuple):
    """One folder of SEEDS: its path ("" at the top) and the sorted names of its record files.

    ``problems`` has, by name, what stands there but cannot be read at all. ``stamps`` are those
    of all of them by name, where they were asked for; a problem has one too, made of its text.
    """

    path: str
    names: list[str]
    problems: dict[str, Problem]
    stamps: dict[str, bytes]

    def path_of(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name


class Contents(NamedTuple):
    """The bytes of a file and the stamp that they were read under."""

    data: bytes
    stamp: bytes


class Unreadable(Exception):  # noqa: N818 - it becomes a Problem, not an error of its own
    """A file that cannot be taken; carries the Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def walk(
    root: str,
    wanted: Callable[[str], bool],
    skipped: Collection[str] = (),
    *,
    stamped: bool = True,
) -> Iterator[Folder]:
    """Every folder below ``root`` that holds record files, the top first.

    Hidden files and folders are skipped, and so is what ``wanted`` refuses and the folders in
    ``skipped`` (feed trees, which may lie among the records). Symbolic links to
    folders are not followed (they loop); one to a file is, while it stays inside ``root``.
    ``stamped`` asks for the stamps, which cost a call of the system for each file.

    Raises: BuildError where ``root`` is missing or a folder cannot be listed: a mount that
    failed must not look like an archive that was emptied.
    """
    real_root = os.path.realpath(root)
    pending = [""]
    while pending:
        listing = _Listing(pending.pop(), real_root, wanted, stamped)
        try:
            with os.scandir(os.path.join(root, listing.path)) as entries:
                for entry in entries:
                    listing.add(entry)
        except OSError as error:
            raise BuildError(
                f"{os.path.join(root, listing.path).rstrip('/')}: cannot be read: "
                f"{error.strerror}; check that it exists, is mounted and readable, then build again"
            ) from None
        folders = [folder for folder in listing.folders if folder not in skipped]
        pending.extend(sorted(folders, reverse=True))
        if listing.names or listing.problems or not listing.path:
            yield listing.folder()


class _Listing:
    """What one folder holds, as it is read."""

    def __init__(
        self, path: str, real_root: str, wanted: Callable[[str], bool], stamped: bool
    ) -> None:
        self.path = path
        self.names: list[str] = []
        self.problems: dict[str, Problem] = {}
        self.folders: list[str] = []
        self._prefix = f"{path}/" if path else ""
        self._real_root = real_root
        self._wanted = wanted
        self._stamped = stamped
        self._stamps: dict[str, bytes] = {}

    def add(self, entry: os.DirEntry[str]) -> None:
        name = entry.name
        if name[0] == ".":
            return
        # The usual case first, in few calls: an archive has many thousand of it.
        if name.endswith(SUFFIXES) and name.isascii() and entry.is_file(follow_symlinks=False):
            if self._wanted(self._prefix + name):
                self._take(entry)
            return
        if not name.isascii():
            _refuse_locale()
        if entry.is_symlink():
            self._add_link(entry)
        elif entry.is_dir():
            self.folders.append(self._prefix + name)
        elif self._is_record(name):
            if _is_text(name):
                self._take(entry)
            else:
                shown = printable(self._prefix + name)
                fault = _problem(shown, "a file name that is not UTF-8", "rename the file")
                self.problems[os.path.basename(shown)] = fault

    def folder(self) -> Folder:
        self.names.sort()
        stamps = dict(sorted(self._stamps.items())) if self._stamped else {}
        if self._stamped and self.problems:
            stamps |= {name: stamp_of_problem(fault) for name, fault in self.problems.items()}
            stamps = dict(sorted(stamps.items()))
        return Folder(self.path, self.names, self.problems, stamps)

    def _is_record(self, name: str) -> bool:
        return name.lower().endswith(SUFFIXES) and self._wanted(self._prefix + name)

    def _take(self, entry: os.DirEntry[str]) -> None:
        self.names.append(entry.name)
        if self._stamped:
            # A file that is gone by now has no stamp: it counts as gone.
            with suppress(OSError):
                self._stamps[entry.name] = _stamp(entry.stat())

    def _add_link(self, entry: os.DirEntry[str]) -> None:
        path = self._prefix + entry.name
        fault = _link_fault(entry.path, self._real_root)
        if os.path.isdir(entry.path):
            level = Level.ERROR if fault and self._wanted(path) else Level.WARNING
            fault = fault or "a symbolic link to a folder, which is not followed"
            self.problems[entry.name] = _problem(path, fault, "put the folder itself here", level)
        elif self._is_record(entry.name):
            if fault:
                self.problems[entry.name] = _problem(path, fault, "put the file itself here")
            else:
                self._take(entry)


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


def _problem(path: str, expected: str, remedy: str, level: Level = Level.ERROR) -> Problem:
    return Problem(path, 0, "", expected, remedy, level)


def stamp_of_problem(problem: Problem) -> bytes:
    return blake2b(str(problem).encode("utf-8", "replace"), digest_size=STAMP_SIZE).digest()


def _stamp(info: os.stat_result) -> bytes:
    return _STAMP.pack(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def settled(stamp: bytes, start_ns: int) -> bytes:
    """The stamp to remember: one that never matches where the file may change unseen.

    A file edited within the clock's tick after it was read keeps its stamp; so whatever is not
    older than the run's start by 2 s is read again next time, and its digest decides.
    """
    _, mtime, ctime, inode = _STAMP.unpack(stamp)
    return stamp if mtime < start_ns - _RACY_NS else _STAMP.pack(-1, mtime, ctime, inode)


def read(root: str, path: str) -> Contents:
    """The bytes of one file and their stamp, taken on one descriptor before and after reading.

    Raises: Unreadable, with the Problem, where it is no plain file, too large, or keeps changing.
    """
    full = f"{root}/{path}"
    try:
        for _ in range(5):
            contents = _read_once(full, path)
            if contents is not None:
                return contents
    except OSError as error:
        problem = _problem(path, f"cannot be read: {error.strerror}", "check its permissions")
        raise Unreadable(problem) from None
    raise Unreadable(_problem(path, "changed while it was read", "build again when it is still"))


def _read_once(full: str, path: str) -> Contents | None:
    descriptor = os.open(full, _OPEN_FLAGS)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise Unreadable(_problem(path, "is no plain file", "remove it, or exclude it"))
        if before.st_size > MAX_FILE:
            raise Unreadable(_problem(path, "is over 16 MB", "split it, or exclude it"))
        data = os.read(descriptor, before.st_size + 1)
        while len(data) < before.st_size:
            more = os.read(descriptor, before.st_size + 1 - len(data))
            if not more:
                break
            data += more
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    stamp = _stamp(before)
    same = len(data) == before.st_size and _stamp(after) == stamp
    return Contents(data, stamp) if same else None
