"""Real records, read a second time by other means: every feed holds what it must, and only that."""

from __future__ import annotations

import html
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import feedparser
import pytest
import yaml

from second_reading import RECORDS, Seen, feeds_of, needs_records, read_folder, slug
from site_on_disk import TOML, Site

pytestmark = needs_records

FOLDERS = ("news", "samples", "learning")
NOW = datetime(2023, 9, 1, 12, tzinfo=UTC)  # some records are still ahead


class Variant(NamedTuple):
    """A way to build the archive. ``taxonomy``: records name their own topic and no parent."""

    preview: bool
    limit: int
    taxonomy: bool


class Built(NamedTuple):
    """``feeds`` are the entries that the second reading gives, by topic name ("": all)."""

    variant: Variant
    tree: Path
    feeds: dict[str, list[Seen]]


VARIANTS = {
    "usual": Variant(preview=False, limit=50, taxonomy=False),
    "all": Variant(preview=False, limit=1000, taxonomy=False),
    "preview": Variant(preview=True, limit=1000, taxonomy=False),
    "taxonomy": Variant(preview=False, limit=1000, taxonomy=True),
    "taxonomy-preview": Variant(preview=True, limit=50, taxonomy=True),
}


@pytest.fixture(scope="module", params=VARIANTS.values(), ids=VARIANTS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    variant: Variant = request.param
    site = Site(tmp_path_factory.mktemp("real") / "site")
    _copy(site.seeds, orphans=variant.taxonomy)
    parents = _taxonomy(site) if variant.taxonomy else {}
    topics = '[topics]\nfile = "taxonomy"\n' if variant.taxonomy else ""
    site.configure(f"{TOML}[feeds]\nlimit = {variant.limit}\n{topics}")
    now = int(NOW.timestamp()) * 1_000_000
    report = site.build(now=now, include_unpublished=variant.preview)
    assert report.set_aside == 0
    records = read_folder(site.seeds, FOLDERS)
    feeds = feeds_of(
        records.values(), NOW, limit=variant.limit, preview=variant.preview, parents=parents
    )
    return Built(variant, site.root / ("preview" if variant.preview else "feeds"), feeds)


def _copy(seeds: Path, *, orphans: bool) -> None:
    """The records; ``orphans`` lose the topic that is the parent of their others."""
    assert RECORDS is not None
    for folder in FOLDERS:
        shutil.copytree(RECORDS / folder, seeds / folder)
    for file in seeds.rglob("*.md") if orphans else ():
        text = file.read_text("utf-8")
        if "topics:\n  - Power Apps\n  - " in text:
            file.write_text(text.replace("\n  - Power Apps\n", "\n", 1), "utf-8")


def _taxonomy(site: Site) -> dict[str, str]:
    """Give the site the archive's own folder of topics; the parent of each."""
    assert RECORDS is not None
    folder = shutil.copytree(RECORDS / "topics", site.root / "taxonomy")
    topics = [yaml.safe_load(file.read_text("utf-8")) for file in folder.iterdir()]
    return {topic["name"]: topic["parent"] for topic in topics if "parent" in topic}


def test_there_is_a_feed_for_each_topic_and_no_other(built: Built) -> None:
    folders = {path.name for path in built.tree.iterdir() if path.is_dir()}

    assert folders == {slug(name) for name in built.feeds if name}
    assert len(built.feeds) == 8


def test_atom_feeds_hold_the_right_entries(built: Built) -> None:
    for name, expected in built.feeds.items():
        feed = _parsed(built.tree / slug(name) / "atom.xml")

        _compare(feed, name, built)
        assert [_from_atom(entry) for entry in feed.entries] == [_row(one) for one in expected]


def test_rss_feeds_hold_the_right_entries(built: Built) -> None:
    for name, expected in built.feeds.items():
        feed = _parsed(built.tree / slug(name) / "rss.xml")

        _compare(feed, name, built)
        assert [_from_rss(entry) for entry in feed.entries] == [_row(one) for one in expected]


def test_categories_are_the_records_own_topics(built: Built) -> None:
    for name, expected in built.feeds.items():
        for kind in ("rss.xml", "atom.xml"):
            feed = _parsed(built.tree / slug(name) / kind)
            for entry, one in zip(feed.entries, expected, strict=True):
                mark = ["unpublished"] if one.state == "unpublished" else []
                assert [tag.term for tag in entry.tags] == [*one.topics, *mark]


def test_what_is_hidden_is_in_no_file(built: Built) -> None:
    written = b"".join(file.read_bytes() for file in built.tree.rglob("*") if file.is_file())
    everything = html.unescape(written.decode())
    shown = {one.id: one.title for feed in built.feeds.values() for one in feed}
    records = read_folder(built.tree.parent / "seeds", FOLDERS)
    hidden = [one for one in records.values() if one.id not in shown]

    assert len(hidden) > 30
    for one in hidden:
        assert f"{one.id}<" not in everything
        assert one.title in shown.values() or f"{one.title}<" not in everything


@cache
def _parsed(path: Path) -> Any:
    return feedparser.parse(path.read_bytes())


def _compare(feed: Any, name: str, built: Built) -> None:
    """What the feed says of itself."""
    assert not feed.bozo
    title = f"{name} · Test Site" if name else "Test Site"
    assert feed.feed.title == title + (" (preview)" if built.variant.preview else "")
    assert feed.feed.link == f"https://feeds.example.org/{slug(name) + '/' if name else ''}"
    newest = built.feeds[name][0].published
    assert newest is not None
    assert feed.feed.updated_parsed[:6] == newest.timetuple()[:6]


Row = tuple[str, str, str, str, tuple[int, ...], tuple[str, ...]]


def _row(one: Seen) -> Row:
    assert one.published is not None
    date = tuple(one.published.timetuple()[:6])
    return (one.id, one.title, one.summary, one.link, date, one.authors)


def _from_atom(entry: Any) -> Row:
    assert entry.updated_parsed == entry.published_parsed
    assert (entry.title_detail.type, entry.summary_detail.type) == ("text/plain", "text/plain")
    authors = tuple(author.name for author in entry.authors)
    date = tuple(entry.published_parsed[:6])
    return (entry.id, entry.title, entry.summary, entry.link, date, authors)


def _from_rss(entry: Any) -> Row:
    # A description is HTML; plain text in it is escaped once, as HTML.
    summary = html.unescape(entry.summary)
    authors = tuple(author.name for author in entry.authors)
    date = tuple(entry.published_parsed[:6])
    return (entry.id, html.unescape(entry.title), summary, entry.link, date, authors)
