"""The only reader of record files: their bytes, and the stamps that tell whether they changed.

Paths are from SEEDS on, with ``/``. A stamp is what ``stat`` says of a file; two stamps are
compared for being equal, never for order, because clocks go back.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from operator import attrgetter

import msgspec

from topicast.problems import BuildError, Level, Problem

MAX_FILE = 16 * 1024 * 1024
_STAMP = struct.Struct("<qqqQ")
STAMP_SIZE = _STAMP.size
_RACY_NS = 2_000_000_000
# Whether files can be named from an open folder on: the system looks up the folder only once then.
_FROM_FOLDER = os.scandir in os.supports_fd and {os.open, os.stat} <= os.supports_dir_fd
# The trouble of this process, whatever it reads; a record that is as it was must not look gone.
_OUR_OWN = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_REFUSED = (errno.EACCES, errno.EPERM)
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_OPEN_FLAGS |= getattr(os, "O_BINARY", 0)


class Contents(msgspec.Struct, frozen=True, gc=False):
    """The bytes of a file and the stamp that they were read under."""

    data: bytes
    stamp: bytes


class Unreadable(Exception):  # noqa: N818 - it becomes a Problem, not an error of its own
    """A file that cannot be taken; carries the Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def problem_of(path: str, expected: str, remedy: str, level: Level = Level.ERROR) -> Problem:
    """What is wrong with a file as a whole."""
    return Problem(path, 0, "", expected, remedy, level)


def stamp_of_problem(problem: Problem) -> bytes:
    return blake2b(str(problem).encode("utf-8", "replace"), digest_size=STAMP_SIZE).digest()


values_of = attrgetter("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")
"""What a stamp is made of."""


def _stamp(info: os.stat_result) -> bytes:
    return _STAMP.pack(*values_of(info))


def stamps_of(values: Sequence[int]) -> bytes:
    """The stamps of many files, one after the other, from the ``values_of`` each."""
    return struct.pack("<" + "qqqQ" * (len(values) // 4), *values)


def settled(stamp: bytes, start_ns: int) -> bytes:
    """The stamp to remember: one that never matches where the file may change unseen.

    A file edited within the clock's tick after it was read keeps its stamp; so whatever is not
    older than the run's start by 2 s is read again next time, and its digest decides.
    """
    _, mtime, ctime, inode = _STAMP.unpack(stamp)
    return stamp if mtime < start_ns - _RACY_NS else _STAMP.pack(-1, mtime, ctime, inode)


@contextmanager
def opened_folder(folder: str) -> Iterator[int | None]:
    """A descriptor of ``folder``; None where the system has no use for one."""
    if not _FROM_FOLDER:
        yield None
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read(root: str, path: str, folder: int | None = None) -> Contents:
    """The bytes of one file and their stamp, taken on one descriptor before and after reading.

    By the descriptor of its ``folder`` it is found sooner. Raises: Unreadable, with the Problem,
    where it is no plain file, too large, or keeps changing; BuildError where this process can read
    nothing more.
    """
    name = f"{root}/{path}" if folder is None else path.rpartition("/")[2]
    try:
        for _ in range(5):
            contents = _read_once(name, folder, path)
            if contents is not None:
                return contents
    except FileNotFoundError:
        remedy = "build again when it is still"
        raise Unreadable(problem_of(path, "is gone since its folder was listed", remedy)) from None
    except OSError as error:
        if error.errno in _OUR_OWN:
            raise BuildError(
                f"{path}: cannot be read: {error.strerror}; the old feeds stand; "
                "give the process more open files or memory, then build again"
            ) from None
        remedy = "check its permissions" if error.errno in _REFUSED else "check its disk"
        raise Unreadable(problem_of(path, f"cannot be read: {error.strerror}", remedy)) from None
    raise Unreadable(problem_of(path, "changed while it was read", "build again when it is still"))


def read_beside(path: str) -> bytes:
    """The bytes of a file that is no record but shapes the feeds, such as the configuration.

    Raises: OSError where it cannot be read, is no plain file (a pipe in its place must not make a
    build wait), or is too large.
    """
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        info = os.fstat(descriptor)
        if stat.S_ISDIR(info.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "is no plain file", path)
        if info.st_size > MAX_FILE:
            raise OSError(errno.EFBIG, "is over 16 MB", path)
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def is_there(path: str) -> bool:
    """Whether there is anything at ``path``. Raises: OSError where the system cannot tell."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _read_once(name: str, folder: int | None, path: str) -> Contents | None:
    descriptor = os.open(name, _OPEN_FLAGS, dir_fd=folder)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise Unreadable(problem_of(path, "is no plain file", "remove it, or exclude it"))
        if before.st_size > MAX_FILE:
            raise Unreadable(problem_of(path, "is over 16 MB", "split it, or exclude it"))
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
