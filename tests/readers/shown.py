"""What a reader must show of each entry, and how much of it each reader does show.

The expectation is what ``feed.json`` says; ``test_expectation.py`` holds that to the records. A
test module has a table ``SHOWS`` of what its reader shows of each thing, in each format, and
``docs/readers.md`` is made of those tables (``test_table.py``).
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import lxml.html
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"

Shows = Mapping[str, Mapping[str, str]]  # by format, by thing: a key of HOW


class Tree(NamedTuple):
    """A feed tree and the address that it is served at."""

    path: Path
    url: str

    def feeds(self, filename: str) -> list[str]:
        """The paths in the tree of the feeds of one format, that of all topics first."""
        found = self.path.rglob(filename)
        paths = (path.relative_to(self.path).as_posix() for path in found)
        return sorted(paths, key=lambda path: (path.count("/"), path))


class Content(NamedTuple):
    """What is left of HTML whoever has cleaned and printed it anew."""

    text: str
    links: tuple[str, ...]
    pictures: tuple[str, ...]


class Shown(NamedTuple):
    """An entry in a reader. None stands for what the reader does not show."""

    id: Any
    title: Any
    link: Any = None
    published: Any = None
    updated: Any = None
    authors: Any = None
    categories: Any = None
    summary: Any = None
    content: Any = None
    picture: Any = None
    caption: Any = None
    enclosures: Any = None
    related: Any = None
    language: Any = None
    unpublished: Any = None


THINGS = Shown._fields


def _else(thing: str, other: Callable[[Shown], Any]) -> Callable[[Shown, str], Any]:
    return lambda one, _: getattr(one, thing) or other(one)


# How much of a thing a reader shows: the words of docs/readers.md.
HOW: dict[str, Callable[[Shown, str], Any]] = {
    "yes": getattr,
    "no": lambda one, thing: None,
    "first": lambda one, thing: getattr(one, thing)[:1],
    "last": lambda one, thing: getattr(one, thing)[-1:],
    "last to play": lambda one, thing: playable(getattr(one, thing))[-1:],
    "where it differs": lambda one, thing: None if one.updated == one.published else one.updated,
    "with content": lambda one, thing: one.language if one.content or one.caption else None,
    "else the id": _else("link", lambda one: one.id),
    "else another": _else("link", lambda one: (*one.related, *one.enclosures, "")[0]),
    "else the caption": _else("content", lambda one: content(html.escape(one.caption))),
    "else the summary": _else("content", lambda one: content(html.escape(one.summary))),
    "else the summary, as HTML": _else("content", lambda one: content(one.summary)),
}


def wanted(tree: Tree, path: str, shows: Mapping[str, str]) -> list[Shown]:
    """The entries of the feed at ``path``, of which the reader shows what ``shows`` says."""
    assert shows.keys() == set(THINGS)
    entries = expected(tree.path / Path(path).with_name("feed.json"))
    return [Shown(**{thing: HOW[shows[thing]](one, thing) for thing in THINGS}) for one in entries]


def expected(feed: Path) -> list[Shown]:
    """All that a JSON Feed says of its entries."""
    said = json.loads(feed.read_bytes())
    captions = _captions(feed.with_name("atom.xml"))
    language = said["language"]
    return [_expected(item, captions[item["id"]], language) for item in said["items"]]


def _captions(feed: Path) -> dict[str, str]:
    """Those of first pictures, by id: what JSON Feed has no word for."""
    entries = etree.parse(feed).iter(f"{ATOM}entry")
    return {
        entry.findtext(f"{ATOM}id", ""): entry.findtext(f"{MEDIA}content/{MEDIA}description", "")
        for entry in entries
    }


def _expected(item: Mapping[str, Any], caption: str, language: str) -> Shown:
    extension = item.get("_topicast", {})
    return Shown(
        id=item["id"],
        title=item["title"],
        link=item.get("url", ""),
        published=moment(item["date_published"]),
        updated=moment(item["date_modified"]),
        authors=tuple(author["name"] for author in item.get("authors", ())),
        categories=tuple(item.get("tags", ())),
        summary=item["summary"],
        content=content(item["content_html"]) if "content_html" in item else None,
        picture=item.get("image", ""),
        caption=caption,
        enclosures=tuple(file["url"] for file in item.get("attachments", ())),
        related=tuple(one["url"] for one in extension.get("related", ())),
        language=item.get("language", language),
        unpublished=extension.get("published") is False,
    )


def content(markup: str) -> Content | None:
    """None where there is none."""
    if not markup:
        return None
    root = lxml.html.fragment_fromstring(markup, create_parent="div")
    return Content(
        " ".join(root.text_content().split()),
        tuple(str(link.get("href")) for link in root.iter("a")),
        tuple(str(picture.get("src")) for picture in root.iter("img")),
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def playable(addresses: Iterable[str]) -> tuple[str, ...]:
    """Those of recordings, as the archives of these tests name them."""
    return tuple(one for one in addresses if one.endswith((".mp3", ".mp4", ".m4a", ".webm")))


def by_id(entries: Iterable[Shown]) -> list[Shown]:
    """For readers that have an order of their own."""
    return sorted(entries, key=lambda one: str(one.id))


def differences(shown: Sequence[Shown], wanted: Sequence[Shown]) -> list[str]:
    """Where what is shown is not what is wanted, thing by thing."""
    if [one.id for one in shown] != [one.id for one in wanted]:
        return [f"entries: {[one.id for one in shown]}, not {[one.id for one in wanted]}"]
    return [
        f"{thing} of {one.id}: {getattr(one, thing)!r}, not {getattr(other, thing)!r}"
        for one, other in zip(shown, wanted, strict=True)
        for thing in THINGS
        if getattr(one, thing) != getattr(other, thing)
    ]
