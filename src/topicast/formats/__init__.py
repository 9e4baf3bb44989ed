"""``Feed`` and ``Item`` into bytes: one small module a format, and the one table of them.

Importing this package loads neither feedgen nor lxml: a build that renders nothing needs none.
"""

from __future__ import annotations

from collections.abc import Iterable

from topicast.formats.atom import ATOM
from topicast.formats.format import Format, RenderSettings
from topicast.formats.model import Feed, Item
from topicast.formats.rss import RSS

__all__ = ["FORMATS", "Feed", "Format", "Item", "RenderSettings", "compose"]

FORMATS: dict[str, Format] = {each.name: each for each in (RSS, ATOM)}


def compose(format: Format, feed: Feed, fragments: Iterable[bytes]) -> bytes:
    """A whole feed from its head and entries that ``format.entry`` has rendered, in their order."""
    entries = format.separator.join(fragments)
    return b"".join((format.head(feed), entries, format.tail(feed)))
