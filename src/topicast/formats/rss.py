"""RSS 2.0, after the RSS Advisory Board's best practices profile."""

from __future__ import annotations

from collections.abc import Iterator

from topicast.formats.fields import EntryFields, feed_fields
from topicast.formats.format import Format
from topicast.formats.model import Feed
from topicast.formats.node import Node
from topicast.formats.times import rfc3339

_FILENAME = "rss.xml"
_MEDIA_TYPE = "application/rss+xml"


def head(feed: Feed) -> bytes:
    """The channel up to its first item."""
    from topicast.formats import adapter  # late: feedgen is slow to import

    fields = feed_fields(feed)
    return adapter.rss_head(fields, fields.folder + _FILENAME, _MEDIA_TYPE)


def entry(fields: EntryFields) -> bytes:
    """One item. Its guid is the entry's id, which is never an address to open."""
    from topicast.formats import adapter

    return adapter.rss_item(fields, _extras(fields))


def tail(feed: Feed) -> bytes:
    return b"  </channel>\n</rss>\n"


def _extras(fields: EntryFields) -> Iterator[Node]:
    # RSS's own author is an e-mail address; names go to Dublin Core (profile, 4.2).
    for name in fields.authors:
        yield Node("dc:creator", name)
    if fields.publisher:
        yield Node("dc:publisher", fields.publisher)
    if fields.language:
        yield Node("dc:language", fields.language)
    if fields.updated > fields.published:
        yield Node("atom:updated", rfc3339(fields.updated))


RSS = Format(
    name="rss",
    filename=_FILENAME,
    media_type=_MEDIA_TYPE,
    label="RSS",
    head=head,
    entry=entry,
    tail=tail,
)
