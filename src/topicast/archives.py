"""The archives of a feed (RFC 5005): a document for each month in which it has entries.

A document says nothing of other months but which are next to it, so an edit changes one, and a
month that appears or empties two more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from topicast.catalog import feeds
from topicast.catalog.catalog import Catalog
from topicast.catalog.feeds import Shown
from topicast.catalog.months import Month, month_of, name_of
from topicast.config import CONTENTS, Content
from topicast.formats import compose, fragment_key
from topicast.formats.format import Format
from topicast.formats.model import Feed, Paging
from topicast.formats.paging import archive_path


class Document(NamedTuple):
    """The document of a month, to be composed."""

    month: Month
    paging: Paging


class Archives:
    """The archives of all feeds. ``formats`` are those that have some: none, where they are off."""

    def __init__(self, catalog: Catalog, formats: Sequence[Format]) -> None:
        self.formats = formats
        self.keys = [fragment_key(format, content) for format in formats for content in CONTENTS]
        self._catalog = catalog

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

    def entries(self, number: int, documents: Sequence[Document]) -> Iterator[Shown]:
        """The entries of some documents of a feed, in no order."""
        start = 0
        for place, document in enumerate(documents, 1):
            # Where one follows the other, one query finds the entries of both.
            if place == len(documents) or documents[place].paging.before != document.paging.month:
                first = documents[start].month
                yield from feeds.of_months(self._catalog.db, number, first, document.month)
                start = place

    def files(
        self, number: int, feed: Feed, content: Content, document: Document
    ) -> Iterator[tuple[str, bytes]]:
        """Path, from the folder of ``feed`` on, and bytes of a document in each format."""
        db, keys = self._catalog.db, [fragment_key(format, content) for format in self.formats]
        shown, fragments = feeds.printed_of_month(db, number, document.month, keys)
        updated = max(one.updated for one in shown)
        # Nobody subscribes to it: what is for those who come back is left out.
        head = msgspec.structs.replace(
            feed, updated=updated, paging=document.paging, hubs=(), ttl=None, tombstones=()
        )
        paths = self._files_of(document.paging.month)
        for format, path, entries in zip(self.formats, paths, fragments, strict=True):
            yield path, compose(format, head, entries)

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
