"""The rules of RFC 4287 and RSS 2.0 that a machine can check, for every feed that tests build.

``Site.build`` calls ``check_tree``, so a test of anything at all fails where a feed breaks a rule.
This shares no code with Topicast, and reads what is written, as no tolerant reader would.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree, html

from archivecheck import archive_faults
from jsonfeedcheck import disagreements, json_faults
from opmlcheck import opml_faults

A = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DC_DATE = "{http://purl.org/dc/elements/1.1/}date"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# XML 1.0, 2.2, without the C1 controls that it discourages.
BAD_CHARACTER = re.compile("[^\t\n\r -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# RFC 3986, 2: what may stand in a URI; % only before two digits, in upper case (6.2.2.1).
URI = re.compile(r"[a-z][a-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-F]{2})+")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
UNSAFE = ("script", "style", "iframe", "object", "embed", "form", "base", "meta", "link")
PLAYERS = ("https://www.youtube-nocookie.com/embed/", "https://player.vimeo.com/video/")
TEXT_TYPES = {None, "text", "html", "xhtml"}

Faults = Iterator[str]


def check_tree(root: Path, base_url: str, paths: list[str]) -> None:
    """Raises AssertionError, with every fault, where a feed among ``paths`` breaks a rule.

    ``paths`` are those of files in ``root``, which is public at ``base_url``.
    """
    faults = []
    for path in paths:
        if path.endswith(("rss.xml", "atom.xml")):
            found = faults_of((root / path).read_bytes(), f"{base_url}/{path}")
            faults += [f"{path}: {fault}" for fault in found]
        if path.endswith("rss.xml") and (atom := path[:-7] + "atom.xml") in paths:
            faults += twin_faults((root / path).read_bytes(), (root / atom).read_bytes(), path)
        if path.endswith("feed.json"):
            found = json_faults((root / path).read_bytes(), f"{base_url}/{path}", content_faults)
            faults += [f"{path}: {fault}" for fault in found]
            faults += [f"{path}: {fault}" for fault in _disagreements(root, path, paths)]
        if path == "feeds.opml":
            faults += [f"{path}: {fault}" for fault in opml_faults((root / path).read_bytes())]
    faults += archive_faults(root, base_url, paths)
    assert not faults, "\n".join(faults)


def _disagreements(root: Path, path: str, paths: list[str]) -> tuple[str, ...]:
    three = [path[:-9] + name for name in ("rss.xml", "atom.xml", "feed.json")]
    return disagreements(*map(_bytes(root), three)) if set(three) <= set(paths) else ()


def _bytes(root: Path) -> Callable[[str], bytes]:
    return lambda path: (root / path).read_bytes()


@lru_cache(maxsize=4096)  # a feed that no edit touched is checked once
def faults_of(data: bytes, address: str) -> tuple[str, ...]:
    """What is wrong with a feed that is public at ``address``, RSS or Atom."""
    try:
        text = data.decode("utf-8")
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
        return (f"not well-formed UTF-8 XML: {error}",)
    rules = _rss if root.tag == "rss" else _atom
    return (*_document(text, root), *rules(root, address))


@lru_cache(maxsize=4096)
def twin_faults(rss: bytes, atom: bytes, path: str) -> tuple[str, ...]:
    """Where the RSS and the Atom feed of one topic differ in ids, titles, links or their order."""
    items = [
        (item.findtext("guid"), item.findtext("title"), item.findtext("link"))
        for item in etree.fromstring(rss).iter("item")
    ]
    entries = [
        (entry.findtext(A + "id"), entry.findtext(A + "title"), _alternate(entry))
        for entry in etree.fromstring(atom).iter(A + "entry")
    ]
    differing = [f"{a} and {b}" for a, b in zip(items, entries, strict=False) if a != b]
    if len(items) != len(entries):
        differing.append(f"{len(items)} and {len(entries)} entries")
    return tuple(f"{path}: RSS and Atom differ: {one}" for one in differing)


# Rules of both formats.


def _document(text: str, root: etree._Element) -> Faults:
    if not text.startswith("<?xml "):
        yield "no XML declaration at the start"
    if "<!DOCTYPE" in text:
        yield "a document type"
    if bad := BAD_CHARACTER.search(text):
        yield f"bad character U+{ord(bad[0]):04X}"
    for element in root.iter():
        for value in (element.text or "", *element.attrib.values()):
            if bad := BAD_CHARACTER.search(value):
                yield f"bad character U+{ord(bad[0]):04X} in {_name(element)}"


def _once(parent: etree._Element, *tags: str) -> Faults:
    """Each of ``tags`` must be there once, and say something."""
    for tag in tags:
        found = parent.findall(tag)
        if len(found) != 1:
            yield f"{len(found)} {_name(tag)} in {_name(parent)}"
        elif not (found[0].text or "").strip():
            yield f"blank {_name(tag)} in {_name(parent)}"


def _at_most_once(parent: etree._Element, *tags: str) -> Faults:
    for tag in tags:
        if len(parent.findall(tag)) > 1:
            yield f"more than one {_name(tag)} in {_name(parent)}"


def _not_blank(parent: etree._Element, *tags: str) -> Faults:
    for tag in tags:
        if any(not str(found.xpath("string()")).strip() for found in parent.findall(tag)):
            yield f"blank {_name(tag)} in {_name(parent)}"


def _address(url: str | None, where: str) -> Faults:
    """An absolute http(s) URI in ASCII."""
    if url is None or not URI.fullmatch(url):
        yield f"{where} is no URI: {url!r}"
    elif not url.startswith(("http://", "https://")) or not urlsplit(url).hostname:
        yield f"{where} is no http(s) address: {url!r}"


def _unique(ids: list[str | None]) -> Faults:
    for id, count in Counter(ids).items():
        if count > 1:
            yield f"id not unique: {id}"
        if id is None or not URI.fullmatch(id):
            yield f"id is no URI: {id!r}"


def content_faults(markup: str) -> Faults:
    """What readers are not to be given: active elements, handlers, relative addresses."""
    if not markup.strip():
        yield "empty content"
        return
    for element in html.fragment_fromstring(markup, create_parent="div").iter(etree.Element):
        if element.tag in UNSAFE and not element.get("src", "").startswith(PLAYERS):
            yield f"unsafe <{element.tag}> in content"
        for name, value in element.attrib.items():
            if name.startswith("on") or name == "style":
                yield f"unsafe attribute {name} in content"
            if name in ("href", "src"):
                yield from _address(value, f"{name} in content")


def _order(published: list[datetime | None]) -> Faults:
    # Feeds are written in whole seconds: among those of one second any order may be right.
    dates = [at for at in published if at is not None]
    if dates != sorted(dates, reverse=True):
        yield "entries are not in the order of their dates"


def _newest(updated: datetime | None, entries: list[datetime | None]) -> Faults:
    dates = [at for at in entries if at is not None]
    if dates and updated != max(dates):
        yield f"the feed's date {updated} is not the newest of its entries, {max(dates)}"


def _date(
    parent: etree._Element, tag: str, read: Callable[[str], datetime | None], faults: list[str]
) -> datetime | None:
    """The date in the first ``tag``; None where there is none. A bad one goes to ``faults``."""
    text = parent.findtext(tag)
    date = None if text is None else read(text)
    if text is not None and date is None:
        faults.append(f"bad date in {_name(tag)}: {text!r}")
    return date


def _rfc3339(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if RFC3339.fullmatch(text) else None
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text) if RFC822.fullmatch(text) else None
    except ValueError:
        return None
    # The weekday, which parsers pass over.
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return date if date and text[:3] == names[date.weekday()] else None


def _name(element: etree._Element | str) -> str:
    return etree.QName(element).localname


# RSS 2.0, and the profile of the RSS Advisory Board.


def _rss(root: etree._Element, address: str) -> Faults:
    if root.get("version") != "2.0":
        yield "the version of RSS is not 2.0"
    if [child.tag for child in root] != ["channel"]:
        yield "not one channel"
        return
    channel = root[0]
    yield from _once(channel, "title", "link", "description", "lastBuildDate")
    yield from _at_most_once(channel, "language", "generator", "docs", "ttl", "image", "copyright")
    yield from _address(channel.findtext("link"), "link of the channel")
    yield from _rss_self(channel, address)
    language = channel.findtext("language")
    if language is not None and not LANGUAGE.fullmatch(language):
        yield f"language {language!r}"
    tags = [child.tag for child in channel]
    if "item" in tags and set(tags[tags.index("item") :]) != {"item"}:
        yield "channel elements after items"

    items = channel.findall("item")
    faults: list[str] = []
    published = [_date(item, "pubDate", _rfc822, faults) for item in items]
    revised = [_date(item, A + "updated", _rfc3339, faults) for item in items]
    built = _date(channel, "lastBuildDate", _rfc822, faults)
    yield from faults
    yield from _unique([item.findtext("guid") for item in items])
    yield from _order(published)
    yield from _newest(built, [a or b for a, b in zip(revised, published, strict=True)])
    for item in items:
        yield from _rss_item(item)


def _rss_self(channel: etree._Element, address: str) -> Faults:
    own = [link for link in channel.findall(A + "link") if link.get("rel") == "self"]
    if [link.get("href") for link in own] != [address]:
        yield f"the self link is not {address}"
    elif own[0].get("type") != "application/rss+xml":
        yield "the self link has another type"


def _rss_item(item: etree._Element) -> Faults:
    yield from _once(item, "title", "description", "guid", "pubDate")
    yield from _at_most_once(item, "link", "author", "comments", "source", "enclosure", CONTENT)
    yield from _not_blank(item, "category")
    if item.find("guid[@isPermaLink='false']") is None:
        yield "a guid without isPermaLink false"
    if (link := item.find("link")) is not None:
        yield from _address(link.text, "link of an item")
    if (content := item.find(CONTENT)) is not None:
        yield from content_faults(content.text or "")
        tags = [child.tag for child in item]
        if "description" in tags[tags.index(CONTENT) :]:
            yield "content before description"
    elif link is None:
        yield "an item with neither link nor content"
    if "@" not in item.findtext("author", "@"):
        yield "an author without an address"
    if item.find(DC_DATE) is not None:
        yield "dc:date beside pubDate"
    for enclosure in item.findall("enclosure"):
        yield from _address(enclosure.get("url"), "enclosure")
        if not enclosure.get("length", "").isdigit() or "/" not in enclosure.get("type", ""):
            yield "an enclosure without length or type"
    for link in item.findall(A + "link"):
        yield from _address(link.get("href"), "link of an item")


# Atom, RFC 4287.


def _atom(root: etree._Element, address: str) -> Faults:
    if root.tag != A + "feed":
        yield f"neither RSS nor Atom: {root.tag}"
        return
    yield from _once(root, A + "id", A + "title", A + "updated")
    yield from _at_most_once(root, A + "generator", A + "subtitle", A + "rights", A + "logo")
    yield from _people(root)
    yield from _texts(root)
    yield from _links(root)
    if [link.get("href") for link in _with_rel(root, "self")] != [address]:
        yield f"the self link is not {address}"
    if len(_with_rel(root, "alternate")) != 1:
        yield "not one alternate of the feed"
    language = root.get(LANG)
    if language is not None and not LANGUAGE.fullmatch(language):
        yield f"language {language!r}"

    entries = root.findall(A + "entry")
    faults: list[str] = []
    published = [_date(entry, A + "published", _rfc3339, faults) for entry in entries]
    updated = [_date(entry, A + "updated", _rfc3339, faults) for entry in entries]
    own = _date(root, A + "updated", _rfc3339, faults)
    yield from faults
    yield from _unique([each.findtext(A + "id") for each in (root, *entries)])
    yield from _order(published)
    yield from _newest(own, updated)
    yield from _graves(root, [entry.findtext(A + "id") for entry in entries])
    for begun, revised in zip(published, updated, strict=True):
        if begun and revised and revised < begun:
            yield "updated before published"
    for entry in entries:
        if root.find(A + "author") is None and entry.find(A + "author") is None:
            yield "an entry without an author"
        yield from _atom_entry(entry)


def _graves(root: etree._Element, ids: list[str | None]) -> Faults:
    """RFC 6721: who is gone and since when, and here not a word more."""
    graves = [grave for grave in root.iter() if etree.QName(grave).namespace == TOMBSTONES]
    yield from _unique([*ids, *(grave.get("ref") for grave in graves)])
    for grave in graves:
        if grave.getparent() is not root or _name(grave) != "deleted-entry":
            yield f"{_name(grave)} in {_name(grave.getparent())}"
        if grave.keys() != ["ref", "when"] or len(grave) or grave.text:
            yield "a tombstone that tells more than ref and when"
        if not _rfc3339(grave.get("when", "")):
            yield f"bad date of a tombstone: {grave.get('when')!r}"


def _atom_entry(entry: etree._Element) -> Faults:
    yield from _once(entry, A + "id", A + "title", A + "updated", A + "published")
    yield from _at_most_once(entry, A + "content", A + "summary", A + "rights", A + "source")
    yield from _not_blank(entry, A + "summary", A + "content")
    yield from _people(entry)
    yield from _texts(entry)
    yield from _links(entry)
    content = entry.find(A + "content")
    if content is None and not _with_rel(entry, "alternate"):
        yield "an entry with neither link nor content"
    if content is None and entry.find(A + "summary") is None:
        yield "an entry with neither summary nor content"
    if content is not None and content.get("type") == "html":
        yield from content_faults(content.text or "")
    for category in entry.findall(A + "category"):
        if not category.get("term", "").strip():
            yield "blank term of a category"


def _people(parent: etree._Element) -> Faults:
    for person in (*parent.findall(A + "author"), *parent.findall(A + "contributor")):
        yield from _once(person, A + "name")


def _texts(parent: etree._Element) -> Faults:
    for tag in ("title", "subtitle", "summary", "rights", "content"):
        for text in parent.findall(A + tag):
            if text.get("type") not in TEXT_TYPES:
                yield f"type {text.get('type')!r} of {tag}"
            if len(text) and text.get("type") != "xhtml":
                yield f"markup in {tag}"


def _links(parent: etree._Element) -> Faults:
    alternates = Counter(
        (link.get("type"), link.get("hreflang")) for link in _with_rel(parent, "alternate")
    )
    if any(count > 1 for count in alternates.values()):
        yield "more than one alternate of a type and language"
    for link in parent.findall(A + "link"):
        yield from _address(link.get("href"), f"link in {_name(parent)}")
        if not link.get("rel"):
            yield "a link without rel"


def _with_rel(parent: etree._Element, rel: str) -> list[etree._Element]:
    return [link for link in parent.findall(A + "link") if link.get("rel", "alternate") == rel]


def _alternate(entry: etree._Element) -> str | None:
    return next((link.get("href") for link in _with_rel(entry, "alternate")), None)
