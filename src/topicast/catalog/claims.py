"""Records that lost their stem to another and go by their path: which, and what ids they claim."""

from __future__ import annotations

import sqlite3

from topicast.catalog.contention import Contender, path_ids
from topicast.catalog.rows import short_hash

OF_CLAIM = "WHERE rec IN (SELECT rec FROM by_path WHERE claim = ?)"


def set_lost(db: sqlite3.Connection, one: Contender, lost: bool) -> set[bytes]:
    """Note whether a record lost its stem. Gives the claims that must be decided for it, as keys.

    That is all of its claims where it lost, and where it did until now: somebody may take them.
    """
    keys = {short_hash(id) for id in path_ids(one)}
    change = "INSERT OR IGNORE INTO by_path VALUES (?, ?)"
    if not lost:
        change = "DELETE FROM by_path WHERE claim = ? AND rec = ?"
    changed = db.executemany(change, [(key, one.rec) for key in keys]).rowcount > 0
    return keys if lost or changed else set()


def taken(db: sqlite3.Connection, one: Contender) -> list[str]:
    """Those of the ids by its path that are a record's stem or written ``id``."""
    query = "SELECT 1 FROM record WHERE key = ? LIMIT 1"
    return [id for id in path_ids(one) if db.execute(query, (short_hash(id),)).fetchone()]
