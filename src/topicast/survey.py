"""Recipes that look at records and write nothing: ``lint`` and ``topics``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple, TypeVar

import msgspec

from topicast.catalog import store
from topicast.catalog.catalog import Catalog
from topicast.catalog.contention import Contender, order
from topicast.catalog.feeds import largest
from topicast.catalog.rows import Standing
from topicast.catalog.settling import contended, sharing
from topicast.clock import current
from topicast.composing import Composer
from topicast.config import Config
from topicast.engines.engine import Engine
from topicast.engines.intake import Lines
from topicast.engines.local import LocalEngine
from topicast.heavy import heavy_feeds
from topicast.job import Job, Options, make_job
from topicast.problems import Level, Problem
from topicast.records.dates import EXAMPLE
from topicast.session import make_composer, make_work, opened_catalog, read_records
from topicast.topics.registry import Row as TopicRow
from topicast.topics.taxonomyfile import load_taxonomy
from topicast.tree import Tree, read_tree

T = TypeVar("T")


class Survey(NamedTuple):
    """All records as they stand at one instant."""

    job: Job
    catalog: Catalog
    composer: Composer
    engine: Engine
    problems: list[Problem]


class _Advice(NamedTuple):
    """What lint says about a field of a record beside its problems."""

    path: str
    item: int
    field: str
    expected: str
    remedy: str

    def warning(self, lines: Lines) -> Problem:
        line = lines.find(self.path, self.item, self.field)
        return Problem(self.path, line, self.field, self.expected, self.remedy, Level.WARNING)


@contextmanager
def surveyed(
    job: Job, tree: Tree, quiet: bool = True, *, thorough: bool = False
) -> Iterator[Survey]:
    """Read what changed since the last build, into a catalog that is thrown away."""
    taxonomy, taxonomy_bytes = load_taxonomy(job.config)
    with opened_catalog(job, tree, taxonomy, taxonomy_bytes, []) as catalog:
        engine = LocalEngine(make_work(job, tree, thorough=thorough))
        read_records(job, catalog, engine, quiet)
        composer = make_composer(job, tree, catalog, taxonomy)
        yield Survey(job, catalog, composer, engine, catalog.problems())


def lint(
    config: Config | str | os.PathLike[str] | None = None,
    *,
    seeds: str | None = None,
    now: int | None = None,
) -> list[Problem]:
    """Every problem of the records, by path and line; nothing is written.

    A problem of level ERROR sets its record aside, one of level WARNING does not. ``config`` and
    the other arguments are those of ``build``. Raises: ConfigError where the configuration is
    wrong, BuildError where the records cannot be listed.
    """
    at = current(None, os.environ) if now is None else now
    return lint_job(make_job(config, Options(seeds=seeds, check=True, full=True, now=at)))


def lint_job(job: Job, quiet: bool = True) -> list[Problem]:
    """As ``lint``, for a job that is made already (``check`` and ``full`` set)."""
    # Forced: whatever became of the tree, records can be looked at; its pin makes their ids.
    forced = msgspec.structs.replace(job.options, force=True)
    tree = read_tree(msgspec.structs.replace(job, options=forced))
    with surveyed(job, tree, quiet, thorough=True) as survey:
        advice = [*_undated(survey), *_contended_stems(survey), *_shared_links(survey)]
        advice += _in_heavy_feeds(survey)
        lines = Lines(job.seeds)
        # Sorted: lines are found file by file.
        warnings = [one.warning(lines) for one in sorted(advice)]
        return sorted([*survey.problems, *warnings])


def _undated(survey: Survey) -> Iterator[_Advice]:
    query = "SELECT path, item FROM record WHERE standing = ?"
    for path, item in survey.catalog.db.execute(query, (Standing.UNDATED,)):
        expected = "no date, so the record is hidden"
        remedy = f"write publishedDateTime: {EXAMPLE}"
        yield _Advice(path, item, "publishedDateTime", expected, remedy)


def _contended_stems(survey: Survey) -> Iterator[_Advice]:
    for first, others in _groups(survey, "key"):
        for one in others:
            if not one.row.by_uri and one.standing is not Standing.ASIDE:
                known = "path, date and title make" if one.row.many else "path is"
                expected = f"the same stem as {first.path}, so its {known} its id"
                yield _Advice(one.path, one.row.item, "id", expected, "write id: and any text")


def _shared_links(survey: Survey) -> Iterator[_Advice]:
    for first, others in _groups(survey, "link"):
        for one in others:
            expected, remedy = f"the same link as {first.path}", "keep one of the two"
            yield _Advice(one.path, one.row.item, "webUrl", expected, remedy)


def _in_heavy_feeds(survey: Survey) -> Iterator[_Advice]:
    """A warning for each feed that is too large, at its largest entry."""
    work = survey.composer.touched(None)
    survey.composer.render(work, survey.engine, lambda done: None)
    db = survey.catalog.db
    composed = chain.from_iterable(some(db) for some in survey.composer.files(work))
    sizes = {path: len(data) for path, data in composed}
    for heavy in heavy_feeds(survey.composer, sizes):
        shown = next(one.shown for one in work if one.topic == heavy.topic)
        path, item = largest(db, [one.rec for one in shown])
        expected = f"{heavy.said}; this is its largest entry"
        yield _Advice(path, item, "", expected, heavy.remedy)


def _groups(survey: Survey, column: str) -> Iterator[tuple[Contender, list[Contender]]]:
    """The records that have one ``column``: who goes first, and the others."""
    for value in contended(survey.catalog, column):
        group = sharing(survey.catalog, column, value)
        first, *others = sorted(group, key=order)
        yield first, others


def topics(job: Job, quiet: bool = True) -> list[TopicRow]:
    """The topics that have entries, by address."""

    def look(job: Job) -> list[TopicRow]:
        with surveyed(job, read_tree(job), quiet) as survey:
            survey.composer.touched(None)  # then their dates are known
            rows = survey.composer.registry(None).rows
            return [row for row in rows if row.entries]

    return despite_damage(job, look)


def despite_damage(job: Job, look: Callable[[Job], list[T]]) -> list[T]:
    """A damaged catalog may be found anywhere; without it all is read anew."""
    try:
        return look(job)
    except store.DAMAGE:
        options = msgspec.structs.replace(job.options, full=True)
        return look(msgspec.structs.replace(job, options=options))
