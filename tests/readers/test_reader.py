"""reader, a library for feed readers in Python. It fetches the feeds, as it does for its users."""

from __future__ import annotations

import html
from typing import Any

import pytest
from shown import THINGS, Shown, Shows, Tree, by_id, content, differences, wanted

pytest.importorskip("sgmllib")
reader = pytest.importorskip("reader")

SOME = dict.fromkeys(THINGS, "yes") | {
    **dict.fromkeys(("categories", "picture", "caption", "related", "unpublished"), "no"),
    "content": "else the caption",
}
SHOWS: Shows = {
    "rss": SOME
    | {
        "updated": "where it differs",
        "authors": "last",
        "enclosures": "first",
        "language": "no",
    },
    "atom": SOME | {"link": "else the id", "authors": "last", "language": "with content"},
    "json": SOME | {"content": "else the summary"},
}
FILES = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"}


@pytest.mark.parametrize("kind", SHOWS)
def test_every_feed_shows_what_its_records_say(tree: Tree, kind: str) -> None:
    paths = tree.feeds(FILES[kind])
    with reader.make_reader(":memory:") as library:
        for path in paths:
            library.add_feed(f"{tree.url}/{path}")
        failed = [
            result for result in library.update_feeds_iter() if isinstance(result.value, Exception)
        ]
        assert failed == []

        for path in paths:
            entries = library.get_entries(feed=f"{tree.url}/{path}")
            shown = by_id(_shown(entry, kind) for entry in entries)
            assert differences(shown, by_id(wanted(tree, path, SHOWS[kind]))) == []


def _shown(entry: Any, kind: str) -> Shown:
    whole = entry.content[0] if entry.content else None
    return Shown(
        id=entry.id,
        title=entry.title,
        link=entry.link or "",
        published=entry.published,
        updated=entry.updated,
        authors=tuple(author.name for author in entry.authors),
        summary=html.unescape(entry.summary) if kind == "rss" else entry.summary,
        content=_content(whole) if whole else None,
        enclosures=tuple(file.href for file in entry.enclosures),
        language=None if kind == "rss" else whole and whole.language,
    )


def _content(whole: Any) -> Any:
    return content(html.escape(whole.value) if whole.type == "text/plain" else whole.value)
