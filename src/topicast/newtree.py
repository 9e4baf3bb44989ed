"""The tree of a build: composed from the catalog into a draft, and planned."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from topicast.catalog.catalog import Catalog
from topicast.engines.engine import Engine
from topicast.job import Job
from topicast.publish.disk import announce_tree
from topicast.publish.manifest import REGISTRY
from topicast.publish.plan import Composed, Plan, Stat, make_plan
from topicast.publish.writer import Draft
from topicast.report import Progress
from topicast.session import make_composer
from topicast.topics.registry import write_registry
from topicast.topics.taxonomy import Taxonomy
from topicast.tree import Tree, damaged, left_stats


class NewTree(NamedTuple):
    """A tree that was composed, and what it is made of."""

    plan: Plan
    rendered: int
    notes: list[str]
    left: dict[str, Stat]  # of the files of the tree, as the build before left them


def compose_tree(
    job: Job,
    tree: Tree,
    catalog: Catalog,
    taxonomy: Taxonomy,
    engine: Engine,
    draft: Draft,
    quiet: bool,
) -> NewTree:
    """Compose into ``draft`` what a change touched, and plan what becomes of the tree."""
    left = left_stats(catalog)
    broken = damaged(tree, catalog, job, left)
    if not catalog.touched and broken == set():
        return _as_it_was(job, tree, catalog, draft, left)
    # Late: a run with nothing to compose needs none of it.
    from topicast.heavy import feed_sizes, heavy_feeds, notes_of

    composer = make_composer(job, tree, catalog, taxonomy)
    work = composer.work(broken)
    wanted = composer.wanted(work, broken)
    announced = announce_tree(
        Path(job.out),
        wanted,
        composer.paths() - wanted,
        tree.manifest,
        preview=job.preview,
        force=job.options.force,
    )
    draft.start(announced)
    progress = Progress("rendering", "entries", quiet)
    rendered = composer.render(work, engine, progress.step)
    progress.close()
    with draft.shared():
        share = partial(_share, catalog, draft)
        for one in engine.compose(composer.files(work), catalog.db, share, draft.place):
            draft.put(one)
    pin = tree.registry.pin if job.preview else tree.identity.pin
    rows = msgspec.structs.replace(composer.registry(pin), preview=job.preview)
    others = {**composer.assets(broken), **composer.outline(rows)}
    others[REGISTRY] = tree.kept_registry or write_registry(rows)
    for path, data in others.items():
        draft.put(Composed.of(path, data))
    plan = make_plan(announced, draft.made)
    notes = notes_of(heavy_feeds(composer, feed_sizes(composer, draft.made, left)))
    catalog.remember("notes", msgspec.json.encode(notes))
    return NewTree(plan, rendered, notes, left)


def _as_it_was(
    job: Job, tree: Tree, catalog: Catalog, draft: Draft, left: dict[str, Stat]
) -> NewTree:
    """The tree of a build in which nothing was touched: all that it says was said before."""
    assert tree.manifest is not None
    announced = announce_tree(
        Path(job.out), (), tree.manifest.files.keys(), tree.manifest, preview=job.preview
    )
    draft.start(announced)
    notes = msgspec.json.decode(catalog.recall("notes"), type=list[str])
    return NewTree(make_plan(announced, {}), 0, notes, left)


def _share(catalog: Catalog, draft: Draft) -> str:
    """Let other processes compose from the catalog into the tree."""
    if draft.dry or not catalog.file:
        return ""
    draft.begin()  # with the catalog secured: all of it is in its file
    return catalog.file
