"""The only module that imports feedgen and lxml, and the place where feedgen's traps are mended.

feedgen is slow to import: the format modules import this one when they first render. What a
format writes beyond feedgen's words is handed in as lines of text (``lines``). What is mended in
printed XML is found by its tag: a "<" in it is always markup, never text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from html import escape

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from topicast.formats.fields import EntryFields
from topicast.formats.lines import (
    INDENT,
    NAMESPACES,
    as_plain_text,
    element,
    escaped,
    in_attribute,
    repeated,
)
from topicast.formats.model import Feed
from topicast.times import rfc822, rfc3339

_GENERATOR = "Topicast"  # without a version: an upgrade alone must change no byte
_RSS_DOCS = "https://www.rssboard.org/rss-specification"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_RSS_PREFIXES = ("atom", "content", "dc", "media")
_ATOM_PREFIXES = ("app", "media")

# Marks in what feedgen prints. An Atom date of its making would be now, and not end in "Z".
_MARK = datetime(1, 1, 1, tzinfo=UTC)
_NO_DATE = f"<updated>{_MARK.isoformat()}</updated>"


def rss_item(fields: EntryFields, extras: Iterable[str]) -> bytes:
    """One ``item`` with ``extras`` at its end, ready to stand in a channel."""
    values = {
        "id": escaped(fields.id),
        "title": as_plain_text(fields.title),
        "link": escaped(fields.link),
        # The description is HTML: plain text is escaped here as HTML, and once more as XML.
        "summary": escaped(escape(fields.summary, quote=False)),
    }
    # Not by feedgen's pubDate, which prints through setlocale, nor with its content, which has a
    # prefix of its own making when an item is printed alone (``ns0:encoded``).
    own = [repeated("category", name) for name in fields.categories]
    if fields.content:
        own.append(element("content:encoded", fields.content))
    own.append(element("pubDate", rfc822(fields.published)))
    return _extended(_rss_item(bool(fields.link)) % values, 2, own, extras)


@cache
def _rss_item(linked: bool) -> str:
    """An item as feedgen prints it, with marks for ``%`` in the place of values."""
    made = _feed_entry(linked)
    # feedgen takes it for Atom's content too, so what is made here can be printed as RSS only.
    made.description("%(summary)s")
    return _printed(made.rss_entry(), 2)


def atom_entry(fields: EntryFields, extras: Iterable[str]) -> bytes:
    """One ``entry`` with ``extras`` at its end, ready to stand in a feed."""
    values = {
        "id": escaped(fields.id),
        "title": escaped(fields.title),
        "link": in_attribute(fields.link),
        "summary": escaped(fields.summary),
        "content": escaped(fields.content),
        "updated": rfc3339(fields.updated),
        "language": in_attribute(fields.language),
    }
    for place, name in enumerate(fields.authors):
        values[f"author{place}"] = escaped(name)
    there = bool(fields.link), bool(fields.content), bool(fields.language)
    own = [repeated("category", term=name) for name in fields.categories]
    own.append(element("published", rfc3339(fields.published)))
    return _extended(_atom_entry(*there, len(fields.authors)) % values, 1, own, extras)


@lru_cache(maxsize=256)
def _atom_entry(linked: bool, with_content: bool, with_language: bool, authors: int) -> str:
    """An entry as feedgen prints it, with marks for ``%`` in the place of values."""
    made = _feed_entry(linked)
    made.updated(_MARK)
    made.summary("%(summary)s", type="text")
    made.author([{"name": f"%(author{place})s"} for place in range(authors)])
    if with_content:
        # Escaped, never as CDATA: that would be printed as an Atom type that does not exist.
        made.content("%(content)s", type="html")
    entry = made.atom_entry()
    if with_language:
        entry.set(_XML_LANG, "%(language)s")
    whole = _dated(_typed_title(_printed(entry, 1)), "%(updated)s")
    # feedgen prints links with no attribute but href. This one is the alternate.
    return whole.replace('<link href="%(link)s"/>', '<link href="%(link)s" rel="alternate"/>')


def _feed_entry(linked: bool) -> FeedEntry:
    """What both formats have, to be made once for all entries of the same parts.

    Making it for each takes as long as all else of an entry.
    """
    made = FeedEntry()
    made.id("%(id)s")
    made.title("%(title)s")
    if linked:
        made.link(href="%(link)s", rel="alternate")
    return made


def _printed(made: etree._Element, depth: int) -> str:
    """``made`` as indented lines; nothing in it has a namespace."""
    etree.indent(made, space=INDENT, level=depth)
    printed: str = etree.tostring(made, encoding="unicode")
    return printed


def _extended(whole: str, depth: int, own: Iterable[str], extras: Iterable[str]) -> bytes:
    """The printed element ``whole`` with more at its end, as whole lines.

    Their prefixes are those that the head declares: some readers take prefixes literally.
    """
    before, _, end = whole.rpartition("\n")
    inner = "\n" + INDENT * (depth + 1)
    return f"{INDENT * depth}{inner.join((before, *own, *extras))}\n{end}\n".encode()


def rss_head(feed: Feed, address: str, media_type: str, extras: Iterable[str]) -> bytes:
    """An RSS document up to the first item; ``address`` is the feed's own.

    ``extras`` stand at the end of what the channel says of itself.
    """
    values = {
        "title": as_plain_text(feed.title),
        # A channel must have one (RSS 2.0, required channel elements).
        "description": as_plain_text(feed.description or feed.title),
        "page": escaped(feed.page),
        "own": in_attribute(address),
        "language": escaped(feed.language),
        "rights": as_plain_text(feed.rights),
    }
    lines = (element("lastBuildDate", rfc822(feed.updated)), *extras)
    shell = _rss_shell(_there(values), feed.ttl, media_type, _prefixes(_RSS_PREFIXES, lines))
    return _finished(_styled(shell % values, feed), INDENT * 2, lines)


@lru_cache(maxsize=64)
def _rss_shell(
    there: tuple[str, ...], ttl: int | None, media_type: str, prefixes: tuple[str, ...]
) -> str:
    """A channel as feedgen prints it before its first item, with marks for the values ``there``."""
    generator = _feed_generator(_marks(there), media_type, prefixes)
    generator.docs(_RSS_DOCS)
    generator.ttl(ttl)
    # feedgen has no way to leave this out, and would print it through setlocale.
    generator._FeedGenerator__rss_lastBuildDate = None
    printed: str = generator.rss_str(pretty=True).decode()
    return printed.rpartition(f"{INDENT}</channel>")[0]


def atom_head(feed: Feed, address: str, media_type: str, extras: Iterable[str]) -> bytes:
    """An Atom document up to the first entry; ``address`` is the feed's own.

    ``extras`` stand at the end of what the feed says of itself.
    """
    values = {
        "id": escaped(feed.id),
        "title": escaped(feed.title),
        "description": escaped(feed.description),
        "page": in_attribute(feed.page),
        "own": in_attribute(address),
        "language": in_attribute(feed.language),
        "rights": escaped(feed.rights),
        "author": escaped(feed.author),
        "icon": escaped(feed.icon),
        "logo": escaped(feed.logo.url) if feed.logo else "",
        "updated": rfc3339(feed.updated),
    }
    lines = tuple(extras)
    shell = _atom_shell(_there(values), media_type, _prefixes(_ATOM_PREFIXES, lines))
    return _finished(_styled(shell % values, feed), INDENT, lines)


@lru_cache(maxsize=64)
def _atom_shell(there: tuple[str, ...], media_type: str, prefixes: tuple[str, ...]) -> str:
    """A feed as feedgen prints it before its first entry, with marks for the values ``there``."""
    marks = _marks(there)
    generator = _feed_generator(marks, media_type, prefixes)
    generator.id(marks["id"])
    generator.updated(_MARK)
    generator.author(name=marks["author"])
    generator.icon(marks.get("icon"))
    generator.logo(marks.get("logo"))
    printed = generator.atom_str(pretty=True).decode()
    head = _dated(_typed_title(printed.rpartition("</feed>")[0]), marks["updated"])
    return head.replace("<subtitle>", '<subtitle type="text">', 1)


def _there(values: Mapping[str, str]) -> tuple[str, ...]:
    """The names of those that say something: the others are no part of the feed."""
    return tuple([name for name, value in values.items() if value])


def _marks(names: Iterable[str]) -> dict[str, str]:
    return {name: f"%({name})s" for name in names}


def _feed_generator(
    marks: Mapping[str, str], media_type: str, prefixes: tuple[str, ...]
) -> FeedGenerator:
    """What both formats have, to be made once for all feeds of the same parts."""
    made = FeedGenerator()
    made.title(marks["title"])
    made.subtitle(marks.get("description"))
    made.rights(marks.get("rights"))
    made.generator(_GENERATOR)
    made.language(marks.get("language"))
    # The last link becomes the channel's, whatever its rel: the page must be the last.
    made.link(href=marks["own"], rel="self", type=media_type)
    made.link(href=marks["page"], rel="alternate", type="text/html")
    made.register_extension("prefixes", lambda: _Prefixes(prefixes))
    return made


class _Prefixes(BaseExtension):  # type: ignore[misc]
    """Declares prefixes on the root."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._declared = {name: NAMESPACES[name] for name in names}

    def extend_ns(self) -> dict[str, str]:
        return self._declared


def _prefixes(of_entries: tuple[str, ...], lines: Iterable[str]) -> tuple[str, ...]:
    """The prefixes that a head declares: those its entries may have, and those of its ``lines``."""
    own = [line[1:].partition(":")[0] for line in lines]
    return tuple(dict.fromkeys((*of_entries, *(name for name in own if name in NAMESPACES))))


def _finished(head: str, indent: str, lines: Iterable[str]) -> bytes:
    return "".join((head, *(f"{indent}{line}\n" for line in lines))).encode()


def _styled(head: str, feed: Feed) -> str:
    """``head`` with the style sheet that browsers show it by, where there is one."""
    if not feed.style:
        return head
    declaration, end, rest = head.partition("?>\n")
    instruction = f'<?xml-stylesheet type="text/css" href="{feed.style}"?>\n'
    return declaration + end + instruction + rest


def _typed_title(printed: str) -> str:
    """Atom that says of what kind its title is."""
    return printed.replace("<title>", '<title type="text">', 1)


def _dated(printed: str, updated: str) -> str:
    """Atom with the date in place of its mark."""
    return printed.replace(_NO_DATE, f"<updated>{updated}</updated>", 1)
