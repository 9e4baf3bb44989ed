"""Which topics there are, what they are called, and where they live (specification section 6).

A function of its arguments only. The registry comes first: an address that was published stays
with its topic, and is never given to another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from topicast.config import Topics as Settings
from topicast.problems import BuildError, quote
from topicast.topics.addresses import address, hashed
from topicast.topics.names import best_spelling, fold
from topicast.topics.registry import Registry, Row
from topicast.topics.select import is_published
from topicast.topics.taxonomy import Taxonomy

_HASH_DIGITS = range(8, 65, 8)


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the registry to be."""

    folded: str  # what its name folds to
    name: str  # as it is shown
    slug: str
    parent: str | None  # the slug of a topic that has a row
    description: str
    members: tuple[str, ...]  # folded names, as records write them, whose entries its feed holds
    published: bool  # False: [topics] excludes it, it has a row but no files


class Assignment(msgspec.Struct, frozen=True):
    """``topics`` are by slug; one without members is empty now. Each is a row of ``topics.json``.

    ``names`` has the name that is shown for a folded one: of each topic, and of each name that
    records write, which may be an alias.
    """

    topics: tuple[Topic, ...]
    names: dict[str, str]


def assign(
    shown: Mapping[str, Iterable[str]],
    registry: Registry,
    taxonomy: Taxonomy,
    settings: Settings | None = None,
) -> Assignment:
    """Topics and addresses, from what is shown now.

    ``shown`` has, for each folded name that a shown entry has as a topic, its spellings. All that
    is in it, and the parents of that, have a topic; so has each row of the registry. A topic that
    ``settings`` exclude is left out where it has no row yet. Raises BuildError where the registry
    leaves no address for a topic.
    """
    settings = settings or Settings()
    owners = {name: taxonomy.owner(name) for name in shown}
    members = _members(owners, taxonomy)
    rows = _after_renames(registry, taxonomy)
    slugs = _slugs(members, rows, taxonomy)
    names = {folded: _name(folded, rows, taxonomy, shown) for folded in slugs}
    published = {
        folded: is_published(names[folded], slug, settings.include, settings.exclude)
        for folded, slug in slugs.items()
    }
    kept = {folded for folded in slugs if folded in rows or published[folded]}
    topics = [
        Topic(
            folded=folded,
            name=names[folded],
            slug=slugs[folded],
            parent=_parent(folded, slugs, kept, taxonomy),
            description=_description(folded, taxonomy),
            members=tuple(members.get(folded, ())),
            published=published[folded],
        )
        for folded in kept
    ]
    topics.sort(key=lambda topic: topic.slug)
    written = {name: names[owner] for name, owner in owners.items()}
    return Assignment(tuple(topics), names | written)


def _members(owners: Mapping[str, str], taxonomy: Taxonomy) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for name in sorted(owners):
        owner = owners[name]
        for holder in (owner, *taxonomy.ancestors(owner)):
            members.setdefault(holder, []).append(name)
    return members


def _after_renames(registry: Registry, taxonomy: Taxonomy) -> dict[str, Row]:
    """The rows by folded name; a topic without one takes over that of its first alias with one."""
    rows = {fold(row.name): row for row in registry.rows}
    for topic in taxonomy.rows:
        if fold(topic.name) in rows:
            continue
        old = next((alias for alias in map(fold, topic.aliases) if alias in rows), None)
        if old is not None:
            rows[fold(topic.name)] = rows.pop(old)
    return rows


def _slugs(present: Iterable[str], rows: Mapping[str, Row], taxonomy: Taxonomy) -> dict[str, str]:
    """The address of each topic: the row's, or a new one in the order of folded names."""
    slugs = {folded: row.slug for folded, row in rows.items()}
    taken = set(slugs.values())
    for folded in sorted(set(present) - rows.keys()):
        topic = taxonomy.canonical(folded)
        slugs[folded] = _free(folded, topic.slug if topic else "", taken)
        taken.add(slugs[folded])
    return slugs


def _free(folded: str, wanted: str, taken: set[str]) -> str:
    first = wanted or address(folded)
    if first not in taken:
        return first
    for digits in _HASH_DIGITS:
        if (slug := hashed(folded, digits)) not in taken:
            return slug
    raise BuildError(
        f"topics.json: other topics have every address that {quote(folded)} could have; delete"
        " the rows whose names you do not know"
    )


def _name(
    folded: str,
    rows: Mapping[str, Row],
    taxonomy: Taxonomy,
    shown: Mapping[str, Iterable[str]],
) -> str:
    topic = taxonomy.canonical(folded)
    if topic and fold(topic.name) == folded:
        return topic.name
    return rows[folded].name if folded in rows else best_spelling(shown[folded])


def _parent(
    folded: str, slugs: Mapping[str, str], kept: set[str], taxonomy: Taxonomy
) -> str | None:
    """The nearest of those above it that is there."""
    return next((slugs[name] for name in taxonomy.ancestors(folded) if name in kept), None)


def _description(folded: str, taxonomy: Taxonomy) -> str:
    topic = taxonomy.canonical(folded)
    return topic.description if topic and fold(topic.name) == folded else ""
