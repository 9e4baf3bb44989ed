"""The rules of RFC 5005 for archived feeds, and Topicast's own: months, and every entry once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
ARCHIVE = re.compile(r"(?P<folder>(?:[a-z0-9._-]+/)?)archive/(?P<month>\d{4}-\d\d)\.(?P<name>.+)")
FEED = re.compile(r"(?:[a-z0-9._-]+/)?(?:rss|atom)\.xml")


class Document(NamedTuple):
    """What a document of a feed says of its place, and the entries that it prints."""

    id: str | None
    marks: int  # fh:archive
    links: tuple[tuple[str | None, str | None], ...]  # of paging: rel, href
    entries: tuple[tuple[str, str, str], ...]  # id, month of published, all that is printed


def archive_faults(root: Path, base_url: str, paths: list[str]) -> Iterator[str]:
    """What is wrong with the archives among ``paths``, which are those of files in ``root``."""
    archives: dict[str, dict[str, str]] = {}
    for path in paths:
        if found := ARCHIVE.fullmatch(path):
            feed = found["folder"] + found["name"]
            archives.setdefault(feed, {})[found["month"]] = path
    for feed in archives:
        if feed not in paths:
            yield f"{feed} has archives and is not there"
    for feed in filter(FEED.fullmatch, paths):
        months = archives.get(feed, {})
        for fault in _feed_faults(root, f"{base_url}/", feed, months):
            yield f"archives of {feed}: {fault}"


def _feed_faults(root: Path, base: str, feed: str, months: dict[str, str]) -> Iterator[str]:
    subscribed = read(root / feed)
    places = [base + months[month] for month in sorted(months)]
    if subscribed.marks or subscribed.links != tuple(("prev-archive", at) for at in places[-1:]):
        yield f"the feed itself links {subscribed.links}"
    seen: dict[str, str] = {}
    for index, month in enumerate(sorted(months)):
        document = read(root / months[month])
        links = [("current", base + feed)]
        links += [("prev-archive", at) for at in places[:index][-1:]]
        links += [("next-archive", at) for at in places[index + 1 :][:1]]
        if len(places) == 1:  # the only one goes on to the feed: the W3C validator wants a way on
            links.append(("next-archive", base + feed))
        if document.links != tuple(links):
            yield f"{month} links {document.links}"
        if document.marks != 1 or document.id != subscribed.id:
            yield f"{month} is not marked as an archive of the feed"
        if not document.entries or {of for _, of, _ in document.entries} != {month}:
            yield f"{month} has entries of other months, or none"
        for id, _, printed in document.entries:
            if id in seen:
                yield f"{id} is there twice"
            seen[id] = printed
    if (
        months
        and not {id: printed for id, _, printed in subscribed.entries}.items() <= seen.items()
    ):
        yield "an entry of the feed is not in its archives as it is there"


def read(file: Path) -> Document:
    return _read(file.read_bytes())


@lru_cache(maxsize=4096)
def _read(data: bytes) -> Document:
    root = etree.fromstring(data)
    parent = root[0] if root.tag == "rss" else root
    links = tuple(
        (link.get("rel"), link.get("href"))
        for link in parent.findall(ATOM + "link")
        if link.get("rel") in ("current", "prev-archive", "next-archive")
    )
    entries = [*parent.findall("item"), *parent.findall(ATOM + "entry")]
    marks = len(parent.findall(HISTORY + "archive"))
    return Document(parent.findtext(ATOM + "id"), marks, links, tuple(map(_entry, entries)))


def _entry(entry: etree._Element) -> tuple[str, str, str]:
    id = entry.findtext("guid") or entry.findtext(ATOM + "id") or ""
    printed = etree.tostring(entry, method="c14n", exclusive=True, with_tail=False).decode()
    return id, _month(entry), printed


def _month(entry: etree._Element) -> str:
    if published := entry.findtext(ATOM + "published"):
        return published[:7]
    _, _, name, year, *_ = (entry.findtext("pubDate") or "").split()
    names = "JanFebMarAprMayJunJulAugSepOctNovDec"
    return f"{year}-{names.index(name) // 3 + 1:02}"
