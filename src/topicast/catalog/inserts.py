"""Rows that are placed but not stored yet: many in one go cost a third of each alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from topicast.catalog.rows import Finished
from topicast.records.model import Micros

_LOT = 500  # records that are stored in one go


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
                row.standing,
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
        tables: tuple[tuple[str, list[Any]], ...] = (
            ("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._records),
            ("INSERT INTO shown VALUES (?, ?)", self._shown),
            ("INSERT INTO member VALUES (?, ?, ?)", self._members),
            ("INSERT INTO grave VALUES (?, ?, ?)", self._graves),
            ("INSERT INTO due VALUES (?, ?)", self._due),
        )
        for statement, rows in tables:
            if rows:
                self._db.executemany(statement, rows)
                rows.clear()
