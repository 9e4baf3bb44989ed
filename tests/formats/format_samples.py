"""One feed and one item for the tests of all formats, and how to vary them."""

from __future__ import annotations

from typing import Any

import msgspec

from topicast.config import Content
from topicast.entries.model import Entry
from topicast.formats import Feed, Format, Item, RenderSettings, fragment_key, render_lot

MAY_1 = 1_714_564_800_000_000  # 2024-05-01T12:00:00Z, a Wednesday
HOUR = 3_600_000_000

SETTINGS = RenderSettings(site_url="https://example.org")

FEED = Feed(
    id="tag:example.org,2026:feed:ai",
    title="AI · Example",
    description="About machines",
    page="https://example.org/feeds/ai/",
    folder="https://example.org/feeds/ai/",
    language="en",
    author="Example",
    rights="© Example",
    updated=MAY_1,
)

ENTRY = Entry(
    title="Tom & Jerry",
    summary="1 < 2 & 3",
    link="https://example.org/a?b=1&c=2",
    published=MAY_1,
    updated=MAY_1,
    provider="Provider",
    authors=("Ada", "Bob"),
)


def make_feed(**changes: Any) -> Feed:
    return msgspec.structs.replace(FEED, **changes)


def make_item(
    *,
    id: str = "tag:example.org,2026:a",
    updated: int = MAY_1,
    categories: tuple[str, ...] = ("AI", "Q & A"),
    **changes: Any,
) -> Item:
    """An item; ``changes`` are fields of its entry."""
    entry = msgspec.structs.replace(ENTRY, **changes)
    return Item(id=id, entry=entry, updated=updated, categories=categories)


def fragment(format: Format, item: Item, content: Content = "full") -> bytes:
    """The item's bytes in one format."""
    return render_lot([item], SETTINGS, [fragment_key(format, content)])[0][0]
