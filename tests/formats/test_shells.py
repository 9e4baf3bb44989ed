"""What feedgen makes once, and is filled in then: it is what feedgen makes of each in full."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import msgspec
import pytest
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from format_samples import HOUR, MAY_1, SETTINGS, make_feed, make_item
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from topicast.formats import FORMATS, Feed
from topicast.formats.fields import EntryFields, entry_fields, legal
from topicast.formats.lines import NAMESPACES
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


TEXTS = st.text(
    st.one_of(st.sampled_from("<>&\"'%()\r\n\t\u00a0é😀"), st.characters(codec="utf-8")),
    max_size=40,
).map(lambda text: legal(text).strip())
SAID = TEXTS.filter(bool)
ADDRESSES = st.sampled_from([ODD, "https://example.org/%(id)s?a&b"])


@st.composite
def heads(draw: st.DrawFn) -> Feed:
    return make_feed(
        title=draw(SAID),
        description=draw(TEXTS),
        author=draw(SAID),
        rights=draw(TEXTS),
        language=draw(st.sampled_from(["", "de", "pt-BR"])),
        page=draw(ADDRESSES),
        folder=draw(ADDRESSES),
        icon=draw(st.sampled_from(["", ODD])),
        logo=draw(st.sampled_from([None, Image(ODD)])),
        ttl=draw(st.sampled_from([None, 60])),
        style=draw(st.sampled_from(["", "../style.css"])),
    )


@pytest.mark.parametrize("name", ["rss", "atom"])
@given(heads())
def test_a_head_is_what_feedgen_makes_in_full(name: str, feed: Feed) -> None:
    root = etree.fromstring(FORMATS[name].head(feed) + FORMATS[name].tail(feed))
    ours, whole = said(root[0] if name == "rss" else root), said(in_full(feed, name))

    assert ours[: len(whole)] == whole


@st.composite
def entries(draw: st.DrawFn) -> EntryFields:
    link = draw(st.sampled_from(["", ODD, "https://example.org/%(id)s?a&b"]))
    fields = entry_fields(make_item(), SETTINGS)
    return msgspec.structs.replace(
        fields,
        id=draw(SAID),
        title=draw(SAID),
        summary=draw(SAID),
        link=link,
        content=draw(TEXTS if link else SAID),
        authors=tuple(draw(st.lists(SAID, max_size=3))),
        language=draw(st.sampled_from(["", "de", "pt-BR"])),
    )


def entry_in_full(fields: EntryFields, name: str) -> etree._Element:
    made = FeedEntry()
    made.id(fields.id)
    made.title(fields.title)
    if fields.link:
        made.link(href=fields.link, rel="alternate")
    if name == "rss":
        made.description(escape(fields.summary, quote=False))
        return made.rss_entry()
    made.updated(datetime.fromtimestamp(fields.updated // 1_000_000, UTC))
    made.summary(fields.summary, type="text")
    made.author([{"name": author} for author in fields.authors])
    if fields.content:
        made.content(fields.content, type="html")
    return made.atom_entry()


def parts(entry: etree._Element) -> list[tuple[str, str, dict[str, str]]]:
    """What stands in an entry, but for the kinds that feedgen has no words for in Atom."""
    found = []
    for element in entry:
        kept = {k: v for k, v in element.attrib.items() if k not in ("rel", "type")}
        text = "".join(element.itertext()).replace("+00:00", "Z")
        found.append((element.tag, text if len(element) == 0 else text.strip(), kept))
    return found


@pytest.mark.parametrize("name", ["rss", "atom"])
@given(entries())
def test_an_entry_is_what_feedgen_makes_in_full(name: str, fields: EntryFields) -> None:
    whole = parts(etree.fromstring(etree.tostring(entry_in_full(fields, name))))
    prefixes = " ".join(f'xmlns:{prefix}="urn:{prefix}"' for prefix in NAMESPACES)
    printed = FORMATS[name].entry(fields).decode()
    (ours,) = etree.fromstring(f"<feed {prefixes}>{printed}</feed>")

    assert parts(ours)[: len(whole)] == whole
    assert ours.get("{http://www.w3.org/XML/1998/namespace}lang", "") == (
        fields.language if name == "atom" else ""
    )
