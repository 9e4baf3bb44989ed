"""What feeds ask of the catalog: the newest entries of a topic, and which are printed where."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from topicast.catalog.months import Month, first_of, month_of
from topicast.catalog.rows import unpack_row
from topicast.catalog.store import Spoilt
from topicast.gate import NEVER
from topicast.records.model import Micros

_LOT = 200  # records that are looked up in one query
_SHOWN = """
SELECT m.later, r.id, r.rec, r.updated FROM member m JOIN record r ON r.rec = m.rec
WHERE m.topic = ?"""
_unpack_fragments = msgspec.msgpack.Decoder(dict[str, bytes]).decode
_unpack_recs = msgspec.msgpack.Decoder(list[int]).decode
_pack = msgspec.msgpack.Encoder().encode


class Shown(NamedTuple):
    """An entry in its place in a feed; they sort as feeds do: published descending, then id."""

    later: int  # -published
    id: str
    rec: int
    updated: Micros

    @property
    def published(self) -> Micros:
        return -self.later


class Withdrawn(NamedTuple):
    """All that is known of an entry that is gone."""

    id: str
    when: Micros


def newest(db: sqlite3.Connection, topic: int, limit: int) -> list[Shown]:
    """The ``limit`` newest entries of ``topic``, in the order of the feed."""
    query = _SHOWN + " ORDER BY m.later LIMIT ?"
    found = [Shown(*row) for row in db.execute(query, (topic, limit))]
    if len(found) == limit:
        # The order of rows of one instant is the order of reading: take all that tie at the cut.
        last = found[-1].later
        found = [one for one in found if one.later != last]
        found += [Shown(*row) for row in db.execute(_SHOWN + " AND m.later = ?", (topic, last))]
    return sorted(found)[:limit]


def place_of(db: sqlite3.Connection, topic: int, later: int, id: str) -> int:
    """The place, from 1 on, of the entry ``id`` in the feed of ``topic`` without an end."""
    newer = "SELECT count(*) FROM member WHERE topic = ? AND later < ?"
    before = """SELECT count(*) FROM member m JOIN record r ON r.rec = m.rec
        WHERE m.topic = ? AND m.later = ? AND r.id < ?"""
    ahead: int = db.execute(newer, (topic, later)).fetchone()[0]
    tied: int = db.execute(before, (topic, later, id)).fetchone()[0]
    return ahead + tied + 1


def months(db: sqlite3.Connection, topic: int) -> list[Month]:
    """The months in which ``topic`` has entries, oldest first."""
    query = "SELECT min(later) FROM member WHERE topic = ? AND later > ?"
    found: list[Month] = []
    after = -NEVER
    while (later := db.execute(query, (topic, after)).fetchone()[0]) is not None:
        found.append(month_of(-later))
        after = -first_of(found[-1])  # of rows that are older, the newest is next
    return found[::-1]


def of_months(db: sqlite3.Connection, topic: int, first: Month, last: Month) -> list[int]:
    """The records that are entries of ``topic`` published from ``first`` to ``last``."""
    query = "SELECT rec FROM member WHERE topic = ? AND later > ? AND later <= ?"
    values = topic, -first_of(last + 1), -first_of(first)
    return [rec for (rec,) in db.execute(query, values)]


def sound_fragments(checksum: object, packed: object) -> dict[str, bytes]:
    """The fragments of an entry by format, if they are what was stored.

    A feed would print others for ever, as it seems. Raises: Spoilt.
    """
    if not isinstance(packed, bytes) or crc32(packed) != checksum:
        raise Spoilt
    return _unpack_fragments(packed)


def by_format(entries: Sequence[Mapping[str, bytes]], formats: Sequence[str]) -> list[list[bytes]]:
    """For each of ``formats`` the fragments of ``entries`` in their order.

    Raises: Spoilt where one is missing.
    """
    try:
        return [[fragments[format] for fragments in entries] for format in formats]
    except KeyError:
        raise Spoilt from None


def withdrawn(db: sqlite3.Connection, topic: int, limit: int) -> list[Withdrawn]:
    """The ``limit`` entries of ``topic`` that were withdrawn last and may be told of."""
    query = """SELECT r.id, -g.later FROM grave g JOIN record r ON r.rec = g.rec
        WHERE g.topic = ? ORDER BY g.later, r.id LIMIT ?"""
    return [Withdrawn(*row) for row in db.execute(query, (topic, limit))]


def archived(db: sqlite3.Connection, topic: int) -> list[Month]:
    """The months of ``topic`` that have an archive document, oldest first."""
    query = "SELECT month FROM archived WHERE topic = ? ORDER BY month"
    return [month for (month,) in db.execute(query, (topic,))]


def put_archived(db: sqlite3.Connection, topic: int, months: Collection[Month]) -> None:
    """Remember for which months ``topic`` has an archive document."""
    before = set(archived(db, topic))
    gone = [(topic, month) for month in before.difference(months)]
    db.executemany("DELETE FROM archived WHERE topic = ? AND month = ?", gone)
    new = [(topic, month) for month in set(months) - before]
    db.executemany("INSERT INTO archived VALUES (?, ?)", new)


def look_up(db: sqlite3.Connection, query: str, recs: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """The rows of ``query``, which ends where the records stand that are asked for."""
    for start in range(0, len(recs), _LOT):
        lot = recs[start : start + _LOT]
        # Fetched at once: a cursor that is left half read would outlive its connection.
        yield from db.execute(f"{query} ({', '.join('?' * len(lot))})", lot).fetchall()


def largest(db: sqlite3.Connection, recs: Sequence[int]) -> tuple[str, int]:
    """Path and item of the record among ``recs`` that has the most bytes in a feed."""
    query = """SELECT f.checksum, f.packed, r.path, r.item
        FROM fragment f JOIN record r ON r.rec = f.rec WHERE f.rec = ?"""
    found = [db.execute(query, (rec,)).fetchone() for rec in recs]
    sizes = [(-max(map(len, sound_fragments(*row[:2]).values())), *row[2:]) for row in found]
    _, path, item = min(sizes)
    return path, item


def printed(db: sqlite3.Connection, topic: int, recs: Collection[int]) -> set[int]:
    """Remember which entries the feed of ``topic`` prints; give those that it no longer does."""
    found = db.execute("SELECT recs FROM printed WHERE topic = ?", (topic,)).fetchone()
    before = set(_unpack_recs(found[0])) if found else set()
    if before != set(recs):
        # One row a feed: a row for each entry takes as long as many entries do.
        db.execute("INSERT OR REPLACE INTO printed VALUES (?, ?)", (topic, _pack(sorted(recs))))
    return before.difference(recs)


def unprinted(db: sqlite3.Connection, recs: Collection[int]) -> set[int]:
    """Those of ``recs`` that no feed prints."""
    left = set(recs)
    if left:
        for (packed,) in db.execute("SELECT recs FROM printed"):
            left.difference_update(_unpack_recs(packed))
    return left


def forget_fragments(db: sqlite3.Connection, topic: int) -> list[tuple[int, Micros]]:
    """Drop the fragments of all entries of ``topic``, whose name changed.

    Gives the topics of each, with the date by which it has its place there.
    """
    of_topic = "(SELECT rec FROM member WHERE topic = ?)"
    db.execute(f"DELETE FROM fragment WHERE rec IN {of_topic}", (topic,))  # noqa: S608
    query = f"SELECT DISTINCT topic, later FROM member WHERE rec IN {of_topic}"  # noqa: S608
    return [(other, -later) for other, later in db.execute(query, (topic,))]


def spellings(db: sqlite3.Connection) -> list[str]:
    """Every name of a topic as an entry wrote it, now or at some time before."""
    return [name for (name,) in db.execute("SELECT name FROM spelling")]


def names_in(db: sqlite3.Connection, topic: int) -> Iterator[str]:
    """The names of topics as the entries of ``topic`` wrote them."""
    query = "SELECT row FROM member JOIN record USING (rec) WHERE topic = ?"
    for (packed,) in db.execute(query, (topic,)):
        yield from unpack_row(packed).topics
