"""The archives of a feed (RFC 5005): a document for each month in which it has entries.

A document says nothing of other months but which are next to it, so an edit changes one, and a
month that appears or empties two more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from topicast.catalog import feeds
from topicast.catalog.catalog import Catalog
from topicast.catalog.documents import Months
from topicast.catalog.feeds import Shown
from topicast.catalog.months import Month, month_of, name_of
from topicast.composition import Compose, Document, folder_of
from topicast.config import CONTENTS
from topicast.engines.engine import Files
from topicast.formats import compose, fragment_key
from topicast.formats.format import Format
from topicast.formats.model import Feed, Paging
from topicast.formats.pages import style_from
from topicast.formats.paging import archive_path

_LOT = 8  # documents that are composed at a time


class Archives:
    """The archives of all feeds. ``formats`` are those that have some: none, where they are off."""

    def __init__(self, catalog: Catalog, formats: Sequence[Format]) -> None:
        self.formats = formats
        self.keys = [fragment_key(format, content) for format in formats for content in CONTENTS]
        self._catalog = catalog
        self._months = Months()

    def paths(self, number: int, folder: str) -> list[str]:
        """The documents that a feed has, by the number of its topic and the folder it lies in."""
        if not self.formats:
            return []
        months = map(name_of, feeds.archived(self._catalog.db, number))
        return [folder + path for month in months for path in self._files_of(month)]

    def due(self, number: int, folder: str, broken: set[str] | None) -> list[Document]:
        """The documents that must be composed, of a feed that must be. Ask once a build.

        ``broken`` are files of the tree that are not as they were left; None: any may be another.
        """
        if not self.formats:
            return []
        db = self._catalog.db
        before = dict(_paged(feeds.archived(db, number)))
        now = list(_paged(feeds.months(db, number)))
        feeds.put_archived(db, number, [month for month, _ in now])
        touched = self._catalog.touched_months

        def is_due(month: Month, paging: Paging) -> bool:
            if broken is None or (number, month) in touched or before.get(month) != paging:
                return True
            return not broken.isdisjoint(folder + path for path in self._files_of(paging.month))

        return [Document(month, paging) for month, paging in now if is_due(month, paging)]

    def printed(self, one: Compose) -> Iterator[int]:
        """The records that the documents of ``one`` print, in no order."""
        start = 0
        for place, document in enumerate(one.documents, 1):
            # Where one follows the other, one query finds the entries of both.
            following = one.documents[place : place + 1]
            if not following or following[0].paging.before != document.paging.month:
                first = one.documents[start].month
                yield from feeds.of_months(self._catalog.db, one.number, first, document.month)
                start = place

    def keys_of(self, one: Compose) -> list[str]:
        """What the fragments are kept under that its documents print."""
        return [fragment_key(format, one.content) for format in self.formats]

    def paths_of(self, one: Compose) -> list[str]:
        """The files of the documents of ``one``."""
        months = (document.paging.month for document in one.documents)
        return [folder_of(one.topic) + path for month in months for path in self._files_of(month)]

    def files(self, work: Sequence[Compose], *, styled: bool) -> list[Files]:
        """The documents of ``work``, some of a month at a time; ``styled`` where there are pages.

        Month by month, not topic by topic: what topics have in common is looked up once.
        """
        months: dict[Month, list[tuple[Compose, Document]]] = {}
        for one in work:
            style = style_from(f"{folder_of(one.topic)}archive/") if styled else ""
            # Nobody subscribes to them: what is for those who come back is left out.
            head = msgspec.structs.replace(one.feed, style=style, hubs=(), ttl=None, tombstones=())
            archived = one._replace(feed=head)
            for document in one.documents:
                months.setdefault(document.month, []).append((archived, document))
        return [
            partial(self._compose, months[month][start : start + _LOT])
            for month in sorted(months)
            for start in range(0, len(months[month]), _LOT)
        ]

    def _compose(
        self, some: Sequence[tuple[Compose, Document]], db: sqlite3.Connection
    ) -> Iterator[tuple[str, bytes]]:
        for one, document in some:
            keys = self.keys_of(one)
            shown, fragments = self._months.printed(db, one.number, document.month, keys)
            updated = max(entry.updated for entry in shown)
            head = msgspec.structs.replace(one.feed, updated=updated, paging=document.paging)
            paths = self._files_of(document.paging.month)
            for format, path, entries in zip(self.formats, paths, fragments, strict=True):
                yield folder_of(one.topic) + path, compose(format, head, entries)

    def subscribed(self, feed: Feed, shown: Sequence[Shown]) -> Feed:
        """``feed``, which prints ``shown``, with the way to its archives."""
        if not self.formats or not shown:
            return feed
        newest = name_of(month_of(shown[0].published))
        return msgspec.structs.replace(feed, paging=Paging(before=newest))

    def _files_of(self, month: str) -> list[str]:
        return [archive_path(month, format.filename) for format in self.formats]


def _paged(months: Sequence[Month]) -> Iterator[tuple[Month, Paging]]:
    """Each month with its place among them; they are in order."""
    names = ["", *map(name_of, months), ""]
    for month, before, name, after in zip(months, names, names[1:], names[2:], strict=False):
        yield month, Paging(name, before, after)
