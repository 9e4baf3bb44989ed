"""Which files changed since the catalog: one packed row a folder, compared as a whole first."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from topicast.records.files import STAMP_SIZE
from topicast.records.listing import Folder

DIGEST_SIZE = 16
_NO_DIGEST = bytes(DIGEST_SIZE)


class Known(NamedTuple):
    """What the catalog knows of a folder: of each name its stamp, and the digest of its bytes."""

    stamps: dict[str, bytes]
    digests: dict[str, bytes]


class Changes(NamedTuple):
    """What to do about one folder."""

    known: Known
    read: list[str]  # names whose stamp is not the known one
    gone: list[str]


def changes_in(db: sqlite3.Connection, folder: Folder) -> Changes | None:
    """What changed in ``folder``; None where it is as it was, which is the usual case."""
    row = db.execute("SELECT names, stamps FROM folder WHERE path = ?", (folder.path,)).fetchone()
    if row == ("\0".join(folder.names), folder.stamps):
        return None
    known = known_files(db, folder.path)
    stamps = _unpack(folder.names, folder.stamps, STAMP_SIZE)
    read = [name for name, stamp in stamps.items() if known.stamps.get(name) != stamp]
    return Changes(known, read, [name for name in known.stamps if name not in stamps])


def known_files(db: sqlite3.Connection, folder: str) -> Known:
    """What is known of the files of ``folder``."""
    query = "SELECT names, stamps, digests FROM folder WHERE path = ?"
    row = db.execute(query, (folder,)).fetchone()
    if row is None or not row[0]:
        return Known({}, {})
    names = row[0].split("\0")
    return Known(_unpack(names, row[1], STAMP_SIZE), _unpack(names, row[2], DIGEST_SIZE))


def remember_files(db: sqlite3.Connection, folder: str, known: Known) -> None:
    """Store what is known of the files of ``folder``, sorted by name."""
    names = sorted(known.stamps)
    db.execute(
        "INSERT OR REPLACE INTO folder VALUES (?, ?, ?, ?)",
        (
            folder,
            "\0".join(names),
            b"".join(known.stamps[name] for name in names),
            b"".join(known.digests.get(name) or _NO_DIGEST for name in names),
        ),
    )


def count_known(db: sqlite3.Connection) -> int:
    """How many files are known, near enough."""
    size = db.execute("SELECT total(length(stamps)) FROM folder").fetchone()[0]
    return int(size) // STAMP_SIZE


def known_folders(db: sqlite3.Connection) -> set[str]:
    return {path for (path,) in db.execute("SELECT path FROM folder")}


def forget_folder(db: sqlite3.Connection, folder: str) -> None:
    db.execute("DELETE FROM folder WHERE path = ?", (folder,))


def _unpack(names: list[str], packed: bytes, size: int) -> dict[str, bytes]:
    return {name: packed[at * size : at * size + size] for at, name in enumerate(names)}
