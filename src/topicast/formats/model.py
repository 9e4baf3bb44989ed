"""What a format is given: a ``Feed`` head and ``Item`` after ``Item``."""

from __future__ import annotations

import msgspec

from topicast.entries.model import Entry
from topicast.formats.page import Page, TopicLink
from topicast.records.model import Image, Micros
from topicast.theme import Theme


class RenderSettings(msgspec.Struct, frozen=True):
    """What shapes an entry besides itself.

    ``site_url`` is the website's address, without a trailing slash: root-relative addresses in
    content are appended to it; ``language`` is that of entries which name none; ``embeds`` are the
    hosts whose players content may hold. ``theme`` is what pages are made of.
    """

    site_url: str
    language: str = ""
    embeds: tuple[str, ...] = ()
    theme: Theme = Theme()


class Item(msgspec.Struct, frozen=True):
    """An entry as it stands in every feed that holds it."""

    id: str
    entry: Entry
    updated: Micros  # what counts at the time of the build
    categories: tuple[str, ...]  # display names of its topics, then the further ones
    topics: tuple[TopicLink, ...] = ()


class Paging(msgspec.Struct, frozen=True):
    """Where a document of a feed stands among its archives, by months such as ``2021-12``.

    ``month`` is that of an archive document, and "" for the one that readers subscribe to;
    ``before`` and ``after`` are the next ones that have a document, "" where there is none.
    """

    month: str = ""
    before: str = ""
    after: str = ""


class Tombstone(msgspec.Struct, frozen=True):
    """An entry that was withdrawn: its id, and since when."""

    id: str
    when: Micros


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a feed, the same for every format of it."""

    id: str
    title: str
    description: str
    page: str  # the alternate: its address as a page
    folder: str  # the address its files lie under, with a trailing slash
    language: str
    author: str
    rights: str = ""
    icon: str = ""  # the address of a small square picture
    logo: Image | None = None  # a wider one; sizes are 0 where unknown
    hubs: tuple[str, ...] = ()  # WebSub
    ttl: int | None = None  # minutes
    updated: Micros
    paging: Paging | None = None  # where there are archives
    tombstones: tuple[Tombstone, ...] = ()
    style: str = ""  # the style sheet as a browser finds it from the feed; "" where there is none
    html: Page | None = None  # what only its page says
