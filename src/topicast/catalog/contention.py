"""What records do to each other: two with one stem, one id, one link. Pure, no order dependence."""

from __future__ import annotations

from typing import NamedTuple

from topicast.catalog.rows import Row, Standing
from topicast.problems import Problem
from topicast.records.model import Micros


class Contender(NamedTuple):
    """A record as the catalog has it."""

    rec: int
    path: str
    row: Row
    standing: Standing
    id: str


class Verdict(NamedTuple):
    """What a contender is to be, and because of which other path ("" where it is alone)."""

    standing: Standing
    id: str
    because: str = ""


def by_key(group: list[Contender], now: Micros) -> dict[int, Verdict]:
    """Who keeps the stem or id that all of ``group`` claim.

    One stem: the earlier ``publishedDateTime``, then the first path, keeps it; the others take
    their paths. One id: the one that the gate lets through stays, then by the same order; the
    others are set aside. Hidden records count.
    """
    ordered = sorted(group, key=lambda one: (one.row.sort, one.path, one.row.item))
    if any(one.row.by_uri for one in group):
        ordered.sort(key=lambda one: one.row.at(now) is not Standing.SHOWN)
    first, *others = ordered
    verdicts = {first.rec: Verdict(first.row.at(now), first.row.id)}
    for one in others:
        if one.row.by_uri:
            verdicts[one.rec] = Verdict(Standing.ASIDE, "", first.path)
        else:
            verdicts[one.rec] = Verdict(one.row.at(now), one.row.path_id, first.path)
    return verdicts


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
        verdicts[one.rec] = Verdict(Standing.TWIN, one.id, first.path)
    return verdicts


def counts_as_usable(standing: Standing) -> bool:
    """Whether a record shows that the archive is whole: a takedown is no loss."""
    return standing not in (Standing.ASIDE, Standing.EMBARGOED)


def aside_problem(one: Contender, because: str) -> Problem:
    """Why a record that could be read is set aside all the same. Quotes nothing of it."""
    if because and one.row.by_uri:
        return Problem(one.path, 0, "id", f"{because} has the same id", "write another id")
    expected = "neither a link nor content"
    return Problem(
        one.path, 0, "webUrl", expected, "write a webUrl, or a text below the front matter"
    )
