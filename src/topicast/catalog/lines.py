"""Problems of the records in the catalog, and the lines that are found for them later.

What comes up when all records are read (two have one id) comes up without a line. It is looked
for once; when the file changes, again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from topicast.problems import Problem

_unpack_problem = msgspec.msgpack.Decoder(Problem).decode


def problems(db: sqlite3.Connection) -> Iterator[Problem]:
    """Every problem of every record, in no order."""
    for packed, line in db.execute("SELECT problem, line FROM problem"):
        problem = _unpack_problem(packed)
        yield msgspec.structs.replace(problem, line=problem.line or line)


def without_line(db: sqlite3.Connection) -> list[tuple[int, int, Problem]]:
    """The problems that a line must be looked for, file by file, each with its record and item."""
    query = """SELECT rec, item, problem FROM problem JOIN record USING (rec)
        WHERE line = 0 ORDER BY problem.path"""
    rows = db.execute(query).fetchall()
    return [(rec, item, _unpack_problem(packed)) for rec, item, packed in rows]


def put_line(db: sqlite3.Connection, path: str, rec: int, line: int) -> None:
    """Keep the line that was found for the problem of a record of the file at ``path``."""
    db.execute("UPDATE problem SET line = ? WHERE path = ? AND rec = ?", (line, path, rec))
