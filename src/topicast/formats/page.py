"""``Page``: what a page says around its entries. Addresses are absolute, paths from the top on."""

from __future__ import annotations

import msgspec


class FeedLink(msgspec.Struct, frozen=True, kw_only=True):
    """One feed of the topic that a page is of; each topic has one of the same ``filename``."""

    label: str
    type: str
    filename: str
    address: str


class TopicLink(msgspec.Struct, frozen=True):
    """A topic as a page names it; ``path`` is "" for all topics, and where it has no page."""

    name: str
    path: str


class TopicLine(msgspec.Struct, frozen=True, kw_only=True):
    """A topic in a list, with the topics below it. ``updated`` is RFC 3339."""

    name: str
    path: str
    entries: int
    updated: str
    topics: tuple[TopicLine, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The page of one topic, or of all topics together. Every template can read all of it."""

    title: str  # of the feed: for the window
    name: str  # of the topic, or of the site: for the reader
    description: str
    about: str  # the description, where it is of this topic and no other
    language: str
    direction: str  # "ltr" or "rtl"
    address: str
    path: str  # "" at the top
    updated: str  # RFC 3339
    rights: str
    icon: str
    logo: str  # "" where there is none
    preview: bool
    way: tuple[TopicLink, ...]  # from the top to the topic above this one
    feeds: tuple[FeedLink, ...]
    outline: str  # the path of the OPML file; "" where there is none, or below the top
    entries: int  # how many there are
    shown: int  # of them, on this page
    count: int  # of topics with entries, in the whole tree; 0 below the top
    topics: tuple[TopicLine, ...]  # below this one
