"""The SQLite file behind the catalog: opening, the key it is valid under, and its commit.

A catalog is valid under one key (versions and configuration); under another it starts empty. It
commits after the tree was written. Before a file of the tree changes, what was done so far is
secured in it, knowing of no tree, so that a full disk changes nothing.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

_NEW = ".new"
TAKEN_BACK = "taken back"
"""Under this name it is remembered that a text was deleted which may be unpublished now."""


class Spoilt(Exception):  # noqa: N818 - it never leaves a build: without the catalog all is well
    """What readers would see is not what was stored."""


DAMAGE = (sqlite3.Error, msgspec.DecodeError, UnicodeError, Spoilt)
"""What a damaged catalog raises, anywhere. SQLite itself sees broken pages, not what is in them."""

_LAYOUT = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE folder(path TEXT PRIMARY KEY, names TEXT, stamps BLOB, digests BLOB) WITHOUT ROWID;
CREATE TABLE record(
  rec INTEGER PRIMARY KEY, path TEXT, item INTEGER, key BLOB, link BLOB, standing TEXT, id TEXT,
  updated INTEGER, row BLOB, checksum INTEGER);
CREATE INDEX record_path ON record(path);
CREATE TABLE by_path(claim BLOB, rec INTEGER, PRIMARY KEY(claim, rec)) WITHOUT ROWID;
CREATE TABLE shown(rec INTEGER PRIMARY KEY, packed BLOB);
CREATE TABLE topic(
  topic INTEGER PRIMARY KEY, folded TEXT UNIQUE, name TEXT DEFAULT '', entries INTEGER DEFAULT 0,
  updated INTEGER);
CREATE TABLE spelling(name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE member(topic INTEGER, later INTEGER, rec INTEGER);
CREATE TABLE grave(topic INTEGER, later INTEGER, rec INTEGER, PRIMARY KEY(topic, later, rec))
  WITHOUT ROWID;
CREATE TABLE archived(topic INTEGER, month INTEGER, PRIMARY KEY(topic, month)) WITHOUT ROWID;
CREATE TABLE printed(topic INTEGER PRIMARY KEY, recs BLOB);
CREATE TABLE fragment(rec INTEGER PRIMARY KEY, formats TEXT, checksum INTEGER, packed BLOB);
CREATE TABLE due(at INTEGER, rec INTEGER, PRIMARY KEY(at, rec)) WITHOUT ROWID;
CREATE TABLE problem(path TEXT, rec INTEGER, problem BLOB, line INTEGER DEFAULT 0);
CREATE TABLE aside(path TEXT PRIMARY KEY, records INTEGER) WITHOUT ROWID;
INSERT INTO topic(topic, folded) VALUES (0, '');
"""

_SETTLING_IN = """
CREATE UNIQUE INDEX member_place ON member(topic, later, rec);
CREATE INDEX record_key ON record(key);
CREATE INDEX grave_rec ON grave(rec);
CREATE INDEX due_rec ON due(rec);
CREATE INDEX problem_path ON problem(path, rec);
"""


class Opened(NamedTuple):
    """A connection with a transaction open, and how it came to be."""

    db: sqlite3.Connection
    fresh: bool  # it is empty: everything must be read
    why: str  # a line for people where a stored catalog could not be used, else ""
    path: str  # of the file that it becomes or is; "" where it is kept nowhere
    temporary: str  # the new file that is renamed to ``path`` at the end; "" where there is none


def open_stored(path: str, key: bytes, *, anew: bool = False) -> Opened:
    """The catalog at ``path``, ready to change; a new one where none fits ``key`` or with ``anew``.

    Raises: OSError where its folder cannot be written.
    """
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    temporary = path + _NEW
    _remove(temporary)  # a run that was killed left it
    stored, why = (None, "") if anew else _open_valid(path, key)
    if stored is not None:
        stored.execute("PRAGMA secure_delete=ON")
        stored.execute("BEGIN IMMEDIATE")
        return Opened(stored, False, "", path, "")
    # Made by us first: SQLite's own message would not say why a file cannot be made.
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return Opened(_new(temporary, key), True, why, path, temporary)


