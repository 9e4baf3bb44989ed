"""Fragments: the bytes of entries, one for each format and content setting.

Those of an entry are kept together, since most are printed together. They are there only while
they hold: whatever changes a record's standing takes its fragments away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

import msgspec

from topicast.catalog.feeds import Shown, by_format, look_up, sound_fragments, unprinted
from topicast.catalog.rows import checksum_of, unpack_row
from topicast.catalog.store import Spoilt
from topicast.records.model import Micros

_pack = msgspec.msgpack.Encoder().encode
_LOT = 200  # entries that are looked up before the first of them is rendered
_AT_HAND = 24 * 1024 * 1024  # bytes


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
        self._partly: set[int] = set()  # records that have fragments, but lack others
        self._room = _AT_HAND

    def missing(self, recs: Sequence[int], formats: Sequence[str]) -> Iterator[ToRender]:
        """Those of ``recs`` that lack a fragment in one of ``formats``.

        Raises: Spoilt where one is not what was stored.
        """
        for start in range(0, len(recs), _LOT):
            lot = recs[start : start + _LOT]
            have = dict(look_up(self._db, "SELECT rec, formats FROM fragment WHERE rec IN", lot))
            lacking = [rec for rec in lot if not {*have.get(rec, "").split()}.issuperset(formats)]
            self._partly.update(have.keys() & set(lacking))
            yield from self._to_render(lacking)

    def _to_render(self, recs: Sequence[int]) -> Iterator[ToRender]:
        query = """SELECT rec, id, updated, checksum, row, packed
            FROM record JOIN shown USING (rec) WHERE rec IN"""
        found = {row[0]: row for row in look_up(self._db, query, recs)}
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
        entries = [(rec, dict(zip(formats, fragments, strict=True))) for rec, fragments in made]
        if self._room > 0:
            self._at_hand.update(entries)
            self._room -= sum(len(each) for _, fragments in made for each in fragments)
        self._store(
            [
                (rec, self._of_record(rec) | fragments if rec in self._partly else fragments)
                for rec, fragments in entries
            ]
        )

    def _store(self, entries: Iterable[tuple[int, dict[str, bytes]]]) -> None:
        packed = [(rec, " ".join(fragments), _pack(fragments)) for rec, fragments in entries]
        self._db.executemany(
            "INSERT OR REPLACE INTO fragment VALUES (?, ?, ?, ?)",
            [(rec, formats, crc32(data), data) for rec, formats, data in packed],
        )

    def _of_record(self, rec: int) -> dict[str, bytes]:
        return _stored(self._db, [rec]).get(rec, {})

    def drop_unprinted(self, recs: Collection[int], spared: Collection[str]) -> None:
        """Drop the fragments of those of ``recs`` that no feed prints.

        Not those of the formats ``spared``: archives print every entry that is shown.
        """
        for rec in unprinted(self._db, recs):
            stored = self._of_record(rec) if spared else {}
            kept = {format: data for format, data in stored.items() if format in spared}
            self._db.execute("DELETE FROM fragment WHERE rec = ?", (rec,))
            if kept:
                self._store([(rec, kept)])

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
        stored = _stored(db, asked)
        return by_format([stored.get(rec) or self._held(rec) for rec in recs], formats)

    def _held(self, rec: int) -> dict[str, bytes]:
        return self._at_hand.get(rec, {})


def _stored(db: sqlite3.Connection, recs: list[int]) -> dict[int, dict[str, bytes]]:
    query = "SELECT rec, checksum, packed FROM fragment WHERE rec IN"
    return {rec: sound_fragments(*stored) for rec, *stored in look_up(db, query, recs)}
