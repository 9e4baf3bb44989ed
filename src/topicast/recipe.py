"""The recipe of a build: what changed → read → catalog → feeds → render → publish."""

from __future__ import annotations

import os
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec

from topicast.catalog import store
from topicast.catalog.catalog import Catalog
from topicast.catalog.rows import Standing
from topicast.clock import current
from topicast.config import Config
from topicast.engines.reading import Reading
from topicast.job import Job, Options, make_job
from topicast.newtree import NewTree, compose_tree
from topicast.problems import BuildError, Level, Problem, told_of
from topicast.publish.guards import guard_shrink
from topicast.publish.lock import Lock, locked
from topicast.publish.manifest import REGISTRY
from topicast.publish.writer import Draft
from topicast.records.zones import zone_told_once
from topicast.report import Hidden, Report, in_folder
from topicast.session import make_engine, opened_catalog, read_records, unkept
from topicast.times import rfc3339
from topicast.topics.taxonomyfile import load_taxonomy
from topicast.tree import Tree, forget_tree, read_tree, remember_tree

_NO_BASE_URL = "[site] base_url is not set: readers need a real one"
_NO_IDS_YET = ", and ids will change when it is set"


def build(
    config: Config | str | os.PathLike[str] | None = None,
    *,
    seeds: str | None = None,
    out: str | None = None,
    base_url: str | None = None,
    include_unpublished: bool = False,
    check: bool = False,
    full: bool = False,
    strict: bool = False,
    force: bool = False,
    allow_shrink: bool = False,
    jobs: int = 0,
    now: int | None = None,
    quiet: bool = True,
) -> Report:
    """Build the feed tree of a folder of records, and say what became of it.

    ``config`` is a configuration, the path of one, or None for ``topicast.toml`` in the current
    folder (or all defaults, where that is not there). The other arguments are the flags of
    ``topicast build``; ``jobs`` 0 is as many as there are cores to use, and ``now`` is in
    microseconds since 1970-01-01T00:00:00Z, by default
    ``SOURCE_DATE_EPOCH``, else the time. ``seeds`` and ``out`` are relative to the current folder.

    Records that cannot be used are set aside and are in ``Report.problems``; they raise nothing,
    unless ``strict`` is set. With ``check`` nothing is written.

    Raises: ConfigError where the usage or the configuration is wrong; BuildError where the build
    failed, and then the old feeds stand as they were.
    """
    options = Options(
        seeds=seeds,
        out=out,
        base_url=base_url,
        include_unpublished=include_unpublished,
        check=check,
        full=full,
        strict=strict,
        force=force,
        allow_shrink=allow_shrink,
        jobs=jobs,
        now=current(None, os.environ) if now is None else now,
    )
    return run(make_job(config, options), quiet=quiet)


def run(job: Job, *, quiet: bool = True, wait: float = 0.0) -> Report:
    """Carry out one build. ``wait`` is how many seconds another build of the tree may take."""
    with locked(Path(job.out), wait) as lock:
        try:
            return _despite_damage(job, lock, quiet)
        finally:
            store.sweep(job.catalog)  # wherever it was interrupted


def _despite_damage(job: Job, lock: Lock, quiet: bool) -> Report:
    """A damaged catalog may be found anywhere in a build; without it all is read anew."""
    started = time.monotonic()
    try:
        return _run(job, lock, started, quiet, [])
    except store.DAMAGE as error:
        if store.is_full(error):
            raise unkept(job, error) from None
        why = "the catalog was damaged; everything is read anew"
    job = msgspec.structs.replace(job, options=msgspec.structs.replace(job.options, full=True))
    try:
        return _run(job, lock, started, quiet, [why])
    except store.DAMAGE as error:
        raise unkept(job, error) from None


def _run(job: Job, lock: Lock, started: float, quiet: bool, notes: list[str]) -> Report:
    tree = read_tree(job)
    taxonomy, taxonomy_bytes = load_taxonomy(job.config)
    with (
        opened_catalog(job, tree, taxonomy, taxonomy_bytes, notes) as catalog,
        Draft(lock, dry=job.options.check, secure=partial(_secure, catalog)) as draft,
    ):
        with closing(make_engine(job, tree)) as engine:
            reading = read_records(job, catalog, engine, quiet)
            problems = catalog.problems()
            _refuse(job, tree, catalog, problems)
            made = compose_tree(job, tree, catalog, taxonomy, engine, draft, quiet)
        if not job.config.site.base_url:
            notes.append(_NO_BASE_URL + ("" if tree.identity.pin else _NO_IDS_YET))
        notes += made.notes
        report = _report(job, catalog, reading, made, problems)
        if not job.options.check:
            _publish(job, draft, catalog, made, notes)
        seconds = round(time.monotonic() - started, 3)
        return msgspec.structs.replace(report, notes=tuple(notes), seconds=seconds)


def _refuse(job: Job, tree: Tree, catalog: Catalog, problems: list[Problem]) -> None:
    if job.options.strict:
        errors = [problem for problem in problems if problem.level is Level.ERROR]
        if errors:
            more = f" (and {len(errors) - 1} more: see topicast lint)" if len(errors) > 1 else ""
            first = in_folder(errors[0], job.shown_seeds)
            raise BuildError(f"{first}{more}; nothing is written with --strict")
    with told_of(job.shown_seeds):
        guard_shrink(catalog.usable(), tree.registry.entries, job.options.allow_shrink)


def _secure(catalog: Catalog) -> None:
    """What a disk without room for the catalog must show while the old feeds stand."""
    forget_tree(catalog)
    catalog.secure()


def _publish(job: Job, draft: Draft, catalog: Catalog, made: NewTree, notes: list[str]) -> None:
    published = draft.publish(made.plan)
    try:
        # What a later build compares the registry with is the live tree's, not a preview's own.
        registry = Path(job.live) / REGISTRY
        data = registry.read_bytes() if registry.exists() else b""
        remember_tree(catalog, made.left, published, made.plan.remove, data)
        catalog.commit()
    except (*store.DAMAGE, OSError) as error:
        # The tree is as it must be. A catalog that may not know so is worth less than none.
        catalog.forget()
        notes.append(f"{job.catalog}: cannot be kept: {error}; the next build reads everything")


def _report(
    job: Job,
    catalog: Catalog,
    reading: Reading,
    made: NewTree,
    problems: list[Problem],
) -> Report:
    standings = catalog.counts.standings
    due = catalog.next_due()
    hidden = {
        standing.value: standings[standing]
        for standing in Standing
        if standing not in (Standing.SHOWN, Standing.ASIDE)
    }
    return Report(
        out=job.shown_out,
        preview=job.preview,
        check=job.options.check,
        now=rfc3339(job.options.now),
        records=sum(standings.values()),
        files=reading.files,
        parsed=reading.parsed,
        fast=reading.fast,
        rendered=made.rendered,
        shown=catalog.counts.standings[Standing.SHOWN],
        hidden=Hidden(**hidden),
        set_aside=standings[Standing.ASIDE],
        written=tuple(made.plan.written),
        unchanged=made.plan.keep,
        removed=made.plan.remove,
        due=None if due is None else rfc3339(due + 999_999),  # whole seconds, never too early
        problems=tuple(zone_told_once(problems)),
        notes=(),
    )
