"""feedparser, which many Python programs read feeds with."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Any

import pytest
from shown import THINGS, Shown, Shows, Tree, content, differences, wanted

feedparser = pytest.importorskip("feedparser")

ALL = dict.fromkeys(THINGS, "yes") | {"content": "else the caption", "caption": "no"}
SHOWS: Shows = {
    "rss": ALL | {"updated": "where it differs", "enclosures": "first"},
    "atom": ALL | {"link": "else the id"},
}


@pytest.mark.parametrize("kind", SHOWS)
def test_every_feed_shows_what_its_records_say(tree: Tree, kind: str) -> None:
    for path in tree.feeds(f"{kind}.xml"):
        parsed = feedparser.parse((tree.path / path).read_bytes())

        assert not parsed.bozo
        shown = [_shown(entry, kind, parsed.feed.language) for entry in parsed.entries]
        assert differences(shown, wanted(tree, path, SHOWS[kind])) == []


def _shown(entry: Any, kind: str, language: str) -> Shown:
    tags = tuple(tag.term for tag in entry.get("tags", ()))
    links = entry.get("links", ())
    # Asked for a date that is not there, feedparser gives the other one.
    updated = entry.updated_parsed if "updated_parsed" in entry else None
    return Shown(
        id=entry.id,
        title=entry.title,
        link=entry.get("link", ""),
        published=datetime(*entry.published_parsed[:6], tzinfo=UTC),
        updated=updated and datetime(*updated[:6], tzinfo=UTC),
        authors=tuple(author.name for author in entry.get("authors", ())),
        categories=tags,
        summary=html.unescape(entry.summary) if kind == "rss" else entry.summary,
        content=content(entry.content[0].value) if "content" in entry else None,
        picture=next((one["url"] for one in entry.get("media_thumbnail", ())), ""),
        enclosures=tuple(one.href for one in links if one.rel == "enclosure"),
        related=tuple(one.href for one in links if one.rel == "related"),
        language=_language(entry, kind) or language,
        unpublished="unpublished" in tags if kind == "rss" else entry.get("app_draft") == "yes",
    )


def _language(entry: Any, kind: str) -> str:
    return entry.get("language", "") if kind == "rss" else entry.title_detail.language
