"""Entries rendered once for all that print them: their fragments, put into the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from topicast.catalog.fragments import Fragments, ToRender
from topicast.composition import by_formats
from topicast.engines.engine import Engine
from topicast.engines.work import Unrendered
from topicast.formats.page import TopicLink
from topicast.topics.names import fold
from topicast.topics.taxonomy import Taxonomy

_LOT = 200  # entries whose fragments are stored in one go


class Rendering:
    """Renders entries that lack a fragment, and counts them in ``rendered``."""

    def __init__(
        self,
        fragments: Fragments,
        taxonomy: Taxonomy,
        names: Mapping[str, str],
        paths: Mapping[str, str],
    ) -> None:
        """``names`` and ``paths`` are those of the topics and their pages, by folded name."""
        self.rendered = 0
        self._fragments = fragments
        self._taxonomy = taxonomy
        self._names = names
        self._paths = paths
        self._links: dict[str, TopicLink] = {}  # of topics, by their names as written

    def run(
        self,
        prints: Iterable[tuple[Sequence[str], Iterable[int]]],
        engine: Engine,
        step: Callable[[int], None],
    ) -> None:
        """Let records have fragments: ``prints`` says in which formats, and which records."""
        for keys, recs in by_formats(prints):
            missing = map(self._linked, self._fragments.missing(recs, keys))
            rendered = iter(engine.render(missing, keys))
            while lot := list(islice(rendered, _LOT)):
                self._fragments.put(lot, keys)
                self.rendered += len(lot)
                step(len(lot))

    def _linked(self, one: ToRender) -> Unrendered:
        topics = tuple(dict.fromkeys(self._link(name) for name in one.topics))
        return Unrendered(one.rec, one.id, one.updated, one.record, topics)

    def _link(self, name: str) -> TopicLink:
        """A topic of an entry as it is shown, and where its page is."""
        link = self._links.get(name)
        if link is None:
            owner = self._taxonomy.owner(fold(name))
            link = TopicLink(self._names[owner], self._paths.get(owner, ""))
            self._links[name] = link
        return link
