"""The only module that imports feedgen and lxml, and the place where feedgen's traps are mended.

feedgen is slow to import: the format modules import this one when they first render. What a
format writes beyond feedgen's words is handed in as ``Node`` values.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from topicast.formats.fields import EntryFields
from topicast.formats.model import Feed
from topicast.formats.node import INDENT, NAMESPACES, Node
from topicast.times import rfc822, rfc3339

_GENERATOR = "Topicast"  # without a version: an upgrade alone must change no byte
_RSS_DOCS = "https://www.rssboard.org/rss-specification"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_RSS_PREFIXES = {name: NAMESPACES[name] for name in ("atom", "content", "dc", "media")}
_ATOM_PREFIXES = {name: NAMESPACES[name] for name in ("app", "media")}


def rss_item(fields: EntryFields, extras: Iterable[Node]) -> bytes:
    """One ``item`` with ``extras`` at its end, ready to stand in a channel."""
    made = _feed_entry(fields)
    # The description is HTML: plain text is escaped here as HTML, and once more as XML. feedgen
    # takes it for Atom's content too, so what is made here can be printed as RSS only.
    made.description(escape(fields.summary, quote=False))
    # Not by feedgen's pubDate, which prints through setlocale, nor with its content, which has a
    # prefix of its own making when an item is printed alone (``ns0:encoded``).
    own = [Node("pubDate", rfc822(fields.published))]
    if fields.content:
        own.insert(0, Node("content:encoded", fields.content))
    return _plain_title(_printed(made.rss_entry(), 2, (*own, *extras)))


def atom_entry(fields: EntryFields, extras: Iterable[Node]) -> bytes:
    """One ``entry`` with ``extras`` at its end, ready to stand in a feed."""
    made = _feed_entry(fields)
    made.summary(fields.summary, type="text")
    made.author([{"name": name} for name in fields.authors])
    if fields.content:
        # Escaped, never as CDATA: that would be printed as an Atom type that does not exist.
        made.content(fields.content, type="html")
    entry = made.atom_entry()
    if fields.language:
        entry.set(_XML_LANG, fields.language)
    _mend_atom(entry, updated=rfc3339(fields.updated))
    # feedgen prints links with no attribute but href: an enclosure would be a second alternate.
    for element, link in zip(entry.iterchildren("link"), made.link() or (), strict=True):
        for name, value in link.items():
            element.set(name, value)
    return _printed(entry, 1, (Node("published", rfc3339(fields.published)), *extras))


def rss_head(feed: Feed, address: str, media_type: str, extras: Iterable[Node]) -> bytes:
    """An RSS document up to the first item; ``address`` is the feed's own.

    ``extras`` stand at the end of what the channel says of itself.
    """
    generator = _feed_generator(feed, address, media_type)
    # A channel must have one (RSS 2.0, required channel elements).
    generator.description(feed.description or feed.title)
    generator.docs(_RSS_DOCS)
    generator.ttl(feed.ttl)
    # feedgen has no way to leave this out, and would print it through setlocale.
    generator._FeedGenerator__rss_lastBuildDate = None
    extras = (Node("lastBuildDate", rfc822(feed.updated)), *extras)
    generator.register_extension("head", lambda: _RssHead(extras), atom=False)
    printed: bytes = generator.rss_str(pretty=True)
    head = printed.rpartition(b"  </channel>")[0]
    return _styled(_plain_title(_plain_title(head), b"copyright"), feed)


def atom_head(feed: Feed, address: str, media_type: str, extras: Iterable[Node]) -> bytes:
    """An Atom document up to the first entry; ``address`` is the feed's own.

    ``extras`` stand at the end of what the feed says of itself.
    """
    generator = _feed_generator(feed, address, media_type)
    generator.id(feed.id)
    generator.author(name=feed.author)
    generator.icon(feed.icon or None)
    generator.logo(feed.logo.url if feed.logo else None)
    head = _AtomHead(rfc3339(feed.updated), extras)
    generator.register_extension("head", lambda: head, rss=False)
    printed: bytes = generator.atom_str(pretty=True)
    return _styled(printed.rpartition(b"</feed>")[0], feed)


class _RssHead(BaseExtension):  # type: ignore[misc]
    """Declares the prefixes that items use, and adds to the channel."""

    def __init__(self, extras: Iterable[Node]) -> None:
        self._extras = tuple(extras)

    def extend_ns(self) -> dict[str, str]:
        return _RSS_PREFIXES | _prefixes(self._extras)

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        for node in self._extras:
            _append(feed[0], node)
        return feed


class _AtomHead(BaseExtension):  # type: ignore[misc]
    """Declares the prefixes that entries use, and mends the head."""

    def __init__(self, updated: str, extras: Iterable[Node]) -> None:
        self._updated = updated
        self._extras = tuple(extras)

    def extend_ns(self) -> dict[str, str]:
        return _ATOM_PREFIXES | _prefixes(self._extras)

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        _mend_atom(feed, updated=self._updated)
        for node in self._extras:
            _append(feed, node)
        return feed


def _feed_entry(fields: EntryFields) -> FeedEntry:
    made = FeedEntry()
    made.id(fields.id)
    made.title(fields.title)
    if fields.link:
        made.link(href=fields.link, rel="alternate")
    made.category([{"term": term} for term in fields.categories])
    return made


def _printed(element: etree._Element, depth: int, extras: Iterable[Node]) -> bytes:
    """Whole lines, indented: ``element``, in which nothing has a namespace, and then ``extras``.

    Their prefixes are those that the head declares: some readers take prefixes literally.
    """
    etree.indent(element, space=INDENT, level=depth)
    outer = INDENT * depth
    whole: str = etree.tostring(element, encoding="unicode")
    before, line_end, end = whole.rpartition("\n")
    parts = [outer, before, line_end]
    for node in extras:
        node.print(parts, depth + 1)
    parts += (end, "\n")
    return "".join(parts).encode()


def _feed_generator(feed: Feed, address: str, media_type: str) -> FeedGenerator:
    made = FeedGenerator()
    made.title(feed.title)
    made.subtitle(feed.description)
    made.rights(feed.rights)
    made.generator(_GENERATOR)
    made.language(feed.language)
    # The last link becomes the channel's, whatever its rel: the page must be the last.
    made.link(href=address, rel="self", type=media_type)
    made.link(href=feed.page, rel="alternate", type="text/html")
    return made


def _mend_atom(parent: etree._Element, *, updated: str) -> None:
    """Says what kind the texts are, and the date in place of feedgen's default, which is now."""
    for element in parent.iterchildren("title", "subtitle", "updated"):
        if element.tag == "updated":
            element.text = updated
        else:
            element.set("type", "text")


