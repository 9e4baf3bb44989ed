"""Atom, RFC 4287."""

from __future__ import annotations

from collections.abc import Iterator

from topicast.formats.fields import EntryFields, feed_fields
from topicast.formats.format import Format
from topicast.formats.lines import element, parent
from topicast.formats.media import media
from topicast.formats.model import Feed
from topicast.formats.paging import own_address, paging
from topicast.times import rfc3339

_FILENAME = "atom.xml"
_MEDIA_TYPE = "application/atom+xml"
_UNKNOWN_LENGTH = "0"


def head(feed: Feed) -> bytes:
    """The feed up to its first entry."""
    from topicast.formats import adapter  # late: feedgen is slow to import

    fields = feed_fields(feed)
    address = own_address(fields, _FILENAME)
    return adapter.atom_head(fields, address, _MEDIA_TYPE, _head_extras(fields))


def entry(fields: EntryFields) -> bytes:
    """One entry."""
    from topicast.formats import adapter

    return adapter.atom_entry(fields, _extras(fields))


def tail(feed: Feed) -> bytes:
    return b"</feed>\n"


def _head_extras(feed: Feed) -> Iterator[str]:
    for hub in feed.hubs:
        yield element("link", href=hub, rel="hub")
    yield from paging(feed, _FILENAME, _MEDIA_TYPE)
    for grave in feed.tombstones:  # RFC 6721, 3: among the entries, in any order
        yield element("at:deleted-entry", ref=grave.id, when=rfc3339(grave.when))


def _extras(fields: EntryFields) -> Iterator[str]:
    if fields.unpublished:
        # RFC 5023, 13.1.1: how Atom says that an entry is not meant to be seen yet.
        yield from parent("app:control", [element("app:draft", "yes")])
    for one in fields.related:
        yield element("link", href=one.url, rel="related", title=one.title)
    for file in fields.enclosures:
        yield element(
            "link",
            href=file.url,
            rel="enclosure",
            type=file.type,
            length=_UNKNOWN_LENGTH,
            title=file.title,
        )
    yield from media(fields)


ATOM = Format(
    name="atom",
    filename=_FILENAME,
    media_type=_MEDIA_TYPE,
    label="Atom",
    has_archives=True,
    head=head,
    entry=entry,
    tail=tail,
)
