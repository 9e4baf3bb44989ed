"""What became of one record, and by which rule: ``explain``. It looks and writes nothing."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from topicast.catalog import feeds
from topicast.catalog.catalog import ALL
from topicast.catalog.rows import Row, Standing, unpack_row
from topicast.gate import NEVER, REASONS, State
from topicast.job import Job
from topicast.problems import ConfigError, Problem, as_text, has_error, printable
from topicast.records.dialects import is_list_page
from topicast.records.listing import SUFFIXES
from topicast.records.model import Record
from topicast.records.selection import selector
from topicast.survey import Survey, despite_damage, surveyed
from topicast.times import rfc3339
from topicast.tree import read_tree

NO_RECORD = "no record"

_unpack = msgspec.msgpack.Decoder(Record).decode

_ASIDE = "it has an error; it ends when that is mended"
_DIALECTS = {
    "jekyll": ", or it lies under _drafts/",
    "pelican": ", or its Status is not published",
}


class Place(NamedTuple):
    """An entry in one feed: its place from 1 on, of how many; printed where it is in the window."""

    feed: str
    place: int
    entries: int
    printed: bool


class Explanation(msgspec.Struct, frozen=True):
    """What became of one record, and by which rule.

    ``item`` is its place in a file of many, from 0 on; None where it stands for several.
    ``standing`` is a ``Standing`` or ``NO_RECORD``. ``published`` and ``until`` (RFC 3339) are
    ``""`` where there is none, and of a record that is unpublished or withdrawn.
    """

    path: str
    item: int | None
    standing: str
    reason: str
    id: str = ""
    published: str = ""
    until: str = ""
    places: tuple[Place, ...] = ()
    problems: tuple[Problem, ...] = ()


def explain(job: Job, path: str, quiet: bool = True) -> list[Explanation]:
    """What became of the record at ``path`` (of each, where the file holds many).

    The problems of the file are told with the last of them. Raises: ConfigError where the path is
    not in the folder of records.
    """
    inner = _path_in_records(job, path)

    def look(job: Job) -> list[Explanation]:
        with surveyed(job, read_tree(job), quiet) as survey:
            return _explanations(survey, inner)

    return despite_damage(job, look)


def _path_in_records(job: Job, path: str) -> str:
    """The path from SEEDS on, however many links lead to it."""
    folder, name = os.path.split(os.path.abspath(path))
    ways = (folder, job.seeds), (os.path.realpath(folder), os.path.realpath(job.seeds))
    for start, seeds in ways:
        inner = os.path.relpath(os.path.join(start, name), seeds)
        if inner == ".":
            expected = "is the folder of records; give the path of one in it"
            raise ConfigError(f"{printable(path)}: {expected}")
        if inner.split(os.sep)[0] not in (".", ".."):
            if not os.path.lexists(path):
                raise ConfigError(f"{printable(path)}: there is no such file; check the path")
            return as_text(inner).replace(os.sep, "/")
    raise ConfigError(
        f"{printable(path)}: is not in {job.shown_seeds}, the folder of records; "
        "give the path of a record in it, or another --config"
    )


def _explanations(survey: Survey, path: str) -> list[Explanation]:
    db = survey.catalog.db
    query = """SELECT item, standing, id, row, packed
        FROM record LEFT JOIN shown USING (rec) WHERE path = ? ORDER BY item"""
    found = _Feeds(survey)
    told = [_explained(survey, found, path, *one) for one in db.execute(query, (path,)).fetchall()]
    above = {path, *map(str, PurePosixPath(path).parents)}  # a link to a folder is one's fault too
    problems = tuple(problem for problem in survey.problems if problem.path in above)
    unread = db.execute("SELECT records FROM aside WHERE path = ?", (path,)).fetchone()
    if not told:
        told.append(_no_record(survey, path, problems))
    elif unread:
        reason = f"so many more of its records have an error: {unread[0]}"
        told.append(Explanation(path, None, Standing.ASIDE.value, reason))
    return [*told[:-1], msgspec.structs.replace(told[-1], problems=problems)]


def _explained(
    survey: Survey,
    found: _Feeds,
    path: str,
    item: int,
    standing: str,
    id: str,
    packed: bytes,
    record: bytes | None,
) -> Explanation:
    row = unpack_row(packed)
    unpublished = record is not None and _unpack(record).unpublished
    quiet = row.state in (State.UNPUBLISHED, State.WITHDRAWN)
    return Explanation(
        path=path,
        item=item,
        standing=standing,
        reason=_reason(survey, Standing(standing), row, unpublished),
        id=id,
        published="" if quiet or row.sort == NEVER else rfc3339(row.sort),
        until="" if quiet or row.closes == NEVER else rfc3339(row.closes),
        places=found.places(row, id) if standing == Standing.SHOWN else (),
    )


def _reason(survey: Survey, standing: Standing, row: Row, unpublished: bool) -> str:
    match standing:
        case Standing.TWIN:
            return (
                "a newer record has the same link, and [feeds] duplicates is newest; it ends when"
                " that one is hidden"
            )
        case Standing.ASIDE:
            return _ASIDE
    why = REASONS[State(standing.value)]
    more = _DIALECTS.get(survey.job.config.fields.preset, "")
    match standing:
        case Standing.SHOWN if unpublished:
            return f"{REASONS[State.UNPUBLISHED]}{more}, and this is a preview"
        case Standing.UNPUBLISHED:
            return f"{why}{more}; it ends when that is changed"
        case Standing.WITHDRAWN:
            return f"{why}; it ends when neither is written, or both are false"
        case Standing.UNDATED:
            return f"{why}; it ends with one"
        case Standing.EMBARGOED:
            return f"{why}; it ends at {rfc3339(row.opens)}"
        case Standing.EXPIRED:
            return f"{why} at {rfc3339(row.closes)}; it ends with a later expires"
        case _:
            return why


class _Feeds:
    """Finds the places of entries in feeds."""

    def __init__(self, survey: Survey) -> None:
        self._catalog, self._composer = survey.catalog, survey.composer
        topics = {topic.folded: topic for topic in survey.composer.assignment.topics}
        rows = self._catalog.db.execute("SELECT topic, folded FROM topic").fetchall()
        self._topics = {number: topics.get(folded) for number, folded in rows}

    def places(self, row: Row, id: str) -> tuple[Place, ...]:
        """Those of a record that is shown under ``id``."""
        places = []
        for number in self._catalog.topics_of(row.topics):
            topic = self._topics.get(number)
            if number != ALL and (topic is None or not topic.published):
                continue
            place = feeds.place_of(self._catalog.db, number, -row.sort, id)
            is_printed = place <= self._composer.limit(topic)
            address = self._composer.address(topic)
            entries = self._catalog.counts.entries[number]
            places.append(Place(address, place, entries, is_printed))
        return tuple(sorted(places))


def _no_record(survey: Survey, path: str, problems: tuple[Problem, ...]) -> Explanation:
    if has_error(problems):
        return Explanation(path, 0, Standing.ASIDE.value, _ASIDE)
    return Explanation(path, 0, NO_RECORD, _why_no_record(survey.job, path, problems))


def _why_no_record(job: Job, path: str, problems: tuple[Problem, ...]) -> str:
    if any(part.startswith(".") for part in path.split("/")):
        return "hidden files and folders are skipped"
    if problems:
        return problems[0].expected
    if any(f"{path}/".startswith(f"{tree}/") for tree in job.trees_among_records()):
        return "it lies in a feed tree, where records are not looked for"
    if os.path.isdir(os.path.join(job.seeds, path)):
        return "it is a folder; give the path of a file in it"
    if not path.lower().endswith(SUFFIXES):
        return f"records end in {' '.join(SUFFIXES)}"
    if not selector(job.config.records)(path):
        return "[records] include or exclude leaves it out"
    if is_list_page(path, job.config.fields.preset):
        return "Hugo's _index is the page of a list, and no record"
    return "it has no front matter, or neither title nor date nor link"
