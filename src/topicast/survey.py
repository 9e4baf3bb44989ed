"""Recipes that look at records and write nothing: ``lint``, ``topics`` and ``explain``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import msgspec

from topicast.catalog import feeds, store
from topicast.catalog.catalog import ALL, Catalog
from topicast.catalog.rows import Row, Standing
from topicast.clock import current
from topicast.composing import Composer
from topicast.config import Config
from topicast.engines.engine import LocalEngine
from topicast.formats.times import rfc3339
from topicast.gate import NEVER
from topicast.identity import resolve_identity
from topicast.job import Job, Options, make_job
from topicast.problems import ConfigError, Level, Problem
from topicast.recipe import make_heads, make_work, opened_catalog, read_records
from topicast.records.files import SUFFIXES
from topicast.records.selection import selector
from topicast.topics.registry import Registry
from topicast.topics.registry import Row as TopicRow
from topicast.topics.taxonomyfile import load_taxonomy
from topicast.tree import Tree, read_tree

T = TypeVar("T")

_ASIDE = "it has an error; it ends when that is mended"
_unpack_row = msgspec.msgpack.Decoder(Row).decode


class Survey(NamedTuple):
    """All records as they stand at one instant."""

    job: Job
    catalog: Catalog
    composer: Composer
    problems: list[Problem]


@contextmanager
def surveyed(job: Job, tree: Tree, quiet: bool = True) -> Iterator[Survey]:
    """Read what changed since the last build, into a catalog that is thrown away."""
    taxonomy, taxonomy_bytes = load_taxonomy(job.config)
    with opened_catalog(job, tree, taxonomy, taxonomy_bytes, []) as catalog:
        read_records(job, catalog, LocalEngine(make_work(job, tree)), quiet)
        composer = Composer(catalog, make_heads(job, tree), taxonomy, tree.registry)
        yield Survey(job, catalog, composer, catalog.problems())


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
    identity = resolve_identity(job.config.site, None)
    tree = Tree(None, "", Registry(), b"", identity)
    with surveyed(job, tree, quiet) as survey:
        advice = [*_undated(survey), *_contended_stems(survey), *_shared_links(survey)]
        return sorted([*survey.problems, *advice])


def _undated(survey: Survey) -> Iterator[Problem]:
    query = "SELECT path FROM record WHERE standing = ?"
    for (path,) in survey.catalog.db.execute(query, (Standing.UNDATED,)):
        expected = "no date, so the record is hidden"
        yield _warning(path, "publishedDateTime", expected, "write publishedDateTime:")


def _contended_stems(survey: Survey) -> Iterator[Problem]:
    for group in _groups(survey, "key"):
        first, *others = sorted(group, key=lambda one: (one[1].sort, one[0], one[1].item))
        for path, row in others:
            if not row.by_uri:
                expected = f"the same stem as {first[0]}, so its path is its id"
                yield _warning(path, "id", expected, "write id:")


def _shared_links(survey: Survey) -> Iterator[Problem]:
    for group in _groups(survey, "link"):
        first, *others = sorted(group, key=lambda one: (one[1].sort, one[0], one[1].item))
        for path, _ in others:
            yield _warning(path, "webUrl", f"the same link as {first[0]}", "keep one of the two")


def _groups(survey: Survey, column: str) -> Iterator[list[tuple[str, Row]]]:
    db = survey.catalog.db
    twice = f"SELECT {column} FROM record WHERE {column} <> x'' GROUP BY 1 HAVING count(*) > 1"  # noqa: S608
    for (value,) in db.execute(twice).fetchall():
        query = f"SELECT path, row FROM record WHERE {column} = ?"  # noqa: S608
        yield [(path, _unpack_row(row)) for path, row in db.execute(query, (value,))]


def _warning(path: str, field: str, expected: str, remedy: str) -> Problem:
    return Problem(path, 0, field, expected, remedy, Level.WARNING)


def topics(job: Job, quiet: bool = True) -> list[TopicRow]:
    """The topics that have entries, by address."""

    def look(job: Job) -> list[TopicRow]:
        with surveyed(job, read_tree(job), quiet) as survey:
            list(survey.composer.touched(None))
            rows = survey.composer.registry(None).rows
            return [row for row in rows if row.entries]

    return _despite_damage(job, look)


def _despite_damage(job: Job, look: Callable[[Job], list[T]]) -> list[T]:
    """A damaged catalog may be found anywhere; without it all is read anew."""
    try:
        return look(job)
    except store.DAMAGE:
        options = msgspec.structs.replace(job.options, full=True)
        return look(msgspec.structs.replace(job, options=options))


class Place(NamedTuple):
    """An entry in one feed: its place from 1 on, of how many; printed where it is in the window."""

    feed: str
    place: int
    entries: int
    printed: bool


class Explanation(msgspec.Struct, frozen=True):
    """What became of one record, and by which rule."""

    path: str
    item: int
    standing: str
    reason: str
    id: str
    published: str
    until: str
    places: list[Place]
    problems: list[Problem]


def explain(job: Job, path: str, quiet: bool = True) -> list[Explanation]:
    """What became of the record at ``path`` (of each, where the file holds many).

    Raises: ConfigError where the path is not in the folder of records.
    """
    inner = os.path.relpath(os.path.abspath(path), job.seeds).replace(os.sep, "/")
    if inner.startswith("../") or inner in ("..", "."):
        raise ConfigError(
            f"{path}: is not in {job.shown_seeds}, the folder of records; "
            "give the path of a record in it, or another --config"
        )
    if not os.path.lexists(path):
        raise ConfigError(f"{path}: there is no such file; check the path")

    def look(job: Job) -> list[Explanation]:
        with surveyed(job, read_tree(job), quiet) as survey:
            return _explanations(survey, inner)

    return _despite_damage(job, look)


def _explanations(survey: Survey, path: str) -> list[Explanation]:
    problems = [problem for problem in survey.problems if problem.path == path]
    query = "SELECT rec, item, standing, id, row FROM record WHERE path = ? ORDER BY item"
    found = survey.catalog.db.execute(query, (path,)).fetchall()
    told = [_explained(survey, path, problems, *one) for one in found]
    return told or [_no_record(survey, path, problems)]


def _explained(
    survey: Survey,
    path: str,
    problems: list[Problem],
    rec: int,
    item: int,
    standing: str,
    id: str,
    packed: bytes,
) -> Explanation:
    row = _unpack_row(packed)
    places = _places(survey, rec, row) if standing == Standing.SHOWN else []
    return Explanation(
        path=path,
        item=item,
        standing=standing,
        reason=_reason(Standing(standing), row),
        id=id,
        published="" if row.sort == NEVER else rfc3339(row.sort),
        until="" if row.closes == NEVER else rfc3339(row.closes),
        places=places,
        problems=problems,
    )


def _reason(standing: Standing, row: Row) -> str:
    match standing:
        case Standing.SHOWN:
            return "it is published, and its date has come"
        case Standing.UNPUBLISHED:
            return "published is false or draft is true; it ends when neither is written"
        case Standing.WITHDRAWN:
            return "removed or deleted is true; it ends when neither is written"
        case Standing.UNDATED:
            return "it has no publishedDateTime, nor a date in its file name; it ends with one"
        case Standing.EMBARGOED:
            return f"publishedDateTime is ahead; it ends at {rfc3339(row.opens)}"
        case Standing.EXPIRED:
            return f"it expired at {rfc3339(row.closes)}; it ends with a later expires"
        case Standing.TWIN:
            return "a newer record has the same link, and [feeds] duplicates is newest"
        case Standing.ASIDE:
            return _ASIDE


def _places(survey: Survey, rec: int, row: Row) -> list[Place]:
    db, counts = survey.catalog.db, survey.catalog.counts.entries
    numbers = """SELECT t.topic, t.folded FROM topic t
        JOIN member m ON m.topic = t.topic AND m.later = ? AND m.rec = ?"""
    by_folded = {topic.folded: topic for topic in survey.composer.assignment.topics}
    places = []
    for number, folded in db.execute(numbers, (-row.sort, rec)).fetchall():
        topic = by_folded.get(folded)
        if number != ALL and (topic is None or not topic.published):
            continue
        order = feeds.newest(db, number, counts[number])
        place = next(at for at, shown in enumerate(order, 1) if shown.rec == rec)
        limit = survey.composer.limit(topic)
        address = survey.composer.address(topic)
        places.append(Place(address, place, counts[number], place <= limit))
    return sorted(places)


def _no_record(survey: Survey, path: str, problems: list[Problem]) -> Explanation:
    if problems:
        standing, reason = Standing.ASIDE.value, _ASIDE
    elif any(part.startswith(".") for part in path.split("/")):
        standing, reason = "no record", "hidden files and folders are skipped"
    elif not path.lower().endswith(SUFFIXES):
        standing, reason = "no record", f"records end in {' '.join(SUFFIXES)}"
    elif not selector(survey.job.config.records)(path):
        standing, reason = "no record", "[records] include or exclude leaves it out"
    else:
        standing = "no record"
        reason = "it has no front matter, or neither title nor date nor link"
    return Explanation(path, 0, standing, reason, "", "", "", [], problems)
