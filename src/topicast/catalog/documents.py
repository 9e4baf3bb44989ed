"""What archive documents ask of the catalog: the entries of a topic in a month.

An entry is in a document of each of its topics. One after the other, these ask for it once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from topicast.catalog.feeds import Shown, by_format, look_up, sound_fragments
from topicast.catalog.months import Month, first_of
from topicast.catalog.store import Spoilt
from topicast.records.model import Micros

_AT_HAND = 16 * 1024 * 1024  # bytes
_KNOWN = """SELECT r.rec, r.id, r.updated, f.checksum, f.packed
    FROM record r LEFT JOIN fragment f ON f.rec = r.rec WHERE r.rec IN"""


class _Known(NamedTuple):
    id: str
    updated: Micros
    fragments: Mapping[str, bytes]


class Months:
    """The entries of one month at a time, as they are in a catalog that does not change."""

    def __init__(self) -> None:
        self._month: Month | None = None
        self._known: dict[int, _Known] = {}
        self._size = 0  # of their fragments, in bytes

    def printed(
        self, db: sqlite3.Connection, topic: int, month: Month, formats: Sequence[str]
    ) -> tuple[list[Shown], list[list[bytes]]]:
        """The entries of ``topic`` in ``month``, in the order of a feed, and their fragments.

        Raises: Spoilt where a fragment is not what was stored.
        """
        if month != self._month or self._size > _AT_HAND:
            self._month, self._known, self._size = month, {}, 0
        query = "SELECT later, rec FROM member WHERE topic = ? AND later > ? AND later <= ?"
        rows = db.execute(query, (topic, -first_of(month + 1), -first_of(month))).fetchall()
        known = self._known
        asked = [rec for _, rec in rows if rec not in known]
        for rec, id, updated, checksum, packed in look_up(db, _KNOWN, asked):
            known[rec] = _Known(id, updated, sound_fragments(checksum, packed))
            self._size += len(packed)
        try:
            shown = sorted([Shown(at, known[rec].id, rec, known[rec].updated) for at, rec in rows])
        except KeyError:  # a member that is no record
            raise Spoilt from None
        return shown, by_format([known[one.rec].fragments for one in shown], formats)
