"""newsboat, a feed reader for terminals. It fetches the feeds, and its cache is what it shows."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from newsboat import COMMAND, Newsboat
from shown import THINGS, Shown, Shows, Tree, by_id, content, differences, wanted

pytestmark = pytest.mark.skipif(COMMAND is None, reason="newsboat is not installed")

SOME = dict.fromkeys(THINGS, "no") | {
    **dict.fromkeys(("id", "title", "link", "published"), "yes"),
    "content": "else the summary",
    "enclosures": "last to play",
}
SHOWS: Shows = {
    "rss": SOME | {"authors": "last"},
    "atom": SOME | {"authors": "yes", "content": "else the summary, as HTML"},
}


@pytest.mark.parametrize("kind", SHOWS)
def test_every_feed_shows_what_its_records_say(tree: Tree, kind: str, tmp_path: Path) -> None:
    # A cache each, and so a run each: three of them; the last test of this module reads all feeds.
    for number, path in enumerate(tree.feeds(f"{kind}.xml")[:3]):
        rows = Newsboat(tmp_path / str(number)).read([f"{tree.url}/{path}"])

        expected = [_as_written(one) for one in wanted(tree, path, SHOWS[kind])]
        assert differences(by_id(map(_shown, rows)), by_id(expected)) == []


def _shown(row: sqlite3.Row) -> Shown:
    return Shown(
        id=row["guid"],
        title=row["title"],
        link=row["url"],
        published=datetime.fromtimestamp(row["pubDate"], UTC),
        authors=row["author"],
        content=content(row["content"]),
        enclosures=tuple(filter(None, [row["enclosure_url"]])),
    )


def _as_written(one: Shown) -> Shown:
    """Authors are one text; no query has an apostrophe, and no time is before 1970."""
    parts = urlsplit(one.link)
    link = urlunsplit(parts._replace(query=parts.query.replace("'", "%27")))
    published = datetime.fromtimestamp(one.published.timestamp() % 2**32, UTC)
    return one._replace(authors=", ".join(one.authors), link=link, published=published)


def test_an_entry_of_several_feeds_is_kept_once(tree: Tree, tmp_path: Path) -> None:
    paths = tree.feeds("rss.xml")
    rows = Newsboat(tmp_path / "all").read(f"{tree.url}/{path}" for path in paths)

    guids = [row["guid"] for row in rows]
    assert len(guids) == len(set(guids))
    assert set(guids) == {one.id for one in wanted(tree, "rss.xml", SHOWS["rss"])}


def test_it_moves_to_the_feed_that_was_fetched_last(tree: Tree, tmp_path: Path) -> None:
    everything, topic = (f"{tree.url}/{path}" for path in tree.feeds("rss.xml")[:2])
    newsboat = Newsboat(tmp_path / "moved")
    newsboat.read([everything])

    rows = newsboat.read([topic])

    assert {row["feedurl"] for row in rows} == {everything, topic}
    newsboat.read([everything])
    assert {row["feedurl"] for row in newsboat.entries()} == {everything}


def test_the_list_of_feeds_can_be_imported_and_read(tree: Tree, tmp_path: Path) -> None:
    newsboat = Newsboat(tmp_path / "imported")

    newsboat.run("-i", str(tree.path / "feeds.opml"))

    lines = newsboat.urls.read_text("utf-8").splitlines()
    addresses = [line.split()[0] for line in lines]
    assert sorted(addresses) == sorted(f"{tree.url}/{path}" for path in tree.feeds("rss.xml"))
    newsboat.run("-x", "reload")
    ids = {row["guid"] for row in newsboat.entries()}
    assert ids == {one.id for one in wanted(tree, "rss.xml", SHOWS["rss"])}
