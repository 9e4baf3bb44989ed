"""A topic whose feeds are to be composed, and in what form its entries are wanted for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from topicast.catalog.feeds import Shown
from topicast.catalog.months import Month
from topicast.config import Content
from topicast.formats.model import Feed, Paging
from topicast.topics.assign import Topic


class Document(NamedTuple):
    """The archive document of a month."""

    month: Month
    paging: Paging


class Compose(NamedTuple):
    """A topic (None: all together) whose feeds are composed, with the entries they print."""

    topic: Topic | None
    number: int
    shown: list[Shown]
    feed: Feed
    content: Content
    documents: Sequence[Document] = ()  # of its archives


def folder_of(topic: Topic | None) -> str:
    """Where the files of a topic are, from the tree on; "" is the tree itself."""
    return f"{topic.slug}/" if topic else ""


def by_formats(
    prints: Iterable[tuple[Sequence[str], Iterable[int]]],
) -> Iterator[tuple[list[str], list[int]]]:
    """The records to print, by all the formats that they are printed in somewhere."""
    places: dict[str, int] = {}  # of a format among all, as a bit
    wanted: dict[int, int] = {}
    for formats, recs in prints:
        bits = 0
        for format in formats:
            bits |= places.setdefault(format, 1 << len(places))
        for rec in recs:
            wanted[rec] = wanted.get(rec, 0) | bits
    groups: dict[int, list[int]] = {}
    for rec, bits in wanted.items():
        groups.setdefault(bits, []).append(rec)
    for bits in sorted(groups):
        yield [format for format, bit in places.items() if bits & bit], sorted(groups[bits])
