"""What the page of a topic says of it and of the topics around it: from registry to ``Page``."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from topicast.config import Config
from topicast.formats.direction import direction
from topicast.formats.format import Format
from topicast.formats.heads import PREVIEW
from topicast.formats.model import Feed
from topicast.formats.nesting import Nesting
from topicast.formats.opml import FILENAME as OPML
from topicast.formats.page import FeedLink, Page, TopicLine, TopicLink
from topicast.theme import STYLE
from topicast.times import rfc3339
from topicast.topics.assign import Topic
from topicast.topics.registry import Registry, Row

# A small picture of a feed's sign: without one, browsers ask the server for an icon.
_ICON = "data:image/svg+xml," + quote(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect width='16' height='16' rx='3' fill='#b8400a'/>"
    "<g fill='none' stroke='#fff' stroke-width='2'>"
    "<path d='M3 8a5 5 0 0 1 5 5M3 4a9 9 0 0 1 9 9'/></g>"
    "<circle cx='4.2' cy='11.8' r='1.4' fill='#fff'/></svg>"
)


def style_from(folder: str) -> str:
    """The style sheet as a browser finds it from a folder of the tree, written with ``/``."""
    return "../" * folder.count("/") + STYLE


class Pages:
    """Makes the pages of one build."""

    def __init__(
        self, config: Config, preview: bool, formats: Sequence[Format], registry: Registry
    ) -> None:
        """``registry`` is as this build leaves it."""
        self._config = config
        self._preview = preview
        self._formats = [format for format in formats if format.is_feed]
        self._outline = OPML if self._formats and "opml" in config.feeds.formats else ""
        self._entries = registry.entries
        self._topics = Nesting(registry.rows)

    def dress(self, topic: Topic | None, feed: Feed, shown: int) -> Feed:
        """``feed``, which prints ``shown`` entries of ``topic``, with its page and style sheet."""
        style = style_from(f"{topic.slug}/" if topic else "")
        return msgspec.structs.replace(feed, html=self._page(topic, feed, shown), style=style)

    def _page(self, topic: Topic | None, feed: Feed, shown: int) -> Page:
        site = self._config.site
        row = self._topics.row(topic.slug) if topic else None
        return Page(
            title=feed.title,
            name=row.name if row else site.title,
            description=feed.description,
            about=_own(feed, site.description if row else ""),
            language=feed.language,
            direction=direction(feed.language),
            address=feed.page,
            path=_path(row) if row else "",
            updated=rfc3339(feed.updated),
            rights=feed.rights,
            icon=feed.icon or _ICON,
            logo=feed.logo.url if feed.logo else "",
            preview=self._preview,
            way=self._way(row) if row else (),
            feeds=self._feeds(feed.folder),
            outline="" if row else self._outline,
            entries=row.entries if row else self._entries,
            shown=shown,
            count=0 if row else len(self._topics.listed),
            topics=self._lines(row.slug if row else ""),
        )

    def _way(self, row: Row) -> tuple[TopicLink, ...]:
        top = TopicLink(self._config.site.title, "")
        above = [TopicLink(each.name, _path(each)) for each in self._topics.above(row)]
        return (top, *reversed(above))

    def _feeds(self, folder: str) -> tuple[FeedLink, ...]:
        return tuple(
            FeedLink(
                label=format.label,
                type=format.media_type,
                filename=format.filename,
                address=folder + format.filename,
            )
            for format in self._formats
        )

    def _lines(self, slug: str) -> tuple[TopicLine, ...]:
        """The topics right below one, by name; "" is the top."""
        return tuple(
            TopicLine(
                name=row.name,
                path=_path(row),
                entries=row.entries,
                updated=row.updated,
                topics=self._lines(row.slug),
            )
            for row in self._topics.below(slug)
        )


def _own(feed: Feed, elsewhere: str) -> str:
    """The description of a feed, where it neither repeats its title nor what is said elsewhere."""
    said = (feed.title.removesuffix(PREVIEW), elsewhere)
    return "" if feed.description in said else feed.description


def _path(row: Row) -> str:
    return f"{row.slug}/"