def _styled(printed: bytes, feed: Feed) -> bytes:
    """The document with the style sheet by which a browser shows it, where there is one."""
    if not feed.style:
        return printed
    declaration, end, rest = printed.partition(b"?>\n")
    instruction = f'<?xml-stylesheet type="text/css" href="{feed.style}"?>\n'
    return declaration + end + instruction.encode() + rest


def _plain_title(printed: bytes, tag: bytes = b"title") -> bytes:
    """``&`` and ``<`` of the first title, or other ``tag``, as the RSS profile wants them.

    So written they are plain text, and not markup that was escaped.
    """
    before, start, rest = printed.partition(b"<" + tag + b">")
    title, end, rest = rest.partition(b"</" + tag + b">")
    title = title.replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
    return b"".join((before, start, title, end, rest))


def _prefixes(extras: Iterable[Node]) -> dict[str, str]:
    """The prefixes that a head must declare for its own sake."""
    return {p: NAMESPACES[p] for node in extras if (p := node.tag.partition(":")[0]) in NAMESPACES}


def _append(parent: etree._Element, node: Node) -> None:
    element = etree.SubElement(parent, _qualified(node.tag))
    for name, value in node.attributes:
        element.set(name, value)
    if node.text:
        element.text = node.text
    for child in node.children:
        _append(element, child)


@cache
def _qualified(tag: str) -> str:
    prefix, colon, name = tag.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{name}" if colon else tag
