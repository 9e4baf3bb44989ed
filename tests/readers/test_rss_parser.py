"""rss-parser, which many programs in JavaScript read feeds with."""

from __future__ import annotations

import html
from typing import Any

import pytest
from node import needs, parse
from shown import THINGS, Shown, Shows, Tree, content, differences, moment, wanted

pytestmark = needs("rss-parser")

SOME = dict.fromkeys(THINGS, "yes") | {
    **dict.fromkeys(("updated", "picture", "caption", "related"), "no"),
    "authors": "first",
}
SHOWS: Shows = {
    "rss": SOME | {"enclosures": "first"},
    "atom": SOME
    | {"link": "else another"}
    | dict.fromkeys(("categories", "enclosures", "language", "unpublished"), "no"),
}


@pytest.mark.parametrize("kind", SHOWS)
def test_every_feed_shows_what_its_records_say(tree: Tree, kind: str) -> None:
    paths = tree.feeds(f"{kind}.xml")
    for path, feed in zip(
        paths, parse("rss-parser", [tree.path / path for path in paths]), strict=True
    ):
        shown = [_shown(item, kind, feed.get("language", "")) for item in feed["items"]]
        assert differences(shown, wanted(tree, path, SHOWS[kind])) == []


def _shown(item: dict[str, Any], kind: str, language: str) -> Shown:
    if kind == "atom":
        return Shown(
            id=item["id"],
            title=item["title"],
            link=item.get("link", ""),
            published=moment(item["pubDate"]),
            authors=_author(item.get("author")),
            summary=item["summary"],
            content=content(item.get("content", "")),
        )
    categories = tuple(item.get("categories", ()))
    return Shown(
        id=item["guid"],
        title=item["title"],
        link=item.get("link", ""),
        published=moment(item["isoDate"]),
        authors=_author(item.get("creator")),
        categories=categories,
        summary=html.unescape(item["content"]),
        content=content(item.get("content:encoded", "")),
        enclosures=tuple(file["url"] for file in [item.get("enclosure")] if file),
        language=item.get("language", language),
        unpublished="unpublished" in categories,
    )


def _author(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()
