"""Folders of a site that are not for version control say so themselves."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_ALL = b"*\n"  # a .gitignore of every file


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
