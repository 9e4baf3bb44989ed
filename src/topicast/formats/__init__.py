"""``Feed`` and ``Item`` into bytes: one small module a format, and the one table of them.

Importing this package loads neither feedgen nor lxml: a build that renders nothing needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from topicast.config import Content
from topicast.formats.atom import ATOM
from topicast.formats.fields import EntryFields, entry_fields
from topicast.formats.format import Format
from topicast.formats.model import Feed, Item, RenderSettings
from topicast.formats.rss import RSS

__all__ = [
    "FORMATS",
    "Feed",
    "Format",
    "Item",
    "RenderSettings",
    "compose",
    "fragment_key",
    "render",
]

FORMATS: dict[str, Format] = {each.name: each for each in (RSS, ATOM)}
_SUMMARY = "/summary"


def fragment_key(format: str, content: Content) -> str:
    """What an entry's bytes in ``format`` are kept under: ``rss``, or ``rss/summary``."""
    return format if content == "full" else format + _SUMMARY


def render(item: Item, settings: RenderSettings, keys: Sequence[str]) -> list[bytes]:
    """The bytes of one entry for each of ``keys``, which are those of ``fragment_key``."""
    made: dict[Content, EntryFields] = {}  # content is cleaned once for all formats
    fragments = []
    for key in keys:
        content: Content = "summary" if key.endswith(_SUMMARY) else "full"
        if content not in made:
            made[content] = entry_fields(item, settings, content)
        fragments.append(FORMATS[key.removesuffix(_SUMMARY)].entry(made[content]))
    return fragments


def compose(format: Format, feed: Feed, fragments: Iterable[bytes]) -> bytes:
    """A whole feed from its head and entries that ``render`` has made, in their order."""
    entries = format.separator.join(fragments)
    return b"".join((format.head(feed), entries, format.tail(feed)))
