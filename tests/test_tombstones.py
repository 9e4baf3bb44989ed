"""Withdrawal: a record that is taken back leaves every file, and Atom says so where it may."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest
from lxml import etree

from site_on_disk import TOML, Site
from topicast.clock import parse_now

ON = TOML + "[feeds]\ntombstones = true\n"
TAG = "tag:feeds.example.org,2026:"
GRAVE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
WHEN = "2024-06-01T12:00:00Z"
GONE = {"removed": "true", "removedDateTime": WHEN}


@pytest.fixture
def marked(site: Site) -> Site:
    """A site with tombstones, and an entry that stays."""
    site.configure(ON)
    site.record("stays.md", topics=["AI", "Go"])
    return site


def graves(site: Site, path: str = "atom.xml", folder: str = "feeds") -> list[tuple[str, str]]:
    root = etree.parse(site.root / folder / path).getroot()
    return [(grave.get("ref", ""), grave.get("when", "")) for grave in root.iter(GRAVE)]


@pytest.mark.parametrize("switch", ["removed", "deleted", "Removed"])
@pytest.mark.parametrize("more", ["", "tombstones = true\n"])
def test_a_withdrawn_record_leaves_every_file(site, switch, more):
    site.configure(TOML + f"[feeds]\narchives = true\n{more}")
    site.record("stays.md", "Body.")
    fields: dict[str, Any] = {
        "title": "Zanzibar title",
        "excerpt": "Zanzibar excerpt",
        "webUrl": "https://example.com/zanzibar",
        "images": [{"url": "https://example.com/zanzibar.png"}],
        "publishedDateTime": "2023-03-03T00:00:00Z",
    }
    site.record("gone.md", "A Zanzibar body.", **fields)
    site.build()
    shown = [path for path, data in site.tree().items() if b"anzibar" in data]
    assert {path.rpartition("/")[2] for path in shown} == {
        "rss.xml",
        "atom.xml",
        "feed.json",
        "index.html",
        "2023-03.rss.xml",
        "2023-03.atom.xml",
    }

    site.record("gone.md", "A Zanzibar body.", **fields, **{switch: "true"}, removedDateTime=WHEN)
    site.build()
    assert not any(b"anzibar" in data for data in site.tree().values())
    catalogs = [file.read_bytes() for file in site.root.glob(".topicast/*.sqlite")]
    assert not any(b"anzibar" in data for data in catalogs)
    assert graves(site) == ([(f"{TAG}gone", WHEN)] if more else [])
    told = {path for path, data in site.tree().items() if b":gone" in data}
    assert told == ({"atom.xml", "ai/atom.xml"} if more else set())
    assert site.tree() == site.fresh()


def test_none_unless_they_are_asked_for(site):
    site.record("gone.md", **GONE)
    site.record("stays.md")
    site.build()
    assert b"deleted-entry" not in (site.feeds / "atom.xml").read_bytes()


def test_it_stands_in_the_feeds_that_would_hold_the_entry(marked):
    (marked.root / "topics.yaml").write_text("- {name: Robots, parent: AI}\n- {name: AI}\n")
    marked.record("gone.md", topics=["robots", "Zanzibar"], **GONE)
    marked.record("robot.md", topics=["Robots"])
    marked.build()
    grave = [(f"{TAG}gone", WHEN)]
    assert (graves(marked), graves(marked, "ai/atom.xml")) == (grave, grave)
    assert graves(marked, "robots/atom.xml") == grave
    assert graves(marked, "go/atom.xml") == []
    # A topic that never had an entry has no feed, and no name to be seen.
    assert not any(b"anzibar" in data for data in marked.tree().values())


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ({"updatedDateTime": "2024-07-01T00:00:00Z"}, WHEN),
        (
            {"removedDateTime": None, "updatedDateTime": "2024-07-01T00:00:00+02:00"},
            "2024-06-30T22:00:00Z",
        ),
        ({"removedDateTime": None}, None),
        ({"removedDateTime": "yesterday"}, None),
        ({"published": "false"}, None),
        ({"draft": "true"}, None),
        ({"publishedDateTime": None}, None),
        ({"publishedDateTime": "2026-06-01T00:00:00Z"}, None),
        ({"publishedDateTime": "2024-06-01T12:00:01Z"}, None),  # withdrawn before it was due
        ({"publishedDateTime": WHEN}, WHEN),
        ({"expires": "2025-12-31T00:00:00Z"}, None),
        ({"expires": "2026-01-01T00:00:01Z"}, WHEN),
        ({"removedDateTime": "2026-01-01T00:00:01Z"}, None),  # not yet
        ({"webUrl": None}, None),  # with neither link nor content it was set aside
        ({"title": "<b></b>"}, None),  # likewise
        ({"published": "maybe"}, None),
        ({"id": "urn:example:1"}, WHEN),
    ],
)
def test_nothing_is_told_of_what_was_never_public(marked, fields, when):
    marked.record("gone.md", **(GONE | fields))
    for options, folder in (({}, "feeds"), ({"include_unpublished": True}, "preview")):
        marked.build(**options)
        id = fields.get("id", f"{TAG}gone")
        assert graves(marked, folder=folder) == ([(id, when)] if when else [])
        if not when:
            tree = b"".join(marked.tree(folder).values())
            assert b":gone" not in tree
    if not when:
        stored = b"".join(file.read_bytes() for file in marked.root.glob(".topicast/*.sqlite"))
        assert b":gone\x00" not in stored


def test_it_comes_and_goes_in_time(marked):
    marked.record(
        "gone.md",
        removed="true",
        publishedDateTime="2025-02-01T00:00:00Z",
        removedDateTime="2025-03-01T00:00:00Z",
        expires="2025-04-01T00:00:00Z",
    )
    steps = {"2025-01-15": 0, "2025-02-15": 0, "2025-03-01": 1, "2025-04-01": 0, "2025-03-31": 1}
    for day, count in steps.items():
        now = parse_now(f"{day}T00:00:00Z")
        report = marked.build(now=now)
        assert len(graves(marked)) == len(graves(marked, "ai/atom.xml")) == count, day
        assert marked.tree() == marked.fresh(now=now)
        due = {"2025-03": "2025-04-01T00:00:00Z", "2025-04": None}
        assert report.due == due.get(day[:7], "2025-03-01T00:00:00Z")


def test_the_feed_is_as_old_as_its_entries_and_an_empty_one_keeps_its_date(marked):
    marked.record("gone.md", topics=["Solo"])
    marked.build()
    before = marked.feed("solo/atom.xml").feed.updated
    marked.record("gone.md", topics=["Solo"], **GONE)
    marked.build()
    assert marked.feed("solo/atom.xml").feed.updated == before
    assert marked.feed().feed.updated == "2024-05-01T09:00:00Z"
    assert graves(marked, "solo/atom.xml") == [(f"{TAG}gone", WHEN)]


def test_the_last_withdrawn_are_told_as_many_as_a_feed_may_hold(marked):
    marked.configure(ON + 'limit = 3\n[topics."Go"]\nlimit = 1\n')
    for day in range(1, 6):
        gone = GONE | {"removedDateTime": f"2024-06-0{6 - day}T00:00:00Z"}
        marked.record(f"gone{day}.md", topics=["Go"], **gone)
    marked.build()
    told = [f"{TAG}gone{day}" for day in (1, 2, 3)]
    assert [ref for ref, _ in graves(marked)] == told
    assert [ref for ref, _ in graves(marked, "go/atom.xml")] == told[:1]


def test_a_tombstone_goes_when_the_entry_is_back(marked):
    marked.record("gone.md", **GONE)
    marked.build()
    marked.record("gone.md")
    marked.build()
    assert graves(marked) == []
    assert marked.feed().entries[0].id == f"{TAG}gone"
    (marked.seeds / "gone.md").unlink()
    marked.build()
    assert b"gone" not in (marked.feeds / "atom.xml").read_bytes()
    assert marked.tree() == marked.fresh()


def test_an_id_is_of_an_entry_or_of_a_tombstone(marked):
    marked.record("a/one.md", **GONE, publishedDateTime="2024-01-01T00:00:00Z")
    marked.record("b/one.md", publishedDateTime="2024-02-01T00:00:00Z")
    marked.record("c/two.md", id="urn:example:2", **GONE)
    marked.record("d/two.md", id="urn:example:2", publishedDateTime="2024-02-01T00:00:00Z")
    report = marked.build()
    assert report.set_aside == 1
    assert graves(marked) == [(f"{TAG}one", WHEN)]
    ids = {entry.id for entry in marked.feed().entries}
    assert ids == {f"{TAG}b/one.md", "urn:example:2", f"{TAG}stays"}
    assert marked.tree() == marked.fresh()


def test_an_edit_that_nobody_sees_changes_nothing(marked):
    marked.record("gone.md", **GONE)
    marked.build()
    marked.record("gone.md", "Another body.", title="Another", heat=9, **GONE)
    assert not marked.build().changed


def test_formats_without_atom_tell_nothing(marked):
    marked.configure(ON + 'formats = ["rss", "json", "html"]\n')
    marked.record("gone.md", **GONE)
    marked.build()
    assert not any(b":gone" in data for data in marked.tree().values())


def test_archives_hold_none(marked):
    marked.configure(ON + "archives = true\n")
    marked.record("gone.md", **GONE)
    marked.build()
    told = {path for path, data in marked.tree().items() if b"deleted-entry" in data}
    assert told == {"atom.xml", "ai/atom.xml"}


def test_readers_that_do_not_know_it_pass_it_over(marked):
    marked.record("gone.md", **GONE)
    marked.build()
    parsed = feedparser.parse((marked.feeds / "atom.xml").read_bytes())
    assert not parsed.bozo
    assert [entry.id for entry in parsed.entries] == [f"{TAG}stays"]
