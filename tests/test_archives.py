"""Archives (RFC 5005): every entry is there to be had, and what is old stays as it is.

``Site.build`` holds each tree to ``archivecheck``: paging, months, each entry once, ids.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from archivecheck import ATOM, read
from second_reading import RECORDS, feeds_of, needs_records, read_folder, slug
from site_on_disk import TOML, Site
from topicast.clock import parse_now

ON = TOML + "[feeds]\narchives = true\nlimit = 2\n"
PATH = "archive/{}.atom.xml"


@pytest.fixture
def kept(site: Site) -> Site:
    """A site with archives: in each of four months two entries about AI, one of them about Go."""
    site.configure(ON)
    for month in (1, 2, 3, 6):
        _write(site, month, 1)
        _write(site, month, 20, topics=["AI", "Go"])
    site.build()
    return site


def _write(site: Site, month: int, day: int, **fields: object) -> None:
    date = f"2024-{month:02}-{day:02}T09:00:00Z"
    site.record(f"{month}-{day}.md", **{"publishedDateTime": date} | fields)


def walk(tree: Path, feed: str) -> list[tuple[str, list[str]]]:
    """Path and ids of each archive document, on the way from the feed to the oldest."""
    found = []
    document = read(tree / feed)
    while previous := dict(document.links).get("prev-archive"):
        path = previous.removeprefix("https://feeds.example.org/")
        document = read(tree / path)
        found.append((path, [id for id, _, _ in document.entries]))
    return found


def archives(tree: dict[str, bytes], folder: str = "") -> dict[str, bytes]:
    return {path: data for path, data in tree.items() if path.startswith(f"{folder}archive/")}


def changed(site: Site, before: dict[str, bytes]) -> set[str]:
    """The archive documents that differ from ``before``, in Atom."""
    after = site.tree()
    paths = {path for path in before | after if before.get(path) != after.get(path)}
    return {path for path in paths if "archive/" in path and path.endswith(".atom.xml")}


def unpaged(data: bytes) -> bytes:
    """A document without its paging links."""
    lines = data.splitlines(keepends=True)
    return b"".join(line for line in lines if b'-archive"' not in line)


def test_there_are_none_unless_they_are_asked_for(site):
    site.record("a.md")
    site.build()
    assert not any("archive" in path for path in site.tree())
    assert b"archive" not in (site.feeds / "atom.xml").read_bytes()


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_the_way_back_passes_every_entry_once(kept, format):
    way = walk(kept.feeds, f"{format}.xml")
    months = [f"archive/2024-{month}.{format}.xml" for month in ("06", "03", "02", "01")]
    assert [path for path, _ in way] == months
    tag = "tag:feeds.example.org,2026:"
    assert way[0][1] == [f"{tag}6-20", f"{tag}6-1"]
    assert len([id for _, ids in way for id in ids]) == 8

    topic = walk(kept.feeds, f"go/{format}.xml")
    assert [path for path, _ in topic] == [f"go/{month}" for month in months]
    assert [ids for _, ids in topic] == [[f"{tag}{month}-20"] for month in (6, 3, 2, 1)]


def test_months_are_of_utc_and_a_boundary_belongs_to_the_later(site):
    site.configure(ON)
    dates = {
        "a": "2024-01-31T23:59:59.999999Z",
        "b": "2024-02-01T00:00:00Z",
        "c": "2024-02-29T22:30:00-05:00",
        "d": "0001-01-01T00:00:00Z",
        "f": "9999-12-31T23:59:59Z",
        "e": "1969-12-31T23:59:59Z",
    }
    for stem, date in dates.items():
        site.record(f"{stem}.md", publishedDateTime=date)
    site.build(now=parse_now("9999-12-31T23:59:59Z"))
    way = [(path[8:15], [id[-1] for id in ids]) for path, ids in walk(site.feeds, "atom.xml")]
    assert way == [
        ("9999-12", ["f"]),
        ("2024-03", ["c"]),
        ("2024-02", ["b"]),
        ("2024-01", ["a"]),
        ("1969-12", ["e"]),
        ("0001-01", ["d"]),
    ]


def test_a_document_is_as_old_as_its_newest_entry_and_names_no_hub(kept):
    kept.configure(ON + 'ttl = 60\n[websub]\nhubs = ["https://hub.example.org/"]\n')
    _write(kept, 2, 1, updatedDateTime="2024-08-08T00:00:00Z")
    kept.build()
    for month, updated in (("2024-01", "2024-01-20T09"), ("2024-02", "2024-08-08T00")):
        root = etree.parse(kept.feeds / PATH.format(month)).getroot()
        assert root.findtext(ATOM + "updated") == f"{updated}:00:00Z"
    data = b"".join(archives(kept.tree()).values())
    assert b"hub" not in data
    assert b"<ttl>" not in data
    assert b"hub.example.org" in (kept.feeds / "atom.xml").read_bytes()


@pytest.mark.parametrize(
    ("fields", "months"),
    [
        ({"title": "Other"}, {"2024-02"}),
        ({"publishedDateTime": "2024-01-05T00:00:00Z"}, {"2024-01", "2024-02"}),
        ({"topics": ["AI", "New"]}, {"2024-02"}),
        ({"heat": 9}, set()),
    ],
)
def test_an_edit_changes_its_own_month_only(kept, fields, months):
    before = kept.tree()
    _write(kept, 2, 1, **fields)
    kept.build()
    assert {path for path in changed(kept, before) if path.startswith("ai/")} == {
        "ai/" + PATH.format(month) for month in months
    }
    assert not any(path.startswith("go/") for path in changed(kept, before))
    assert kept.tree() == kept.fresh()


def test_a_late_record_joins_its_month_and_leaves_the_feed_alone(kept):
    before = kept.tree()
    _write(kept, 1, 9, topics=["Go"])
    kept.build()
    assert changed(kept, before) == {PATH.format("2024-01"), "go/" + PATH.format("2024-01")}
    assert kept.tree()["go/atom.xml"] == before["go/atom.xml"]
    assert kept.tree() == kept.fresh()


def test_a_month_that_appears_or_empties_touches_the_paging_of_its_neighbours(kept):
    before = kept.tree()
    _write(kept, 4, 1)
    kept.build()
    new = {PATH.format(f"2024-{month}") for month in ("03", "04", "06")}
    assert changed(kept, before) == new | {f"ai/{path}" for path in new}
    for path in changed(kept, before) & before.keys():
        assert unpaged(kept.tree()[path]) == unpaged(before[path])
    assert kept.tree() == kept.fresh()

    (kept.seeds / "4-1.md").unlink()
    report = kept.build()
    assert "archive/2024-04.rss.xml" in report.removed
    assert kept.tree() == before


def test_months_at_the_ends_come_and_go(kept):
    before = kept.tree()
    _write(kept, 8, 1)
    (kept.seeds / "1-1.md").unlink()
    (kept.seeds / "1-20.md").unlink()
    kept.build()
    assert changed(kept, before) == {
        folder + PATH.format(f"2024-{month}")
        for folder, months in (("", "01 02 06 08"), ("ai/", "01 02 06 08"), ("go/", "01 02"))
        for month in months.split()
    }
    assert kept.tree() == kept.fresh()


def test_unpublished_entries_leave_and_the_last_takes_the_archives_along(kept):
    for month in (1, 2, 3, 6):
        _write(kept, month, 20, topics=["AI", "Go"], removed="true")
    kept.build()
    assert archives(kept.tree(), "go/") == {}
    assert not (kept.feeds / "go" / "archive").exists()
    assert kept.feed("go/atom.xml").entries == []
    assert not any(b":6-20<" in data for data in kept.tree().values())
    assert kept.tree() == kept.fresh()


def test_time_moves_entries_in_and_out(kept):
    _write(kept, 3, 9, expires="2024-07-01T00:00:00Z")
    _write(kept, 7, 1)
    for now in ("2024-06-30T00:00:00Z", "2024-07-02T00:00:00Z", "2024-06-30T00:00:00Z"):
        kept.build(now=parse_now(now))
        assert kept.tree() == kept.fresh(now=parse_now(now))
    assert (kept.feeds / PATH.format("2024-07")).exists() is False


def test_what_did_not_change_is_not_touched_and_nothing_is_rendered_twice(kept):
    stats = {path: os.stat(kept.feeds / path).st_mtime_ns for path in kept.tree()}
    _write(kept, 6, 20, title="Other", topics=["AI", "Go"])
    report = kept.build()
    assert report.rendered == 1
    assert {path for path in report.written if "archive/" in path} == {
        f"{folder}archive/2024-06.{name}.xml"
        for folder in ("", "ai/", "go/")
        for name in ("atom", "rss")
    }
    for path in kept.tree().keys() - set(report.written) - {"manifest.json"}:
        assert os.stat(kept.feeds / path).st_mtime_ns == stats[path]


@pytest.mark.parametrize("gone", [True, False])
def test_a_document_that_somebody_spoilt_is_mended(kept, gone):
    before = kept.tree()
    file = kept.feeds / "go" / PATH.format("2024-02")
    file.unlink() if gone else file.write_bytes(b"mine")
    assert kept.build().written == ("go/archive/2024-02.atom.xml",)
    assert kept.tree() == before


def test_another_spelling_of_a_topic_reaches_the_old_months(kept):
    for month in (1, 2, 3, 6):
        _write(kept, month, 20, topics=["AI", "Go"])
    (kept.root / "topics.yaml").write_text("- {name: GO, aliases: [Golang]}\n")
    kept.build()
    assert all(
        b"<category" not in d or b'"GO"' in d
        for d in archives(kept.tree(), "go/").values()
        if b"<feed" in d
    )
    assert kept.tree() == kept.fresh()


def test_content_is_that_of_each_feed(kept):
    kept.configure(ON + 'all_content = "summary"\n')
    _write(kept, 1, 1)
    kept.record("long.md", "The whole body.", publishedDateTime="2024-01-02T09:00:00Z")
    kept.build()
    assert b"whole body" not in (kept.feeds / PATH.format("2024-01")).read_bytes()
    assert b"whole body" in (kept.feeds / "ai" / PATH.format("2024-01")).read_bytes()


def test_a_preview_and_formats_have_theirs(kept):
    kept.configure(ON + 'formats = ["rss", "json"]\n')
    _write(kept, 5, 5, draft="true")
    kept.build()
    assert not any(path.endswith("atom.xml") for path in kept.tree())
    assert "archive/2024-05.rss.xml" not in kept.tree()
    kept.build(include_unpublished=True)
    assert b">unpublished<" in kept.tree("preview")["archive/2024-05.rss.xml"]


def test_an_excluded_topic_has_none(kept):
    kept.configure(ON + '[topics]\nexclude = ["go"]\n')
    kept.build()
    assert not any(path.startswith("go/") for path in kept.tree())


def test_they_go_when_they_are_switched_off(kept):
    kept.configure(TOML)
    kept.build()
    assert not any("archive" in path for path in kept.tree())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE fragment SET packed = CAST(replace(packed, '1-1', '1-2') AS BLOB)",
        "UPDATE fragment SET packed = 'text'",
    ],
)
def test_an_entry_that_is_not_what_was_stored_gets_into_no_document(kept, damage):
    (file,) = kept.root.glob(".topicast/*.sqlite")
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(damage)
    _write(kept, 1, 20, title="New")

    report = kept.build()

    assert report.notes == ("the catalog was damaged; everything is read anew",)
    mended = kept.tree()
    kept.build(full=True)
    assert kept.tree() == mended
    assert mended["archive/2024-01.rss.xml"].count(b"<item>") == 2


@needs_records
def test_real_records_are_all_on_the_way_back(site):
    assert RECORDS is not None
    site.configure(ON)
    folders = ("news", "samples", "learning")
    for folder in folders:
        shutil.copytree(RECORDS / folder, site.seeds / folder)
    now = datetime(2023, 9, 1, 12, tzinfo=UTC)
    site.build(now=int(now.timestamp()) * 1_000_000)
    feeds = feeds_of(read_folder(site.seeds, folders).values(), now, limit=10**6)
    for name, entries in feeds.items():
        folder = f"{slug(name)}/" if name else ""
        for format in ("atom", "rss"):
            way = walk(site.feeds, f"{folder}{format}.xml")
            assert [id for _, ids in way for id in ids] == [entry.id for entry in entries], name
            assert {path for path, _ in way} == {
                path for path in archives(site.tree(), folder) if path.endswith(f"{format}.xml")
            }
