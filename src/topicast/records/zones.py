"""Dates without a zone: one warning a build, however many records have one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from topicast.problems import Problem

ZONE_ASSUMED = ("a date without a zone is taken as UTC", "set [site] timezone")


def zone_told_once(problems: Iterable[Problem]) -> list[Problem]:
    """``problems`` with one warning for all dates without a zone, at the first of the records."""
    expected = ZONE_ASSUMED[0]
    kept: list[Problem] = []
    assumed: list[Problem] = []
    for problem in problems:
        (assumed if problem.expected == expected else kept).append(problem)
    if assumed:
        count = f" (in {len(assumed)} records)" if len(assumed) > 1 else ""
        kept.append(msgspec.structs.replace(assumed[0], expected=f"{expected}{count}"))
    return sorted(kept)
