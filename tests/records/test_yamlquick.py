"""The quick reading of front matter: the same as that by events, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.records.tree import MAX_DEPTH, Item, TreeError
from topicast.records.yamlquick import HAS_LIBYAML, quick_mapping
from topicast.records.yamltext import YamlReader

needs_libyaml = pytest.mark.skipif(not HAS_LIBYAML, reason="PyYAML was built without libyaml")

USUAL = """
title: "A title, with \\"quotes\\" & more!"
publishedDateTime: 2024-05-01
webUrl: https://example.org/a?b=c&d=e#f
provider:
  name: Łódź
  images:
    - {url: /logo.png, width: 50}
topics: [a, b]
excerpt: >
  5*6 in two
  lines
empty:
"""


def by_events(text: str) -> Item | None:
    """The one mapping of the text, where nothing is wrong with it."""
    try:
        documents = list(YamlReader().documents(text))
    except TreeError:
        return None
    one = documents[0] if len(documents) == 1 else None
    return one if isinstance(one, Item) and isinstance(one.value, dict) else None


@needs_libyaml
def test_usual_front_matter_is_read() -> None:
    item = quick_mapping(USUAL)
    assert item is not None
    assert item == by_events(USUAL)
    assert item.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "- a",
        "a: b\n--- # another\nc: d",
        "a: b\na: c",
        "a: {b: c, b: d}",
        "<<: {a: b}",
        "? [a]\n: b",
        "? {}\n: b",
        "a: &x [b]\nc: *x",
        "*x : a",
        "a: [*x]",
        "a: !!str b",
        "{?!x a}",
        '{"a":!x b}',
        "!!map {a: b}",
        "a: [b",
        'a: "\\ud800"',
        "a: @b",
        "a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "a: " + "[" * 30_000,
        "a: " + "- " * 30_000,
        "? " * 30_000,
    ],
)
def test_what_is_unusual_is_left_to_the_events(text: str) -> None:
    assert quick_mapping(text) is None


PIECES = (
    *("a", "b: ", "title: x\n", "- ", "? ", ": ", "\n", "  ", " ", "\t", "\r\n", "# c\n", "|\n"),
    *("[", "]", "{", "}", ", ", '"', "'", "\\", "&a ", "*a", "!", "!!str ", "!x", "<<: ", "~"),
    *("---", "...\n", "%YAML 1.1\n", "\ufeff", "\x85", "\u2028", "\x07", "é!", "🎈"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_text_is_read_in_another_way(text: str) -> None:
    quick = quick_mapping(text)
    assert quick is None or quick == by_events(text)
