"""RSS 2.0, after the RSS Advisory Board's best practices profile."""

from __future__ import annotations

from collections.abc import Iterator

from topicast.formats.fields import EntryFields, feed_fields
from topicast.formats.format import Format
from topicast.formats.lines import as_plain_text, element, parent, repeated
from topicast.formats.media import media
from topicast.formats.model import Feed
from topicast.formats.paging import own_address, paging
from topicast.times import rfc3339

_FILENAME = "rss.xml"
_MEDIA_TYPE = "application/rss+xml"
_UNKNOWN_LENGTH = "0"  # RSS asks for one
_WIDEST, _HIGHEST = 144, 400  # pixels


def head(feed: Feed) -> bytes:
    """The channel up to its first item."""
    from topicast.formats import adapter  # late: feedgen is slow to import

    fields = feed_fields(feed)
    address = own_address(fields, _FILENAME)
    return adapter.rss_head(fields, address, _MEDIA_TYPE, _head_extras(fields))


def entry(fields: EntryFields) -> bytes:
    """One item. Its guid is the entry's id, which is never an address to open."""
    from topicast.formats import adapter

    return adapter.rss_item(fields, _extras(fields))


def _head_extras(feed: Feed) -> Iterator[str]:
    for hub in feed.hubs:
        yield element("atom:link", href=hub, rel="hub")
    yield from paging(feed, _FILENAME, _MEDIA_TYPE, "atom:link")
    logo = feed.logo
    # RSS 2.0, image: a logo that may be too large is better left out.
    if logo and 0 < logo.width <= _WIDEST and 0 < logo.height <= _HIGHEST:
        yield from parent(
            "image",
            [
                element("url", logo.url),
                f"<title>{as_plain_text(feed.title)}</title>",
                element("link", feed.page),
                element("width", str(logo.width)),
                element("height", str(logo.height)),
            ],
        )


def tail(feed: Feed) -> bytes:
    return b"  </channel>\n</rss>\n"


def _extras(fields: EntryFields) -> Iterator[str]:
    # RSS's own author is an e-mail address; names go to Dublin Core (profile, 4.2).
    for name in fields.authors:
        yield repeated("dc:creator", name)
    if fields.publisher:
        yield repeated("dc:publisher", fields.publisher)
    if fields.language:
        yield repeated("dc:language", fields.language)
    updated = rfc3339(fields.updated)
    if updated != rfc3339(fields.published):  # as written: a part of a second is none
        yield element("atom:updated", updated)
    for one in fields.related:
        yield element("atom:link", href=one.url, rel="related", title=one.title)
    if fields.enclosures:  # readers know one of an item (profile, 4.4); more are in media:content
        file = fields.enclosures[0]
        yield element("enclosure", url=file.url, length=_UNKNOWN_LENGTH, type=file.type)
    yield from media(fields)


RSS = Format(
    name="rss",
    filename=_FILENAME,
    media_type=_MEDIA_TYPE,
    label="RSS",
    has_archives=True,
    head=head,
    entry=entry,
    tail=tail,
)
