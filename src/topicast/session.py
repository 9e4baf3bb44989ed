"""What a build works with: the catalog of its tree, an engine, and what both depend on."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from topicast.catalog import store
from topicast.catalog.catalog import Catalog
from topicast.engines.engine import Engine, LateEngine
from topicast.engines.forked import can_fork
from topicast.engines.reading import Reading
from topicast.job import Job
from topicast.problems import BuildError
from topicast.publish.ignoring import ignore_folder
from topicast.records.selection import selector
from topicast.report import Progress
from topicast.topics.names import fold
from topicast.topics.taxonomy import Taxonomy
from topicast.tree import Tree

if TYPE_CHECKING:
    from topicast.composing import Composer
    from topicast.engines.work import Work


def make_work(job: Job, tree: Tree, *, thorough: bool = False) -> Work:
    """What reading and rendering depend on in this build; ``thorough`` is for lint."""
    # Late, like all that reads and renders: a run with nothing changed needs none of it.
    from topicast.engines.work import Work
    from topicast.entries.entry import EntrySettings
    from topicast.formats import RenderSettings
    from topicast.records.record import ReadSettings

    config = job.config
    return Work(
        root=job.seeds,
        read=ReadSettings.of(config, job.seeds),
        entry=EntrySettings.of(config),
        render=RenderSettings(
            site_url=config.site_url,
            language=config.site.language,
            embeds=config.feeds.embeds,
            theme=job.theme,
        ),
        identity=tree.identity.identity,
        preview=job.preview,
        now=job.options.now,
        tombstones=config.feeds.tombstones,
        thorough=thorough,
        start_ns=time.time_ns(),
    )


def make_composer(job: Job, tree: Tree, catalog: Catalog, taxonomy: Taxonomy) -> Composer:
    """What composes the feeds of this build. It names the topics, which the catalog learns."""
    from topicast.composing import Composer
    from topicast.formats.heads import Heads
    from topicast.naming import name_topics

    heads = Heads(job.config, tree.identity.identity, job.preview, job.theme)
    naming = name_topics(catalog, tree.registry, taxonomy, job.config.topics)
    return Composer(catalog, heads, naming, taxonomy, tree.registry)


def make_engine(job: Job, tree: Tree) -> Engine:
    """Worker processes, or this one where one job is asked for or a process cannot fork."""
    return LateEngine(lambda: _started(job, tree))


def _started(job: Job, tree: Tree) -> Engine:
    from topicast.engines.local import LocalEngine
    from topicast.engines.processes import ProcessEngine

    work = make_work(job, tree)
    jobs = _jobs(job) if can_fork() else 1
    return ProcessEngine(work, jobs) if jobs > 1 else LocalEngine(work)


def _jobs(job: Job) -> int:
    """How many processes may work at a time: by default as many as there are cores to use."""
    if job.options.jobs:
        return job.options.jobs
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def opened_catalog(
    job: Job, tree: Tree, taxonomy: Taxonomy, taxonomy_bytes: bytes, notes: list[str]
) -> Iterator[Catalog]:
    """The catalog of this tree; what is not committed in it is undone at the end."""
    identity = tree.identity.identity
    key = job.key(taxonomy_bytes, identity.authority.encode(), str(identity.since).encode())
    opened = _open_store(job, key, notes)
    try:
        if opened.why:
            notes.append(opened.why)
        elif opened.fresh and tree.manifest and not job.options.full and not notes:
            notes.append("there is no catalog of these feeds yet; everything is read anew")
        yield Catalog(
            opened,
            job.options.now,
            identity,
            lambda name: _memberships(name, taxonomy),
            newest_only=job.config.feeds.duplicates == "newest",
        )
    finally:
        store.discard(opened)


def _open_store(job: Job, key: bytes, notes: list[str]) -> store.Opened:
    path = "" if job.options.full else job.catalog
    if job.options.check:
        return store.open_scratch(path, key)
    try:
        os.makedirs(job.memory, exist_ok=True)
        ignore_folder(Path(job.memory))
        if not os.access(job.memory, os.W_OK):
            raise OSError(errno.EACCES, "cannot be written")
        return store.open_stored(job.catalog, key, anew=job.options.full)
    except OSError as error:
        if store.is_full(error):
            raise unkept(job, error) from None
        where = error.filename or job.memory
        notes.append(f"{where}: {error.strerror}; the catalog is kept in memory, not stored")
        return store.open_scratch(path, key)


def _memberships(name: str, taxonomy: Taxonomy) -> list[str]:
    """The folded names of the topics whose feeds hold an entry with the topic ``name``."""
    own = taxonomy.owner(fold(name))
    return [own, *taxonomy.ancestors(own)]


def read_records(job: Job, catalog: Catalog, engine: Engine, quiet: bool) -> Reading:
    """Bring the catalog up to date with the records."""
    wanted, trees = selector(job.config.records), job.trees_among_records()
    reading = Reading(catalog, job.seeds, wanted, trees, _jobs(job))
    progress = Progress("reading", "files", quiet)
    try:
        reading.run(engine, progress.step)
    finally:
        progress.close()
    reading.settle()
    return reading


def unkept(job: Job, error: Exception) -> BuildError:
    reason = error.strerror if isinstance(error, OSError) else error
    return BuildError(
        f"{job.memory}: the catalog cannot be kept: {reason}; the old feeds stand; "
        "check the space on its disk, and the quota, then build again"
    )
