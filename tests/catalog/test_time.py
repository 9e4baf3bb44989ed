"""Time goes on, and back where a clock is set: the catalog follows as if it was made anew."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from site_on_disk import TOML, Site
from topicast.clock import parse_now
from topicast.recipe import build
from topicast.report import Report

DAYS = [f"2025-01-0{day}T00:00:00Z" for day in (1, 2, 3)]
NOON = {day: parse_now(f"2025-01-0{day}T12:00:00Z") for day in range(4)[1:]}
EARLIER = parse_now("2024-12-31T00:00:00Z")
# On, in steps and in one leap, and back again; each of these twice, the second time without news.
TIMES = [EARLIER, NOON[1], NOON[2], NOON[3], NOON[1], NOON[3], NOON[2], EARLIER, NOON[3], EARLIER]


def built(site: Site, now: int, **options: Any) -> Report:
    options |= {"now": now, "jobs": 1, "allow_shrink": True}
    return build(site.root / "topicast.toml", **options)


def said(report: Report) -> tuple[object, ...]:
    return (report.shown, report.hidden, report.set_aside, report.due, report.problems)


@pytest.mark.parametrize(
    "more", ["", '[feeds]\nduplicates = "newest"\n'], ids=["all", "newest of a link"]
)
def test_every_order_of_instants(site: Site, more: str) -> None:
    """Published, updated and expired in every order, equal ones and missing ones too."""
    site.configure(TOML + more)
    instants = itertools.product(DAYS, [None, *DAYS], [None, *DAYS])
    for number, (published, updated, expires) in enumerate(instants):
        site.record(
            f"r{number}.md",
            publishedDateTime=published,
            updatedDateTime=updated,
            expires=expires,
            webUrl=f"https://example.com/{number % 17}",
            topics=[f"T{number % 3}"],
            id="urn:example:twice" if number % 5 == 0 else None,
        )
    for now in TIMES:
        report = built(site, now)
        tree = site.tree()
        fresh = built(site, now, full=True, check=True)
        assert said(report) == said(fresh)
        assert not fresh.changed
        assert not built(site, now).changed
        assert site.tree() == tree


def test_due_is_the_next_instant_that_changes_something(site: Site) -> None:
    site.record(
        "a.md", publishedDateTime=DAYS[0], updatedDateTime=DAYS[2], expires="2025-01-02T06:00:00Z"
    )
    site.record("b.md", publishedDateTime=DAYS[2], expires=DAYS[1])
    dues = [built(site, now).due for now in (EARLIER, NOON[1], NOON[2], NOON[3])]
    assert dues == [DAYS[0], DAYS[1], None, None]


def test_a_tombstone_of_which_the_time_lies_ahead_again(site: Site) -> None:
    site.configure(TOML + "[feeds]\ntombstones = true\n")
    site.record("gone.md", removed="true", removedDateTime=DAYS[0], expires=DAYS[2])
    site.record("here.md", publishedDateTime=DAYS[0])
    for now in (NOON[3], EARLIER):  # the one after it expired, the other before it was withdrawn
        site.record("here.md", publishedDateTime=DAYS[0], title=f"Title at {now}")
        report = built(site, now)
        assert report.due == built(site, now, full=True, check=True).due
        assert b"deleted-entry" not in site.tree()["atom.xml"]
    built(site, NOON[1])
    assert b"deleted-entry" in site.tree()["atom.xml"]
