"""Topics and their addresses: an address once given is never changed and never given again."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.config import Topics as Settings
from topicast.problems import BuildError
from topicast.topics.addresses import hashed, is_address
from topicast.topics.assign import Assignment, Topic, assign
from topicast.topics.names import fold
from topicast.topics.registry import Registry, Row
from topicast.topics.taxonomy import Taxonomy, read_taxonomy


def shown(*names: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in names:
        found.setdefault(fold(name), set()).add(name)
    return found


def registry(**names: str) -> Registry:
    """A registry of slug="Name"; ``_`` stands for ``-``."""
    return Registry(
        rows=tuple(Row(name=name, slug=slug.replace("_", "-")) for slug, name in names.items())
    )


def taxonomy(text: str) -> Taxonomy:
    return read_taxonomy([("topics.yaml", text.encode())])


def after(result: Assignment) -> Registry:
    """The registry that a build with this result leaves."""
    return Registry(rows=tuple(Row(name=t.name, slug=t.slug) for t in result.topics))


def addresses(result: Assignment) -> dict[str, str]:
    return {topic.name: topic.slug for topic in result.topics}


def topic(result: Assignment, slug: str) -> Topic:
    return next(topic for topic in result.topics if topic.slug == slug)


EMPTY = Registry()
NONE = Taxonomy()


# Names


def test_new_topics_are_spelled_as_the_spelling_that_sorts_first() -> None:
    result = assign(shown("power apps", "Power Apps", "C#"), EMPTY, NONE)
    assert addresses(result) == {"Power Apps": "power-apps", "C#": "c-sharp"}
    assert result.names == {"power apps": "Power Apps", "c#": "C#"}
    assert topic(result, "c-sharp").folded == "c#"


def test_the_registry_keeps_its_spelling_and_the_taxonomy_has_the_last_word() -> None:
    kept = registry(power_apps="power APPS")
    assert addresses(assign(shown("Power Apps"), kept, NONE)) == {"power APPS": "power-apps"}
    written = taxonomy("- {name: POWER Apps, description: Low code}\n")
    result = assign(shown("Power Apps"), kept, written)
    assert addresses(result) == {"POWER Apps": "power-apps"}
    assert topic(result, "power-apps").description == "Low code"


# Addresses


def test_the_registry_wins_over_the_name_and_over_the_id() -> None:
    written = taxonomy("- {name: Power Apps, _id: wanted}\n")
    result = assign(shown("Power Apps"), registry(old_address="Power Apps"), written)
    assert addresses(result) == {"Power Apps": "old-address"}


def test_a_new_topic_has_the_id_of_the_taxonomy() -> None:
    written = taxonomy("- {name: Power Apps, _id: wanted}\n- {name: Never seen, _id: unseen}\n")
    assert addresses(assign(shown("power apps"), EMPTY, written)) == {"Power Apps": "wanted"}


def test_of_new_topics_on_one_address_the_first_name_has_it() -> None:
    result = assign(shown("a.b", "A-B", "a b"), EMPTY, NONE)
    assert addresses(result) == {"a b": "a-b", "A-B": hashed("A-B"), "a.b": hashed("a.b")}


def test_an_id_on_the_address_of_another_new_topic_goes_by_the_names_too() -> None:
    written = taxonomy("- {name: Zed, _id: alpha}\n")
    result = assign(shown("Zed", "Alpha"), EMPTY, written)
    assert addresses(result) == {"Alpha": "alpha", "Zed": hashed("zed")}


def test_an_address_of_a_row_is_never_given_to_another_topic_not_even_when_it_is_empty() -> None:
    result = assign(shown("a b"), registry(a_b="A.B"), NONE)
    assert addresses(result) == {"A.B": "a-b", "a b": hashed("a b")}
    assert topic(result, "a-b").members == ()


def test_a_taken_hash_is_lengthened() -> None:
    taken = {"x": "x", hashed("X!"): "Y", hashed("X!", 16): "Z"}
    result = assign(shown("X!"), registry(**taken), NONE)
    assert addresses(result)["X!"] == hashed("X!", 24)


def test_a_registry_that_leaves_no_address_is_named() -> None:
    taken = {"x": "x"} | {hashed("X!", digits): f"t{digits}" for digits in range(8, 65, 8)}
    with pytest.raises(BuildError, match=r"topics\.json: .* 'x!' "):
        assign(shown("X!"), registry(**taken), NONE)


# Rows without entries


def test_a_topic_that_lost_its_last_entry_keeps_its_row_and_one_that_never_had_any_has_none() -> (
    None
):
    result = assign({}, registry(a="A"), taxonomy("- name: B\n"))
    assert addresses(result) == {"A": "a"}
    assert topic(result, "a").members == ()


# Renames


def test_a_rename_keeps_the_address() -> None:
    written = taxonomy("- {name: Dataverse, aliases: [Common Data Service, CDS]}\n")
    kept = registry(common_data_service="Common Data Service")
    result = assign(shown("Dataverse", "common data service"), kept, written)
    assert addresses(result) == {"Dataverse": "common-data-service"}
    assert topic(result, "common-data-service").members == ("common data service", "dataverse")
    assert result.names == {"common data service": "Dataverse", "dataverse": "Dataverse"}
    assert assign(shown("Dataverse"), after(result), written).topics[0].slug == (
        "common-data-service"
    )


def test_of_several_aliases_with_rows_the_first_in_the_taxonomy_gives_its_address() -> None:
    written = taxonomy("- {name: New, aliases: [Unused, Second, First]}\n")
    result = assign(shown("First", "Second"), registry(first="First", second="Second"), written)
    assert addresses(result) == {"New": "second", "First": "first"}
    assert topic(result, "first").members == ()
    assert topic(result, "second").members == ("first", "second")


def test_where_both_names_have_rows_each_keeps_its_own() -> None:
    written = taxonomy("- {name: New, aliases: [Old]}\n")
    result = assign(shown("Old", "New"), registry(old="Old", new="New"), written)
    assert addresses(result) == {"New": "new", "Old": "old"}
    assert topic(result, "old").members == ()
    assert topic(result, "new").members == ("new", "old")


# Parents


FAMILY = taxonomy("- name: A\n- {name: B, parent: A}\n- {name: C, parent: B, aliases: [Old C]}\n")


def test_the_entries_of_a_child_are_in_the_feeds_of_all_its_parents() -> None:
    result = assign(shown("Old C", "B"), EMPTY, FAMILY)
    assert [(t.slug, t.parent, t.members) for t in result.topics] == [
        ("a", None, ("b", "old c")),
        ("b", "a", ("b", "old c")),
        ("c", "b", ("old c",)),
    ]
    assert result.names == {"a": "A", "b": "B", "c": "C", "old c": "C"}


def test_a_parent_without_a_row_is_not_named() -> None:
    result = assign({}, registry(c="C"), FAMILY)
    assert topic(result, "c").parent is None


# Excluded topics


def test_an_excluded_topic_keeps_its_row_and_gets_no_new_one() -> None:
    settings = Settings(exclude=("b", "n*"))
    result = assign(shown("C", "New"), registry(b="B"), FAMILY, settings)
    assert [(t.slug, t.parent, t.published) for t in result.topics] == [
        ("a", None, True),
        ("b", "a", False),
        ("c", "b", True),
    ]
    assert result.names == {"a": "A", "b": "B", "c": "C", "new": "New"}
    without_row = assign(shown("C"), EMPTY, FAMILY, settings)
    assert [(t.slug, t.parent) for t in without_row.topics] == [("a", None), ("c", "a")]


# For any input

NAMES = [
    "A B", "a.b", "A-B", "a  b", "C", "C++", "C#", "人工知能", "人工", "con", "!", "?",
    "Old", "New", "Child", "Parent",
]  # fmt: skip
TREE = taxonomy(
    "- {name: New, aliases: [Old], _id: c}\n- {name: Child, parent: Parent}\n- name: Parent\n"
)
builds = st.lists(st.lists(st.sampled_from(NAMES), max_size=6), min_size=1, max_size=6)


def replay(rounds: Iterable[list[str]], written: Taxonomy) -> Iterable[Assignment]:
    kept = EMPTY
    for names in rounds:
        result = assign(shown(*names), kept, written)
        kept = after(result)
        yield result


@given(builds, st.sampled_from([NONE, TREE]))
def test_an_address_once_given_is_kept_for_ever(rounds: list[list[str]], written: Taxonomy) -> None:
    given_to: dict[str, str] = {}
    for names, result in zip(rounds, replay(rounds, written), strict=True):
        slugs = [topic.slug for topic in result.topics]
        assert len(set(slugs)) == len(slugs)
        assert all(map(is_address, slugs))
        now = {topic.folded: topic.slug for topic in result.topics}
        assert given_to.items() <= now.items()
        given_to = now
        assert {fold(result.names[fold(name)]) for name in names} <= now.keys()


@given(builds, st.lists(st.sampled_from([NONE, TREE, FAMILY]), min_size=6, max_size=6))
def test_no_address_is_lost_or_held_twice_when_the_taxonomy_changes(
    rounds: list[list[str]], taxonomies: list[Taxonomy]
) -> None:
    kept = EMPTY
    for names, written in zip(rounds, taxonomies, strict=False):
        before = {row.slug for row in kept.rows}
        kept = after(assign(shown(*names), kept, written))
        slugs = [row.slug for row in kept.rows]
        assert before <= set(slugs)
        assert len(set(slugs)) == len(slugs)
        assert len({fold(row.name) for row in kept.rows}) == len(slugs)


@given(builds, st.sampled_from([NONE, TREE]), st.randoms(use_true_random=False))
def test_no_order_of_the_input_shows(
    rounds: list[list[str]], written: Taxonomy, chance: random.Random
) -> None:
    shuffled = [chance.sample(names, len(names)) for names in rounds]
    assert list(replay(rounds, written)) == list(replay(shuffled, written))


@given(builds, st.sampled_from([NONE, TREE]))
def test_the_same_again_changes_nothing(rounds: list[list[str]], written: Taxonomy) -> None:
    *_, last, again = replay([*rounds, rounds[-1]], written)
    assert last == again
