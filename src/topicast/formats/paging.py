"""Archived feeds (RFC 5005, section 4): names of the documents of a feed, and links among them."""

from __future__ import annotations

from collections.abc import Iterator

from topicast.formats.lines import element
from topicast.formats.model import Feed


def archive_path(month: str, filename: str) -> str:
    """The path of an archive document from the folder of its feed on."""
    return f"archive/{month}.{filename}"


def own_address(feed: Feed, filename: str) -> str:
    """Where a document of ``feed`` is found, the archive document of a month or the feed itself."""
    month = feed.paging.month if feed.paging else ""
    return feed.folder + (archive_path(month, filename) if month else filename)


def paging(feed: Feed, filename: str, media_type: str, tag: str = "link") -> Iterator[str]:
    """What a document of ``feed`` says of its place; ``tag`` is what the format calls a link."""
    place = feed.paging
    if place is None:
        return
    if place.month:
        current = feed.folder + filename
        yield element("fh:archive")
        yield element(tag, href=current, rel="current", type=media_type)
        if not place.before and not place.after:
            # The W3C validator takes one without neighbours for a mistake: after it is the feed.
            yield element(tag, href=current, rel="next-archive", type=media_type)
    for rel, month in (("prev-archive", place.before), ("next-archive", place.after)):
        if month:
            address = feed.folder + archive_path(month, filename)
            yield element(tag, href=address, rel=rel, type=media_type)
