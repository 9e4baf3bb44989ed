"""``Feed`` and ``Item`` into bytes: one small module a format, and the one table of them.

Importing this package loads neither feedgen nor lxml: a build that renders nothing needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from topicast.config import Content
from topicast.formats.atom import ATOM
from topicast.formats.fields import EntryFields, entry_fields
from topicast.formats.format import Format
from topicast.formats.html import html
from topicast.formats.jsonfeed import JSON
from topicast.formats.model import Feed, Item, RenderSettings
from topicast.formats.rss import RSS
from topicast.theme import Theme

__all__ = [
    "FORMATS",
    "Feed",
    "Format",
    "Item",
    "RenderSettings",
    "compose",
    "formats_of",
    "fragment_key",
    "render_lot",
]

FORMATS: dict[str, Format] = {each.name: each for each in (RSS, ATOM, JSON, html(Theme()))}
_SUMMARY = "/summary"


@cache
def formats_of(theme: Theme) -> dict[str, Format]:
    """``FORMATS`` with pages that are made of ``theme``."""
    return FORMATS | {"html": html(theme)}


def fragment_key(format: Format, content: Content) -> str:
    """What an entry's bytes in ``format`` are kept under: ``rss``, or ``rss/summary``."""
    whole = content == "full" or not format.has_content
    return format.name if whole else format.name + _SUMMARY


def render_lot(
    items: Sequence[Item], settings: RenderSettings, keys: Sequence[str]
) -> list[list[bytes]]:
    """The bytes of each entry for each of ``keys``, which are those of ``fragment_key``.

    Format after format, not entry after entry: the code of one stays in the processor's cache.
    """
    made: dict[Content, list[EntryFields]] = {}  # content is cleaned once for all formats
    formats = formats_of(settings.theme)
    fragments: list[list[bytes]] = [[] for _ in items]
    for key in keys:
        format = formats[key.removesuffix(_SUMMARY)]
        content: Content = "summary" if key.endswith(_SUMMARY) else "full"
        if not format.has_content:  # anything will do: best what is there already
            content = next(iter(made), "summary")
        if content not in made:
            made[content] = [entry_fields(item, settings, content) for item in items]
        for of_entry, fields in zip(fragments, made[content], strict=True):
            of_entry.append(format.entry(fields))
    return fragments


def compose(format: Format, feed: Feed, fragments: Iterable[bytes]) -> bytes:
    """A whole feed from its head and entries that ``render_lot`` has made, in their order."""
    entries = [format.separator.join(fragments)] if format.separator else fragments
    return b"".join((format.head(feed), *entries, format.tail(feed)))
