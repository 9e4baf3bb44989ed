"""OPML 2.0 (http://opml.org/spec2.opml): the list of all feeds, to subscribe to many at once."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import msgspec

from topicast.formats.fields import feed_fields, legal
from topicast.formats.model import Feed
from topicast.formats.times import rfc822

FILENAME = "feeds.opml"
_DOCS = "http://opml.org/spec2.opml"


class Outline(msgspec.Struct, frozen=True):
    """One feed in the list, with those of the topics below it. ``address`` is the feed's own."""

    name: str  # of the topic, or of the site
    feed: Feed
    address: str
    below: tuple[Outline, ...] = ()


def opml(top: Outline) -> bytes:
    """The document: ``top`` is the feed of all topics, and stands before those below it."""
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
    """The lines of one feed; ``known`` is the description that need not be said again."""
    feed = feed_fields(outline.feed)
    # The type is "rss" for every kind of feed.
    said = {
        "type": "rss",
        "text": legal(outline.name).strip() or feed.title,
        "title": feed.title,
        "xmlUrl": legal(outline.address),
        "htmlUrl": feed.page,
        "description": feed.description if feed.description != known else "",
        "language": feed.language,
    }
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in said.items() if value)
    if not outline.below:
        yield f"{indent}<outline{attributes}/>"
        return
    yield f"{indent}<outline{attributes}>"
    for each in outline.below:
        yield from _lines(each, known, indent + "  ")
    yield f"{indent}</outline>"
