"""From the catalog to the files of the tree: which topics are touched, and what their feeds say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

import msgspec

from topicast.archives import Archives
from topicast.catalog import feeds
from topicast.catalog.catalog import ALL, Catalog
from topicast.catalog.fragments import Fragments
from topicast.composition import Compose, folder_of
from topicast.config import Content
from topicast.engines.engine import Engine, Files
from topicast.formats import compose, formats_of, fragment_key
from topicast.formats.heads import Heads, address_of
from topicast.formats.model import Feed, Tombstone
from topicast.formats.nesting import Nesting
from topicast.formats.opml import FILENAME as OPML
from topicast.formats.opml import Outline, opml
from topicast.formats.pages import Pages
from topicast.identity import Identity
from topicast.naming import Naming
from topicast.publish.manifest import REGISTRY
from topicast.records.model import Micros
from topicast.rendering import Rendering
from topicast.times import micros, rfc3339
from topicast.topics import registry as registries
from topicast.topics.assign import Topic
from topicast.topics.registry import Registry
from topicast.topics.taxonomy import Taxonomy


class Composer:
    """Composes what a build touched."""

    def __init__(
        self,
        catalog: Catalog,
        heads: Heads,
        naming: Naming,
        taxonomy: Taxonomy,
        registry: Registry,
    ) -> None:
        """``registry`` is as the build before left it."""
        self._catalog = catalog
        self._fragments = Fragments(catalog.db)
        self._heads = heads
        self._taxonomy = taxonomy
        self._registry = registry
        self._dates = {row.slug: row.updated for row in registry.rows}
        formats = formats_of(heads.theme)
        self._formats = [formats[name] for name in heads.config.feeds.formats if name in formats]
        archived = [f for f in self._formats if f.has_archives and heads.config.feeds.archives]
        self._archives = Archives(catalog, archived)
        self._assets = heads.theme.assets() if formats["html"] in self._formats else {}
        feeds_listed = any(format.is_feed for format in self._formats)
        self._outlined = feeds_listed and "opml" in heads.config.feeds.formats
        self.assignment, self._numbers, self._paths = naming

    # Which topics must be composed.

    def touched(self, broken: set[str] | None) -> list[Compose]:
        """The topics whose feeds must be composed. The catalog learns the dates of these feeds.

        ``broken`` are files of the tree that are not as they were left; None: any may be another.
        """
        touched = list(self._touched(broken))
        self._catalog.db.executemany(
            "UPDATE topic SET updated = ? WHERE topic = ?",
            [(one.feed.updated, one.number) for one in touched],
        )
        return touched

    def _touched(self, broken: set[str] | None) -> Iterator[Compose]:
        topics = [topic for topic in self.assignment.topics if topic.published]
        for topic in (None, *topics):
            number = ALL if topic is None else self._numbers.get(topic.folded, -1)
            mend = broken is None or (broken and not broken.isdisjoint(self._tree_of(topic)))
            if mend or number in self._catalog.touched or self._lost_its_way(topic, number):
                shown = feeds.newest(self._catalog.db, number, self._heads.limit(topic))
                updated = max((one.updated for one in shown), default=None)
                head = self._archives.subscribed(self._head(topic, updated), shown)
                head = self._with_tombstones(topic, number, head)
                yield Compose(topic, number, shown, head, self._heads.content(topic))

    def _lost_its_way(self, topic: Topic | None, number: int) -> bool:
        """Whether its page may name other topics above it now: those that have entries.

        What has entries has them in common with all above it, and is touched with them.
        """
        if topic is None or self._catalog.counts.entries[number]:
            return False
        above = (self._numbers.get(name) for name in self._taxonomy.ancestors(topic.folded))
        return not self._catalog.touched.isdisjoint(above)

    def _head(self, topic: Topic | None, updated: Micros | None) -> Feed:
        if updated is None:
            updated = self._last_update(topic)
        return self._heads.of(topic, updated)

    def _with_tombstones(self, topic: Topic | None, number: int, head: Feed) -> Feed:
        """``head`` with as many of the last that were withdrawn as it may have entries."""
        gone = feeds.withdrawn(self._catalog.db, number, self._heads.limit(topic))
        return msgspec.structs.replace(head, tombstones=tuple(Tombstone(*one) for one in gone))

    def _last_update(self, topic: Topic | None) -> Micros:
        """The date of an empty feed: the registry's, else January 1 of ``since``."""
        text = self._dates.get(topic.slug, "") if topic else self._registry.updated
        return micros(text or f"{self._heads.identity.since:04}-01-01T00:00:00Z")

    # What their files say.

    def work(self, broken: set[str] | None) -> list[Compose]:
        """What is ``touched``, with the documents that must be composed. Ask once a build."""
        archives = self._archives
        return [
            one._replace(documents=archives.due(one.number, folder_of(one.topic), broken))
            for one in self.touched(broken)
        ]

    def wanted(self, work: list[Compose], broken: set[str] | None) -> set[str]:
        """The paths of all that is composed: ``files``, ``assets``, ``outline``, the registry."""
        paths = {REGISTRY, *self.assets(broken), *([OPML] if self._outlined else ())}
        for one in work:
            paths.update(self._files_of(one.topic), self._archives.paths_of(one))
        return paths

    def render(self, work: list[Compose], engine: Engine, step: Callable[[int], None]) -> int:
        """Let there be all fragments that ``work`` needs. Gives how many entries that made."""
        rendering = Rendering(self._fragments, self._taxonomy, self.assignment.names, self._paths)
        feed_prints = ((self._keys_of(one), [shown.rec for shown in one.shown]) for one in work)
        archives = self._archives
        document_prints = ((archives.keys_of(one), archives.printed(one)) for one in work)
        rendering.run(chain(feed_prints, document_prints), engine, step)
        gone: set[int] = set()
        for one in work:
            recs = [shown.rec for shown in one.shown]
            gone |= feeds.printed(self._catalog.db, one.number, recs)
        # Only now: what one feed no longer prints another may print from now on.
        self._fragments.drop_unprinted(gone, archives.keys)
        return rendering.rendered

    def files(self, work: list[Compose]) -> list[Files]:
        """The feeds and documents of ``work``, of which all is rendered."""
        pages = self._pages() if self._assets else None
        made: list[Files] = [partial(self._compose, one, pages) for one in work]
        return made + self._archives.files(work, styled=bool(self._assets))

    def _compose(
        self, one: Compose, pages: Pages | None, db: sqlite3.Connection
    ) -> Iterator[tuple[str, bytes]]:
        feed = pages.dress(one.topic, one.feed, len(one.shown)) if pages else one.feed
        fragments = self._fragments.of(db, one.shown, self._keys_of(one))
        paths = self._files_of(one.topic)
        for format, path, entries in zip(self._formats, paths, fragments, strict=True):
            yield path, compose(format, feed, entries)

    def _keys_of(self, one: Compose) -> list[str]:
        return [fragment_key(format, one.content) for format in self._formats]

    def _pages(self) -> Pages:
        heads = self._heads
        return Pages(heads.config, heads.preview, self._formats, self.registry(None))

    def outline(self, registry: Registry) -> dict[str, bytes]:
        """Path and bytes of the list of all feeds, where there is to be one."""
        if not self._outlined:
            return {}
        by_slug = {topic.slug: topic for topic in self.assignment.topics}
        nesting = Nesting(registry.rows)

        def outlined(row: registries.Row) -> Outline:
            feed = self._heads.of(by_slug[row.slug], micros(row.updated))
            below = tuple(map(outlined, nesting.below(row.slug)))
            return Outline(row.name, feed, next(iter(row.feeds.values())), below)

        site = self._heads.of(None, micros(registry.updated))
        address = next(iter(self._feeds(site.folder).values()))
        topics = tuple(map(outlined, nesting.below()))
        return {OPML: opml(Outline(self._heads.config.site.title, site, address, topics))}

    def assets(self, broken: set[str] | None) -> dict[str, bytes]:
        """Path and bytes of the files beside the pages that are not as they were left."""
        return {p: data for p, data in self._assets.items() if broken is None or p in broken}

    def _files_of(self, topic: Topic | None) -> list[str]:
        return [folder_of(topic) + format.filename for format in self._formats]

    def _tree_of(self, topic: Topic | None) -> list[str]:
        """The files of a topic, its archives among them."""
        number = ALL if topic is None else self._numbers.get(topic.folded, -1)
        return self._files_of(topic) + self._archives.paths(number, folder_of(topic))

    def feed_files(self) -> Iterator[tuple[Topic | None, list[str]]]:
        """Each topic that has feeds (None: all together) with the paths of them."""
        topics = [topic for topic in self.assignment.topics if topic.published]
        for topic in (None, *topics):
            files = zip(self._formats, self._files_of(topic), strict=True)
            yield topic, [path for format, path in files if format.is_feed]

    def content(self, topic: Topic | None) -> Content:
        return self._heads.content(topic)

    def limit(self, topic: Topic | None) -> int:
        return self._heads.limit(topic)

    def address(self, topic: Topic | None) -> str:
        return address_of(self._heads.config, topic)

    # What the next build, and readers of the tree, must know.

    def paths(self) -> set[str]:
        """Every path that the tree must have now."""
        topics = [topic for topic in self.assignment.topics if topic.published]
        files = (path for topic in (None, *topics) for path in self._tree_of(topic))
        return {REGISTRY, *self._assets, *files, *([OPML] if self._outlined else ())}

    def registry(self, pin: Identity | None) -> Registry:
        """``topics.json`` as this build leaves it. Call it when all that is touched is composed."""
        rows = self._catalog.db.execute("SELECT topic, updated FROM topic").fetchall()
        updated = {number: value for number, value in rows if value is not None}
        entries = self._catalog.counts.entries
        return Registry(
            pin,
            entries[ALL],
            rfc3339(updated[ALL]),
            tuple(self._row(topic, updated, entries) for topic in self.assignment.topics),
        )

    def _row(
        self, topic: Topic, updated: dict[int, Micros], entries: dict[int, int]
    ) -> registries.Row:
        number = self._numbers.get(topic.folded, -1)
        date = updated.get(number) if topic.published else None
        address = address_of(self._heads.config, topic)
        return registries.Row(
            name=topic.name,
            slug=topic.slug,
            parent=topic.parent,
            url=address,
            entries=entries.get(number, 0) if topic.published else 0,
            updated=rfc3339(self._last_update(topic) if date is None else date),
            feeds=self._feeds(address) if topic.published else {},
        )

    def _feeds(self, address: str) -> dict[str, str]:
        """The address of each feed of a topic, by format."""
        return {f.name: address + f.filename for f in self._formats if f.is_feed}
