"""A topic whose feeds are to be composed, and in what form its entries are wanted for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from topicast.catalog.feeds import Shown
from topicast.config import CONTENTS, Content
from topicast.formats.model import Feed
from topicast.topics.assign import Topic


class Compose(NamedTuple):
    """A topic (None: all together) whose feeds are composed, with the entries they print."""

    topic: Topic | None
    number: int
    shown: list[Shown]
    feed: Feed
    content: Content


def folder_of(topic: Topic | None) -> str:
    """Where the files of a topic are, from the tree on; "" is the tree itself."""
    return f"{topic.slug}/" if topic else ""


def by_contents(
    prints: Iterable[tuple[Content, Iterable[Shown]]],
) -> Iterator[tuple[tuple[Content, ...], list[int]]]:
    """The records to print, by the content settings of all that print them."""
    recs: dict[Content, set[int]] = {content: set() for content in CONTENTS}
    for content, shown in prints:
        recs[content].update(one.rec for one in shown)
    full, summary = (recs[content] for content in CONTENTS)
    yield CONTENTS, sorted(full & summary)
    yield CONTENTS[:1], sorted(full - summary)
    yield CONTENTS[1:], sorted(summary - full)
