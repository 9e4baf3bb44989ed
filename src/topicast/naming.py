"""Which topics a build has, by what the catalog shows of them: their names and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from topicast.catalog import feeds
from topicast.catalog.catalog import ALL, Catalog
from topicast.config import Topics
from topicast.topics.assign import Assignment, assign
from topicast.topics.names import fold
from topicast.topics.registry import Registry
from topicast.topics.taxonomy import Taxonomy


class Naming(NamedTuple):
    """The topics of a build. ``numbers`` and ``paths`` are by folded name."""

    assignment: Assignment
    numbers: Mapping[str, int]  # as the catalog has them
    paths: Mapping[str, str]  # of the pages of those that are published


def name_topics(
    catalog: Catalog, registry: Registry, taxonomy: Taxonomy, settings: Topics
) -> Naming:
    """Name the topics, and let go of what shows one by another name or address than it has now."""
    db = catalog.db
    numbers = dict(db.execute("SELECT folded, topic FROM topic").fetchall())
    registered = {fold(row.name) for row in registry.rows}
    written: dict[str, list[str]] = {}
    for name in feeds.spellings(db):
        written.setdefault(fold(name), []).append(name)
    shown: dict[str, Iterable[str]] = {}
    for folded, number in numbers.items():
        if number != ALL and catalog.counts.entries[number] > 0:
            named = folded in registered or taxonomy.canonical(folded) is not None
            names = () if named else written.get(folded, ())
            shown[folded] = names if len(names) < 2 else _spellings(catalog, folded, number)
    assignment = assign(shown, registry, taxonomy, settings)
    paths = {t.folded: f"{t.slug}/" for t in assignment.topics if t.published}
    naming = Naming(assignment, numbers, paths)
    _rename(catalog, naming)
    return naming


def _spellings(catalog: Catalog, folded: str, number: int) -> set[str]:
    """How those entries write the name that are shown: it costs a look at each of them."""
    return {name for name in feeds.names_in(catalog.db, number) if fold(name) == folded}


def _rename(catalog: Catalog, naming: Naming) -> None:
    """Let go of fragments that show a topic by another name or address than it has now."""
    db = catalog.db
    query = "SELECT folded, name FROM topic WHERE name <> ''"
    before = dict(db.execute(query).fetchall())
    for folded, name in naming.assignment.names.items():
        shown = f"{name}\n{naming.paths.get(folded, '')}"
        if before.get(folded) == shown:
            continue
        number = naming.numbers.get(folded)
        if number is None:  # a topic that only the registry has: no record shows its name
            continue
        if folded in before:
            catalog.touched |= {number, ALL}
            for other, published in feeds.forget_fragments(db, number):
                catalog.touch([other], published)
        db.execute("UPDATE topic SET name = ? WHERE topic = ?", (shown, number))
