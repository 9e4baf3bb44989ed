"""Temporary files: ``.{name}.topicast-tmp`` beside their target, written whole and flushed.

Paths of files are text here: a tree with archives has tens of thousands, and pathlib takes longer
to name a file than the system to rename it.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from topicast.publish.disk import stat_of
from topicast.publish.plan import Stat

SUFFIX = ".topicast-tmp"


def temporary(target: str) -> str:
    """Where a file is written before it is renamed to ``target``, a path with ``/``."""
    folder, slash, name = target.rpartition("/")
    return f"{folder}{slash}.{name}{SUFFIX}"


def target_of(file: str) -> str:
    """What a temporary file is for; any other path is its own."""
    if not file.endswith(SUFFIX):
        return file
    folder, name = os.path.split(file)
    return os.path.join(folder, name[1:].removesuffix(SUFFIX))


def write(target: str, data: bytes, *, flushed: bool = True) -> Stat:
    """Write a file beside its target and, unless somebody else does it, flush it to the disk.

    :returns: the stat that it will have when it has been renamed there.
    :raises OSError: it could not be written; ``filename`` names it.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        fd = os.open(temporary(target), flags, 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            if flushed:
                os.fsync(fd)
            return stat_of(os.fstat(fd))
        finally:
            os.close(fd)
    except OSError as exc:
        exc.filename = exc.filename or target
        raise


def flush(target: str) -> None:
    """Flush what was written beside ``target``.

    :raises OSError: it could not be; ``filename`` names it.
    """
    try:
        fd = os.open(temporary(target), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as exc:
        exc.filename = exc.filename or target
        raise


def sweep(out: Path, folder: str, *, spare: str = "") -> None:
    """Remove the temporary files in a folder of the tree, and the folder if it is empty then.

    ``""`` is the tree itself, which always stays. Never through a symbolic link: what that leads
    to is not the tree's.

    :param spare: the name of one that stays.
    :raises OSError: one cannot be removed.
    """
    place = out
    for segment in folder.split("/") if folder else ():
        place /= segment
        try:
            if not stat.S_ISDIR(place.lstat().st_mode):
                return
        except (FileNotFoundError, NotADirectoryError):
            return
    try:
        names = os.listdir(place)
    except FileNotFoundError:
        return
    for name in names:
        if name.startswith(".") and name.endswith(SUFFIX) and name != spare:
            with suppress(IsADirectoryError, PermissionError):  # a folder is nobody's leftover
                (place / name).unlink()
    if folder:
        with suppress(OSError):  # it holds something
            place.rmdir()


def flush_folder(folder: Path) -> None:
    """Let renames reach the disk, where the system can flush a folder."""
    with suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
