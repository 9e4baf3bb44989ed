"""What workers work with, and how an entry is rendered. Free of any store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from topicast.entries.entry import EntrySettings, entry_of
from topicast.formats import RenderSettings, render_lot
from topicast.formats.model import Item
from topicast.formats.page import TopicLink
from topicast.identity import Identity
from topicast.records.model import Micros, Record
from topicast.records.record import ReadSettings

_unpack = msgspec.msgpack.Decoder(Record).decode


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """All that reading and rendering depend on beside the records themselves."""

    root: str
    read: ReadSettings
    entry: EntrySettings
    render: RenderSettings
    identity: Identity
    preview: bool
    now: Micros
    tombstones: bool = False  # keep what may be told of withdrawn records
    thorough: bool = False  # look at all of each entry, though no feed may print it: for lint
    start_ns: int  # when the run began, in nanoseconds since 1970


class Unrendered(NamedTuple):
    """An entry to render: its record, packed, and what a build alone knows of it."""

    rec: int
    id: str
    updated: Micros  # what counts at the time of the build
    record: bytes
    topics: tuple[TopicLink, ...]  # as they are shown


class Rendered(NamedTuple):
    """The fragments of one entry, in the order of the formats asked for."""

    rec: int
    fragments: list[bytes]


def prepare() -> None:
    """Load what rendering needs, which takes as long as many entries do."""
    from topicast.formats import adapter  # noqa: F401


def render(work: Work, items: Sequence[Unrendered], formats: Sequence[str]) -> list[Rendered]:
    """The fragments of each item; ``formats`` are keys of ``formats.fragment_key``."""
    fragments = render_lot([_item(work, one) for one in items], work.render, formats)
    return [Rendered(one.rec, made) for one, made in zip(items, fragments, strict=True)]


def _item(work: Work, one: Unrendered) -> Item:
    entry, _ = entry_of(_unpack(one.record), work.entry)
    categories = dict.fromkeys([*(topic.name for topic in one.topics), *entry.categories])
    return Item(one.id, entry, one.updated, tuple(categories), one.topics)
