"""Heads that are made once a feed: each is what feedgen makes of that one document in full."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from feedgen.feed import FeedGenerator
from format_samples import HOUR, MAY_1, make_feed
from lxml import etree

from topicast.formats import FORMATS, Feed
from topicast.formats.model import Paging, Tombstone
from topicast.formats.paging import own_address
from topicast.records.model import Image

MARKUP = '<atom:link href="urn:itself" rel="self" type="application/rss+xml"/>'
ODD = "https://example.org/feeds/a%22?x=1&y=<2>\"'/"
# In this order: the documents of one feed after each other, then another feed, then the first.
FEEDS = [
    make_feed(),
    make_feed(updated=MAY_1 + HOUR, paging=Paging(before="2024-01")),
    make_feed(updated=MAY_1 - HOUR, paging=Paging("2024-01", "2023-01", "2024-02")),
    make_feed(updated=MAY_1, paging=Paging("2024-02")),
    make_feed(paging=Paging(before="2024-01"), tombstones=(Tombstone("urn:a&b", MAY_1),)),
    make_feed(title=MARKUP, description=MARKUP, author=MARKUP, rights=MARKUP, folder=ODD),
    make_feed(title="urn:itself", icon=ODD, logo=Image(ODD), ttl=90, style="../style.css"),
    make_feed(hubs=("https://hub.example.org/",), description="", rights=""),
    make_feed(folder="https://example.org/other/"),
    make_feed(),
]


def in_full(feed: Feed, name: str) -> etree._Element:
    kind = FORMATS[name]
    made = FeedGenerator()
    made.id(feed.id)
    made.title(feed.title)
    made.subtitle(feed.description)
    made.rights(feed.rights)
    made.generator("Topicast")
    made.language(feed.language)
    made.ttl(feed.ttl)
    made.updated(datetime.fromtimestamp(feed.updated // 1_000_000, UTC))
    made.docs("https://www.rssboard.org/rss-specification")
    made.link(href=own_address(feed, kind.filename), rel="self", type=kind.media_type)
    made.link(href=feed.page, rel="alternate", type="text/html")
    if name == "rss":
        made.description(feed.description or feed.title)
        return etree.fromstring(made.rss_str())[0]
    made.author(name=feed.author)
    made.icon(feed.icon)
    made.logo(feed.logo.url if feed.logo else "")
    return etree.fromstring(made.atom_str())


def said(parent: etree._Element) -> list[tuple[str, str, dict[str, str]]]:
    """What stands in a head. feedgen's own way with dates and kinds is told from nothing here."""
    found = []
    for element in parent:
        name = etree.QName(element).localname
        text = "".join(element.itertext()).strip().replace("+00:00", "Z")
        if name != "lastBuildDate":  # it stands elsewhere, and was made another way
            kind = {} if name in ("title", "subtitle") else dict(element.attrib)
            found.append((element.tag, text, kind))
    return found


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_the_head_of_each_document_is_what_feedgen_makes_in_full(name: str) -> None:
    kind = FORMATS[name]
    for feed in FEEDS:
        root = etree.fromstring(kind.head(feed) + kind.tail(feed))
        ours, whole = said(root[0] if name == "rss" else root), said(in_full(feed, name))

        assert ours[: len(whole)] == whole
        names = [etree.QName(tag).localname for tag, _, _ in ours[len(whole) :]]
        assert set(names) <= {"link", "archive", "deleted-entry"}


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_head_is_the_same_whatever_was_made_before_it(name: str) -> None:
    once = [FORMATS[name].head(feed) for feed in FEEDS]

    assert [FORMATS[name].head(feed) for feed in reversed(FEEDS)] == once[::-1]
    assert once[0] == once[-1]
    assert len(set(once)) == len(FEEDS) - 1
