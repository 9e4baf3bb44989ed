"""Rows that are placed but not stored yet: many in one go cost a third of each alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import chain
from typing import Any

from topicast.catalog.rows import Finished, Standing
from topicast.records.model import Micros

# To SQLite any other type than text itself is one to be adapted first: four times as long.
_TEXTS = {standing: standing.value for standing in Standing}
_LOT = 500  # records that are stored in one go
_AT_ONCE = 50  # rows of one statement: more values than 999 are too many for an older SQLite


class Inserts:
    """What is to be inserted, by table. Whoever looks into the store must ``flush`` before."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._records: list[tuple[object, ...]] = []
        self._shown: list[tuple[int, bytes]] = []
        self._members: list[tuple[int, Micros, int]] = []
        self._graves: list[tuple[int, Micros, int]] = []
        self._due: list[tuple[Micros, int]] = []

    def record(self, rec: int, path: str, row: Finished) -> None:
        """A new record, and what readers may see of it."""
        self._records.append(
            (
                rec,
                path,
                row.item,
                row.key,
                row.link,
                _TEXTS[row.standing],
                row.id,
                row.updated,
                row.row,
                row.checksum,
            )
        )
        if row.record:
            self._shown.append((rec, row.record))

    def member(self, rec: int, topics: Iterable[int], later: Micros) -> None:
        """A record is shown in these topics."""
        self._members += [(topic, later, rec) for topic in topics]

    def grave(self, rec: int, topics: Iterable[int], later: Micros) -> None:
        """A record was withdrawn from these topics."""
        self._graves += [(topic, later, rec) for topic in topics]

    def due(self, rec: int, instants: Iterable[Micros]) -> None:
        """Something about a record changes by itself at these instants."""
        self._due += [(at, rec) for at in instants]

    @property
    def is_full(self) -> bool:
        """Whether it is time to ``flush``, for memory's sake."""
        return len(self._records) >= _LOT

    def flush(self) -> None:
        """Store what there is."""
        self._store("record", 10, self._records)
        self._store("shown", 2, self._shown)
        self._store("member", 3, self._members)
        self._store("grave", 3, self._graves)
        self._store("due", 2, self._due)

    def _store(self, table: str, columns: int, rows: list[Any]) -> None:
        row = f"({', '.join('?' * columns)})"
        one = f"INSERT INTO {table} VALUES {row}"  # noqa: S608
        many = one + f", {row}" * (_AT_ONCE - 1)
        whole = len(rows) - len(rows) % _AT_ONCE
        for start in range(0, whole, _AT_ONCE):
            self._db.execute(many, [*chain.from_iterable(rows[start : start + _AT_ONCE])])
        self._db.executemany(one, rows[whole:])
        rows.clear()
