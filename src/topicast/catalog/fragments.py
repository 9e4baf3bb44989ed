"""Fragments: the bytes of entries, one for each format and content setting.

One is there only while it holds: whatever changes a record's standing takes its fragments away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from topicast.catalog.feeds import Shown, marks, sound
from topicast.catalog.rows import checksum_of, unpack_row
from topicast.catalog.store import Spoilt
from topicast.records.model import Micros

_LOT = 200  # entries that are looked up in one query
_AT_HAND = 16 * 1024 * 1024  # bytes


class ToRender(NamedTuple):
    """An entry whose fragments are missing."""

    rec: int
    id: str
    updated: Micros
    record: bytes  # packed
    topics: tuple[str, ...]  # names as written


class Fragments:
    """The fragments in the catalog. What a run has just made is at hand, as far as there is room.

    An entry is in the feeds of several topics: from nothing each would be looked up for each.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._at_hand: dict[int, dict[str, bytes]] = {}
        self._room = _AT_HAND

    def missing(self, recs: Sequence[int], formats: Sequence[str]) -> Iterator[ToRender]:
        """Those of ``recs`` that lack a fragment in one of ``formats``.

        Raises: Spoilt where one is not what was stored.
        """
        for start in range(0, len(recs), _LOT):
            lot = recs[start : start + _LOT]
            have: dict[int, set[str]] = {rec: set() for rec in lot}
            query = f"SELECT rec, format FROM fragment WHERE rec IN ({marks(lot)})"  # noqa: S608
            for rec, format in self._db.execute(query, lot):
                have[rec].add(format)
            yield from self._to_render([rec for rec in lot if not have[rec].issuperset(formats)])

    def _to_render(self, recs: Sequence[int]) -> Iterator[ToRender]:
        query = f"""SELECT rec, id, updated, checksum, row, packed
            FROM record JOIN shown USING (rec) WHERE rec IN ({marks(recs)})"""  # noqa: S608
        found = {row[0]: row for row in self._db.execute(query, recs)}
        for rec in recs:
            match found.get(rec):
                case (_, id, updated, stored, bytes(row), bytes(packed)) if (
                    checksum_of(row, packed) == stored
                ):
                    yield ToRender(rec, id, updated, packed, unpack_row(row).topics)
                case _:
                    raise Spoilt

    def put(self, made: Sequence[tuple[int, list[bytes]]], formats: Sequence[str]) -> None:
        """Keep the fragments of entries: record, and its fragments in the order of ``formats``."""
        rows = [
            (rec, format, crc32(fragment), fragment)
            for rec, fragments in made
            for format, fragment in zip(formats, fragments, strict=True)
        ]
        self._db.executemany("INSERT OR REPLACE INTO fragment VALUES (?, ?, ?, ?)", rows)
        if self._room > 0:
            for rec, fragments in made:
                self._at_hand[rec] = dict(zip(formats, fragments, strict=True))
                self._room -= sum(map(len, fragments))

    def drop_unprinted(self, recs: Iterable[int], spared: Collection[str]) -> None:
        """Drop the fragments of those of ``recs`` that no feed prints.

        Not those of the formats ``spared``: archives print every entry that is shown.
        """
        drop = f"""DELETE FROM fragment WHERE rec = ? AND format NOT IN ({marks([*spared])})
            AND NOT EXISTS (SELECT 1 FROM printed WHERE printed.rec = fragment.rec)"""  # noqa: S608
        self._db.executemany(drop, [(rec, *spared) for rec in recs])

    def of(
        self, db: sqlite3.Connection, shown: Sequence[Shown], formats: Sequence[str]
    ) -> list[list[bytes]]:
        """For each of ``formats`` the fragments of ``shown`` in their order.

        ``db`` is the catalog, as this process has it open.

        Raises: Spoilt where one is not what was stored.
        """
        recs = [one.rec for one in shown]
        wanted = frozenset(formats)
        asked = [rec for rec in recs if not wanted <= self._held(rec).keys()]
        stored = _stored(db, asked, formats)
        found = [stored.get(rec) or self._held(rec) for rec in recs]
        try:
            return [[fragments[format] for fragments in found] for format in formats]
        except KeyError:
            raise Spoilt from None

    def _held(self, rec: int) -> dict[str, bytes]:
        return self._at_hand.get(rec, {})


def _stored(
    db: sqlite3.Connection, recs: list[int], formats: Sequence[str]
) -> dict[int, dict[str, bytes]]:
    found: dict[int, dict[str, bytes]] = {rec: {} for rec in recs}
    for start in range(0, len(recs), _LOT):
        lot = recs[start : start + _LOT]
        query = f"""SELECT rec, format, checksum, bytes FROM fragment
            WHERE rec IN ({marks(lot)}) AND format IN ({marks(formats)})"""  # noqa: S608
        for rec, format, checksum, fragment in db.execute(query, (*lot, *formats)):
            found[rec][format] = sound(checksum, fragment)
    return found
