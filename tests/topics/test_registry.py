"""``topics.json``: what is written is read again, and what is damaged is never guessed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.identity import Identity
from topicast.problems import BuildError
from topicast.topics.names import fold, is_name
from topicast.topics.registry import Registry, Row, read_registry, write_registry

HARDWARE = Row(
    name="KI & Größe",
    slug="ki-and-grosse",
    parent="ki",
    url="https://example.org/feeds/ki-and-grosse/",
    entries=2,
    updated="2024-05-01T10:00:00Z",
    feeds={
        "json": "https://example.org/feeds/ki-and-grosse/feed.json",
        "rss": "https://example.org/feeds/ki-and-grosse/rss.xml",
    },
)
REGISTRY = Registry(
    Identity("example.org", 2024),
    3,
    "2024-05-02T10:00:00Z",
    (Row(name="KI", slug="ki", entries=3, updated="2024-05-02T10:00:00Z"), HARDWARE),
)
WRITTEN = """\
{
  "authority": "example.org",
  "since": 2024,
  "entries": 3,
  "updated": "2024-05-02T10:00:00Z",
  "topics": [
    {
      "name": "KI",
      "slug": "ki",
      "parent": null,
      "url": "",
      "entries": 3,
      "updated": "2024-05-02T10:00:00Z",
      "feeds": {}
    },
    {
      "name": "KI & Größe",
      "slug": "ki-and-grosse",
      "parent": "ki",
      "url": "https://example.org/feeds/ki-and-grosse/",
      "entries": 2,
      "updated": "2024-05-01T10:00:00Z",
      "feeds": {
        "rss": "https://example.org/feeds/ki-and-grosse/rss.xml",
        "json": "https://example.org/feeds/ki-and-grosse/feed.json"
      }
    }
  ]
}
"""


def test_the_file_is_written_to_the_letter_and_read_again() -> None:
    assert write_registry(REGISTRY).decode() == WRITTEN
    assert read_registry(WRITTEN.encode(), "topics.json") == REGISTRY


def test_rows_are_by_slug_in_whatever_order_they_come() -> None:
    shuffled = Registry(REGISTRY.pin, 3, REGISTRY.updated, REGISTRY.rows[::-1])
    assert write_registry(shuffled).decode() == WRITTEN


def test_without_a_pin_both_parts_are_null() -> None:
    value = json.loads(write_registry(Registry()))
    assert value == {"authority": None, "since": None, "entries": 0, "updated": "", "topics": []}
    assert read_registry(write_registry(Registry()), "topics.json") == Registry()


def test_keys_that_are_not_known_are_passed_over() -> None:
    data = b'{"x": 1, "topics": [{"name": "A", "slug": "a", "hub": {}}]}'
    assert read_registry(data, "topics.json").rows == (Row(name="A", slug="a"),)


def changed(key: str, value: object) -> bytes:
    return json.dumps({**json.loads(WRITTEN), key: value}).encode()


def with_row(**fields: object) -> bytes:
    return changed("topics", [{"name": "A", "slug": "a"}, {"name": "B", "slug": "b", **fields}])


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "not readable as JSON"),
        (b"{", "line 1"),
        (WRITTEN.replace('"KI",', '"KI"').encode(), "line 9"),
        (WRITTEN.replace("    {\n", "<<<<<<< HEAD\n    {\n", 1).encode(), "conflict markers"),
        (b'{"topics": [{"name": "A", "slug": "a"}], "topics": []}', "twice"),
        (b'{"topics": [{"name": "A", "slug": "a", "slug": "b"}]}', "twice"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "deep"),
        (b'{"entries": ' + b"9" * 5000 + b"}", "number"),
        (b"[]", "not the shape"),
        (b"{}", "not the shape"),
        (changed("topics", {}), "not the shape"),
        (changed("entries", "3"), "not the shape"),
        (changed("entries", -1), "not the shape"),
        (changed("since", "2024"), "not the shape"),
        (changed("since", None), '"authority" and "since"'),
        (changed("authority", None), '"authority" and "since"'),
        (changed("authority", "Not a host"), '"authority" and "since"'),
        (changed("since", 24), '"authority" and "since"'),
        (changed("updated", "yesterday"), '"updated" is not a date'),
        (with_row(slug="a"), "two topics have the address 'a'"),
        (with_row(name=" a "), "two rows are of the topic 'A'|two rows are of the topic ' a '"),
        (with_row(name="\x01"), "no usable name"),
        (with_row(name="\ud800"), "no usable name"),
        (with_row(name=""), "no usable name"),
        (with_row(name=None), "not the shape"),
        (with_row(slug="../b"), "not an address"),
        (with_row(slug="archive"), "not an address"),
        (with_row(slug=""), "not an address"),
        (with_row(updated="2024-05-01"), "not a date"),
        (with_row(feeds=[]), "not the shape"),
    ],
)
def test_what_is_damaged_ends_the_build_and_says_what_to_do(data: bytes, what: str) -> None:
    with pytest.raises(BuildError, match=what) as caught:
        read_registry(data, "feeds/topics.json")
    message = str(caught.value)
    assert caught.value.exit_code == 1
    assert message.startswith("feeds/topics.json: ")
    assert "restore the file from version control" in message
    assert "--force" in message
    assert "\n" not in message


slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True).filter(
    lambda slug: len(slug) > 4
).filter(lambda slug: slug != "archive")  # fmt: skip
rows = st.builds(
    Row,
    name=st.text(min_size=1).filter(is_name),
    slug=slugs,
    parent=st.none() | slugs,
    url=st.text(),
    entries=st.integers(0, 10**9),
    updated=st.just("") | st.datetimes().map(lambda when: f"{when.isoformat()}Z"),
    feeds=st.dictionaries(st.sampled_from(["rss", "atom", "json"]), st.text()),
)


@given(
    st.lists(rows, unique_by=(lambda row: row.slug, lambda row: fold(row.name))),
    st.none() | st.just(Identity("example.org", 2024)),
)
def test_any_registry_is_read_as_it_was_written(rows: list[Row], pin: Identity | None) -> None:
    registry = Registry(pin, len(rows), "", tuple(sorted(rows, key=lambda row: row.slug)))
    data = write_registry(registry)
    assert read_registry(data, "topics.json") == registry
    assert write_registry(read_registry(data, "topics.json")) == data


@given(
    st.binary() | st.builds(lambda cut: WRITTEN.encode()[:cut], st.integers(0, len(WRITTEN) - 4))
)
def test_no_bytes_give_anything_but_a_registry_or_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(BuildError):
        read_registry(data, "topics.json")
