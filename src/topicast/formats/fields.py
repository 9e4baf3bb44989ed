"""What is said of an entry and of a feed, in whatever format, and the last defence of XML.

Format modules read these values and never an ``Entry``, so that no text can get past ``legal``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from topicast.config import Content
from topicast.entries.embeds import player_of
from topicast.entries.model import Enclosure
from topicast.formats.content import content_html
from topicast.formats.direction import direction
from topicast.formats.model import Feed, Item, RenderSettings, Tombstone
from topicast.formats.page import TopicLink
from topicast.records.model import Image, Micros, Related

# All that XML 1.0 (section 2.2) cannot hold, not even as a character reference; and the C1
# controls, which it discourages.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

UNPUBLISHED = "unpublished"  # the category that marks an entry of a preview


class EntryFields(msgspec.Struct, frozen=True, eq=False):
    """An entry, ready to be written: legal in XML, ``title`` and ``summary`` never blank.

    It is a key by what it is and not by what it says, so that what formats share is kept cheaply.
    """

    id: str
    title: str  # plain text
    summary: str  # plain text
    content: str  # HTML; "" where the entry is a link only
    link: str  # "" where there is none; then there is content
    published: Micros
    updated: Micros
    authors: tuple[str, ...]  # the authors where given, else the provider
    publisher: str
    provider_domain: str
    categories: tuple[str, ...]
    images: tuple[Image, ...]  # the first is the entry's
    related: tuple[Related, ...]
    enclosures: tuple[Enclosure, ...]
    player: str  # the address of a player for what is embedded; "" where none may be shown
    duration: int  # seconds, of what is embedded; 0 where unknown
    topics: tuple[TopicLink, ...]
    language: str
    direction: str  # "ltr" or "rtl", by its language; "" where it names none
    unpublished: bool


def legal(text: str) -> str:
    """``text`` without the characters that XML 1.0 forbids: one of them would end a whole feed.

    Entries are clean already; this is for the one that is not.
    """
    # What is printable is legal, line ends aside, and that is known sooner.
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return _ILLEGAL.sub("", text)


def entry_fields(item: Item, settings: RenderSettings, content: Content = "full") -> EntryFields:
    """What every format says of ``item``; an entry without a link always carries its content."""
    entry = item.entry
    title = legal(entry.title).strip() or item.id
    summary = legal(entry.summary).strip() or title
    provider = legal(entry.provider).strip()
    shown = content == "full" or not entry.link
    marks = (UNPUBLISHED,) if entry.unpublished else ()
    return EntryFields(
        id=legal(item.id),
        title=title,
        summary=summary,
        content=legal(content_html(entry, summary, settings)) if shown else "",
        link=legal(entry.link),
        published=entry.published,
        updated=item.updated,
        authors=_named(entry.authors) or ((provider,) if provider else ()),
        publisher=provider,
        provider_domain=legal(entry.provider_domain).strip(),
        categories=_named((*item.categories, *marks)),
        images=tuple(map(_image, entry.images)),
        related=tuple([Related(legal(one.title), legal(one.url)) for one in entry.related]),
        enclosures=tuple(map(_enclosure, entry.enclosures)),
        player=legal(player_of(entry.embed, settings.embeds)) if entry.embed else "",
        duration=entry.duration,
        topics=item.topics,
        language=legal(entry.language).strip(),
        direction=direction(entry.language) if entry.language else "",
        unpublished=entry.unpublished,
    )


def feed_fields(feed: Feed) -> Feed:
    """``feed`` with legal text and an author, which Atom asks for (RFC 4287, 4.1.1)."""
    lasting = _lasting_fields(msgspec.structs.replace(feed, updated=0, paging=None))
    return msgspec.structs.replace(lasting, updated=feed.updated, paging=feed.paging)


@lru_cache(maxsize=512)
def _lasting_fields(feed: Feed) -> Feed:
    """What the documents of one feed have in common; those of many feeds are made in turn."""
    title = legal(feed.title).strip() or feed.id
    return msgspec.structs.replace(
        feed,
        id=legal(feed.id),
        title=title,
        description=legal(feed.description).strip(),
        page=legal(feed.page),
        folder=legal(feed.folder),
        language=legal(feed.language).strip(),
        author=legal(feed.author).strip() or title,
        rights=legal(feed.rights).strip(),
        icon=legal(feed.icon),
        logo=_image(feed.logo) if feed.logo else None,
        hubs=tuple(map(legal, feed.hubs)),
        tombstones=tuple(Tombstone(legal(one.id), one.when) for one in feed.tombstones),
    )


def _image(image: Image) -> Image:
    title, attribution = legal(image.title).strip(), legal(image.attribution).strip()
    return Image(legal(image.url), image.width, image.height, title, attribution)


def _enclosure(file: Enclosure) -> Enclosure:
    return Enclosure(legal(file.url), legal(file.type), legal(file.title).strip(), file.duration)


def _named(names: Iterable[str]) -> tuple[str, ...]:
    """The names that are not blank, each once."""
    return tuple(dict.fromkeys([name for raw in names if (name := legal(raw).strip())]))
