"""``Format``: the small grid that every feed format fills in."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from topicast.formats.fields import EntryFields
from topicast.formats.model import Feed


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of feed: a feed is its head, its entries with ``separator`` between, its tail.

    An entry's bytes are the same in every feed that holds it, so they can be kept and joined.
    Text ends with a newline where the format is made of lines.
    """

    name: str  # as [feeds] formats has it
    filename: str
    media_type: str  # without parameters
    label: str  # for people
    is_feed: bool = True  # a reader can subscribe to it
    has_archives: bool = False  # it can say that a document is a part of a feed (RFC 5005)
    has_content: bool = True  # an entry in it differs with how much of its content is shown
    head: Callable[[Feed], bytes]
    entry: Callable[[EntryFields], bytes]
    separator: bytes = b""
    tail: Callable[[Feed], bytes]
