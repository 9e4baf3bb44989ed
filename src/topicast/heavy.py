"""Feeds that are larger than readers take well, and the setting that makes them smaller."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from topicast.composing import Composer
from topicast.publish.plan import Made, Stat
from topicast.topics.assign import Topic

HEAVY = 512 * 1024  # bytes
_NAMED = 3  # of more feeds, only these are named


class Heavy(msgspec.Struct, frozen=True):
    """A feed of more than ``HEAVY`` bytes; ``topic`` None is that of all topics together."""

    topic: Topic | None
    path: str
    size: int  # bytes
    remedy: str

    @property
    def said(self) -> str:
        name = f"the topic {_quoted(self.topic)}" if self.topic else "all topics"
        return (
            f"the feed of {name} has {self.size // 1024} KB ({self.path}),"
            f" more than the {HEAVY // 1024} KB that readers take well"
        )


def heavy_feeds(composer: Composer, sizes: Mapping[str, int]) -> list[Heavy]:
    """The topics with a feed that is too large, each with the largest; the heaviest come first.

    ``sizes`` are those of the files of the tree, in bytes, by path.
    """
    found = []
    for topic, paths in composer.feed_files():
        path = max(paths, key=lambda path: sizes.get(path, 0), default="")
        if sizes.get(path, 0) > HEAVY:
            found.append(Heavy(topic, path, sizes[path], _remedy(composer, topic)))
    return sorted(found, key=lambda one: (-one.size, one.path))


def feed_sizes(
    composer: Composer, made: Mapping[str, Made], left: Mapping[str, Stat]
) -> dict[str, int]:
    """The sizes in bytes of all feeds: those ``made`` now, and others as they were ``left``."""
    paths = (path for _, paths in composer.feed_files() for path in paths)
    return {path: made[path].size if path in made else left[path][0] for path in paths}


def notes_of(heavy: list[Heavy]) -> list[str]:
    """Lines for people about a build that made these feeds."""
    notes = [f"{one.said}; {one.remedy}" for one in heavy[:_NAMED]]
    if more := heavy[_NAMED:]:
        feeds = "1 more feed has" if len(more) == 1 else f"{len(more)} more feeds have"
        notes.append(
            f"{feeds} more than {HEAVY // 1024} KB;"
            ' set [feeds] content = "summary", or a smaller limit'
        )
    return notes


def _remedy(composer: Composer, topic: Topic | None) -> str:
    table = f"[topics.{_quoted(topic)}]" if topic else "[feeds]"
    if composer.content(topic) == "summary":
        return f"set a smaller {table} limit"
    key = "content" if topic else "all_content"
    return f'set {table} {key} = "summary", or a smaller limit'


def _quoted(topic: Topic) -> str:
    return json.dumps(topic.name, ensure_ascii=False)
