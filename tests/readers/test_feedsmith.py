"""feedsmith, a parser in JavaScript that knows all formats, OPML too, and most extensions."""

from __future__ import annotations

import html
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from node import needs, parse
from shown import THINGS, Shown, Shows, Tree, content, differences, moment, wanted

pytestmark = needs("feedsmith")

ALL = dict.fromkeys(THINGS, "yes")
SHOWS: Shows = {
    "rss": ALL | {"updated": "where it differs", "enclosures": "first"},
    "atom": ALL,
    "json": ALL | {"caption": "no", "related": "no"},
}
FILES = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"}


@pytest.mark.parametrize("kind", SHOWS)
def test_every_feed_shows_what_its_records_say(tree: Tree, kind: str) -> None:
    paths = tree.feeds(FILES[kind])
    for path, feed in zip(
        paths, parse("feedsmith", [tree.path / path for path in paths]), strict=True
    ):
        entries = feed["entries" if kind == "atom" else "items"]
        language = feed["xml"]["lang"] if kind == "atom" else feed["language"]
        shown = [SHOWN[kind](entry, language) for entry in entries]
        assert differences(shown, wanted(tree, path, SHOWS[kind])) == []


def _of_rss(item: dict[str, Any], language: str) -> Shown:
    dublin, atom = item.get("dc", {}), item.get("atom", {})
    categories = tuple(category["name"] for category in item.get("categories", ()))
    return Shown(
        id=item["guid"]["value"],
        title=item["title"],
        link=item.get("link", ""),
        published=parsedate_to_datetime(item["pubDate"]),
        updated=moment(atom["updated"]) if "updated" in atom else None,
        authors=tuple(dublin.get("creators", ())),
        categories=categories,
        summary=html.unescape(item["description"]),
        content=content(item.get("content", {}).get("encoded", "")),
        picture=_picture(item),
        caption=_caption(item),
        enclosures=tuple(file["url"] for file in item.get("enclosures", ())),
        related=tuple(link["href"] for link in atom.get("links", ())),
        language="".join(dublin.get("languages", ())) or language,
        unpublished="unpublished" in categories,
    )


def _of_atom(entry: dict[str, Any], language: str) -> Shown:
    links: dict[str, list[str]] = {}
    for link in entry.get("links", ()):
        links.setdefault(link["rel"], []).append(link["href"])
    return Shown(
        id=entry["id"],
        title=entry["title"]["value"],
        link="".join(links.get("alternate", ())),
        published=moment(entry["published"]),
        updated=moment(entry["updated"]),
        authors=tuple(author["name"] for author in entry.get("authors", ())),
        categories=tuple(category["term"] for category in entry.get("categories", ())),
        summary=entry["summary"]["value"],
        content=content(entry.get("content", {}).get("value", "")),
        picture=_picture(entry),
        caption=_caption(entry),
        enclosures=tuple(links.get("enclosure", ())),
        related=tuple(links.get("related", ())),
        language=entry.get("xml", {}).get("lang", language),
        unpublished=entry.get("app", {}).get("control", {}).get("draft", False),
    )


def _of_json(item: dict[str, Any], language: str) -> Shown:
    tags = tuple(item.get("tags", ()))
    return Shown(
        id=item["id"],
        title=item["title"],
        link=item.get("url", ""),
        published=moment(item["date_published"]),
        updated=moment(item["date_modified"]),
        authors=tuple(author["name"] for author in item.get("authors", ())),
        categories=tags,
        summary=item["summary"],
        content=content(item.get("content_html", "")),
        picture=item.get("image", ""),
        enclosures=tuple(file["url"] for file in item.get("attachments", ())),
        language=item.get("language", language),
        unpublished="unpublished" in tags,
    )


def _caption(entry: dict[str, Any]) -> str:
    """That of the first picture."""
    contents = entry.get("media", {}).get("contents", ())
    return next((one["description"]["value"] for one in contents if "description" in one), "")


def _picture(entry: dict[str, Any]) -> str:
    return "".join(picture["url"] for picture in entry.get("media", {}).get("thumbnails", ()))


SHOWN: dict[str, Callable[[dict[str, Any], str], Shown]] = {
    "rss": _of_rss,
    "atom": _of_atom,
    "json": _of_json,
}


def test_the_list_of_feeds_can_be_imported(tree: Tree) -> None:
    (parsed,) = parse("feedsmith", [tree.path / "feeds.opml"])

    addresses = _addresses(parsed["body"]["outlines"])
    assert sorted(addresses) == sorted(f"{tree.url}/{path}" for path in tree.feeds("rss.xml"))


def _addresses(outlines: list[dict[str, Any]]) -> list[str]:
    below = [address for one in outlines for address in _addresses(one.get("outlines", []))]
    return [one["xmlUrl"] for one in outlines if "xmlUrl" in one] + below
