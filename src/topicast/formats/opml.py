"""OPML 2.0 (http://opml.org/spec2.opml): the list of all feeds, to subscribe to many at once."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from topicast.formats.fields import feed_fields, legal
from topicast.formats.model import Feed
from topicast.times import rfc822

FILENAME = "feeds.opml"
_DOCS = "http://opml.org/spec2.opml"


class Outline(msgspec.Struct, frozen=True):
    """One feed of the list, and those of the topics below. ``address`` is the feed's own."""

    name: str  # of the topic, or of the site
    feed: Feed
    address: str
    below: tuple[Outline, ...] = ()


def opml(top: Outline) -> bytes:
    """The document: ``top`` is the feed of all topics, and stands before those below it."""
    from xml.sax.saxutils import escape  # late: it brings a whole HTTP client

    feed = feed_fields(top.feed)
    head = {
        "title": feed.title,
        "dateModified": rfc822(feed.updated),
        "ownerName": feed.author,
        "docs": _DOCS,
    }
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head>",
        *(f"    <{tag}>{escape(text)}</{tag}>" for tag, text in head.items()),
        "  </head>",
        "  <body>",
        *_lines(msgspec.structs.replace(top, below=()), "", "    "),
        *(line for each in top.below for line in _lines(each, feed.description, "    ")),
        "  </body>",
        "</opml>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _lines(outline: Outline, known: str, indent: str) -> Iterator[str]:
    """One feed; where there are topics below it, a group of it and them.

    Not nested in each other: importers know groups of feeds (OPML 2.0, subscription lists), and
    some lose a feed that has others in it. ``known`` is the description that need not be repeated.
    """
    feed = feed_fields(outline.feed)
    name = legal(outline.name).strip() or feed.title
    # The type is "rss" for every kind of feed.
    said = {
        "type": "rss",
        "text": name,
        "title": feed.title,
        "xmlUrl": legal(outline.address),
        "htmlUrl": feed.page,
        "description": feed.description if feed.description != known else "",
        "language": feed.language,
    }
    own = f"<outline{_attributes(said)}/>"
    if not outline.below:
        yield indent + own
        return
    yield f"{indent}<outline{_attributes({'text': name, 'title': name})}>"
    yield f"{indent}  {own}"
    for each in outline.below:
        yield from _lines(each, known, indent + "  ")
    yield f"{indent}</outline>"


def _attributes(said: dict[str, str]) -> str:
    from xml.sax.saxutils import quoteattr  # late: as above

    return "".join(f" {name}={quoteattr(value)}" for name, value in said.items() if value)
