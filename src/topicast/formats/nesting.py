"""Topics among each other as readers see them: those that have entries, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from topicast.topics.registry import Row


class Nesting:
    """The topics that have entries, each below the nearest of its parents that has some too."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = {row.slug: row for row in rows}
        self.listed = [row for row in self._rows.values() if row.entries]
        self._below: dict[str, list[Row]] = {}
        for row in sorted(self.listed, key=lambda row: (row.name.casefold(), row.slug)):
            above = next(self.above(row), None)
            self._below.setdefault(above.slug if above else "", []).append(row)

    def row(self, slug: str) -> Row:
        """The row of a topic, with or without entries."""
        return self._rows[slug]

    def above(self, row: Row) -> Iterator[Row]:
        """The topics above one, the nearest first."""
        while row.parent in self._rows:
            row = self._rows[row.parent]
            if row.entries:
                yield row

    def below(self, slug: str = "") -> list[Row]:
        """The topics right below one, by name; "" is the top."""
        return self._below.get(slug, [])