def open_shared(path: str) -> sqlite3.Connection:
    """What is in the file of a catalog, for another process to read while nobody changes it."""
    return sqlite3.connect(f"{Path(path).as_uri()}?immutable=1", uri=True)


def open_scratch(path: str, key: bytes) -> Opened:
    """A catalog that starts as the one at ``path`` does and is thrown away at the end."""
    stored, why = _open_valid(path, key) if path else (None, "")
    if stored is None:
        return Opened(_new("", key), True, why, "", "")
    db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    stored.backup(db)
    stored.close()
    db.execute("BEGIN")
    return Opened(db, False, "", "", "")


def settle_in(db: sqlite3.Connection) -> None:
    """After a bulk load: what is sorted at once costs less than what is kept so while it grows."""
    db.execute("PRAGMA threads=2")  # that sort, where SQLite was made with them
    for statement in _SETTLING_IN.strip().split("\n"):
        db.execute(statement)


def index_links(db: sqlite3.Connection) -> None:
    """Let records be found by their links, which only some configurations ask for."""
    db.execute("CREATE INDEX IF NOT EXISTS record_link ON record(link) WHERE link <> x''")


def secure(opened: Opened) -> None:
    """Bring what was done to the disk, and go on: what has no room there shows now."""
    opened.db.execute("COMMIT")
    opened.db.execute("BEGIN IMMEDIATE")


def commit(opened: Opened) -> None:
    """Keep what was done. For a new file: only now it takes the old one's place."""
    opened.db.execute("COMMIT")
    temporary = opened.temporary or _scrubbed(opened)
    opened.db.close()
    if temporary:
        # The old file goes before its journal: alone, that would be played into the new one.
        _remove(opened.path)
        os.replace(temporary, opened.path)


def _scrubbed(opened: Opened) -> str:
    """A new file without a trace of the texts that were taken back; "" where none was.

    ``secure_delete`` zeroes what is deleted, but not the copies that lie in the gaps of pages
    since their rows were moved to others. It costs as much as writing the file: only for this.
    """
    taken_back = "SELECT 1 FROM meta WHERE name = ?"
    if not opened.path or not opened.db.execute(taken_back, (TAKEN_BACK,)).fetchone():
        return ""
    temporary = opened.path + _NEW
    opened.db.execute("VACUUM INTO ?", (temporary,))
    with closing(sqlite3.connect(temporary, isolation_level=None)) as db:
        db.execute("DELETE FROM meta WHERE name = ?", (TAKEN_BACK,))
    return temporary


def is_full(error: Exception) -> bool:
    """Whether it says that the disk is full: reading everything anew would not help."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def discard(opened: Opened) -> None:
    """Throw away what was done since opening."""
    with suppress(sqlite3.Error):
        opened.db.rollback()
    opened.db.close()
    if opened.temporary:
        with suppress(OSError):  # what ended the build matters more, and the next one sweeps
            _remove(opened.temporary)


def sweep(path: str) -> None:
    """Remove what an interrupted run left beside the catalog at ``path``. Hold the tree's lock."""
    with suppress(OSError):
        _remove(path + _NEW)


def forget(opened: Opened) -> None:
    """Remove the catalog, as far as that can be done: the next build starts without one."""
    discard(opened)
    if opened.path:
        with suppress(OSError):
            _remove(opened.path)


def _open_valid(path: str, key: bytes) -> tuple[sqlite3.Connection | None, str]:
    if not os.path.isfile(path):
        return None, ""
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            found = db.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
            if found is not None and found[0] == key:
                return db, ""
        except DAMAGE:
            db.close()
            raise
        db.close()
    except DAMAGE:
        return None, "the catalog cannot be read; everything is read anew"
    return None, "the configuration, a flag or a version changed; everything is read anew"


def _new(path: str, key: bytes) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("PRAGMA synchronous=OFF")
    db.executescript(_LAYOUT)
    # executescript commits what is open, so the transaction begins after it.
    db.execute("BEGIN")
    db.execute("INSERT INTO meta VALUES ('key', ?)", (key,))
    return db


def _remove(path: str) -> None:
    for name in (path, path + "-journal"):
        with suppress(FileNotFoundError):
            os.unlink(name)
