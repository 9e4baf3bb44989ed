"""What records do to each other: two with one stem, one id, one link. Pure, no order dependence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import zip_longest
from typing import NamedTuple

from topicast.catalog.rows import Row, Standing
from topicast.identity import rooted
from topicast.problems import Problem
from topicast.records.model import Micros


class Contender(NamedTuple):
    """A record as the catalog has it."""

    rec: int
    path: str
    row: Row
    standing: Standing
    id: str
    path_id: str  # the id that it has if it loses a stem


class Verdict(NamedTuple):
    """What a contender is to be; ``because`` says what of other records sets it aside, or ""."""

    standing: Standing
    id: str
    because: str = ""


def by_key(group: list[Contender], now: Micros) -> dict[int, Verdict]:
    """Who keeps the stem or id that all of ``group`` claim.

    One stem: the earlier ``publishedDateTime``, then the first path, keeps it; the others get no
    verdict here, they go ``by_path``. One id: the one that the gate lets through stays, then by
    the same order; the others are set aside. Hidden records count.
    """
    ordered = sorted(group, key=order)
    if any(one.row.by_uri for one in group):
        ordered.sort(key=lambda one: one.row.at(now) is not Standing.SHOWN)
    first, *others = ordered
    because = f"{first.path} has the same id"
    aside = {one.rec: Verdict(Standing.ASIDE, "", because) for one in others if one.row.by_uri}
    return {first.rec: Verdict(first.row.at(now), first.row.id)} | aside


def by_path(group: list[Contender], taken: Collection[str], now: Micros) -> dict[int, Verdict]:
    """What records are called that lost their stem; all of ``group`` write their path alike.

    ``taken`` are those of their ``path_ids`` that are a record's stem or written ``id``, which
    goes before a path. Where no id is left, a record is set aside.
    """
    free = [id for id in path_ids(group[0]) if id not in taken]
    verdicts = {}
    for one, id in zip_longest(sorted(group, key=order), free[: len(group)]):
        if id is None:
            verdicts[one.rec] = Verdict(Standing.ASIDE, "", "other records have every id for it")
        else:
            verdicts[one.rec] = Verdict(one.row.at(now), id if one.row.id else "")
    return verdicts


def path_ids(one: Contender) -> tuple[str, str]:
    """The ids that a record can have by its path, the preferred one first.

    Paths of two files can be one in NFC, and any id can be written by hand: hence two.
    """
    return one.path_id, rooted(one.path_id)


def order(one: Contender) -> tuple[Micros, str, int]:
    """Who goes first: the earlier ``publishedDateTime``, then the first path."""
    return one.row.sort, one.path, one.row.item


def by_link(group: list[Contender], now: Micros) -> dict[int, Verdict]:
    """Of records with one link that would be shown, only the newest ``updated`` is."""

    def rank(one: Contender) -> tuple[Micros, Micros, str]:
        return (-one.row.updated_at(now), -one.row.sort, one.id)

    shown = [one for one in group if one.standing in (Standing.SHOWN, Standing.TWIN)]
    if not shown:
        return {}
    first, *others = sorted(shown, key=rank)
    verdicts = {first.rec: Verdict(Standing.SHOWN, first.id)}
    for one in others:
        verdicts[one.rec] = Verdict(Standing.TWIN, one.id)
    return verdicts


def usable(standings: Mapping[str, int]) -> int:
    """How many records show that the archive is whole, of those by standing.

    A takedown is no loss.
    """
    lost = (Standing.ASIDE, Standing.EMBARGOED)
    return sum(records for standing, records in standings.items() if standing not in lost)


def aside_problem(one: Contender, because: str) -> Problem:
    """Why a record that could be read is set aside all the same. Quotes nothing of it."""
    if because:
        remedy = "write another id" if one.row.by_uri else "write id:"
        return Problem(one.path, 0, "id", because, remedy)
    expected = "neither a link nor content"
    return Problem(
        one.path, 0, "webUrl", expected, "write a webUrl, or a text below the front matter"
    )
