"""When ``schedule`` runs: intervals, lines of cron, and clocks that are set."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicast.problems import ConfigError
from topicast.running.timetable import Timetable, Trigger, trigger_of

THURSDAY = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)  # the week begins on Sunday, the 28th


def fires(cron: str, count: int, timezone: str = "", start: datetime = THURSDAY) -> list[str]:
    """The next runs of a line of cron, as local times."""
    trigger = trigger_of(None, cron, timezone)
    now, found = start.timestamp(), []
    for _ in range(count):
        timetable = Timetable(trigger, now)
        now += timetable.left(now)
        local = datetime.fromtimestamp(now, ZoneInfo(timezone or "UTC"))
        found.append(local.strftime("%a %d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/15 * * * *", ["Thu 01 12:15", "Thu 01 12:30"]),
        ("0 9 * * 1", ["Mon 05 09:00", "Mon 12 09:00"]),
        ("0 9 * * 0", ["Sun 04 09:00", "Sun 11 09:00"]),
        ("0 9 * * 7", ["Sun 04 09:00", "Sun 11 09:00"]),
        ("0 9 * * 1-5", ["Fri 02 09:00", "Mon 05 09:00"]),
        ("0 9 * * MON,wed", ["Mon 05 09:00", "Wed 07 09:00"]),
        ("0 9 * * sat-sun", ["Sat 03 09:00", "Sun 04 09:00", "Sat 10 09:00"]),
        ("0 9 * * 0-0", ["Sun 04 09:00", "Sun 11 09:00"]),
        ("0 9 * * sun-sun", ["Sun 04 09:00", "Sun 11 09:00"]),
        ("0 9 * * 0-1", ["Sun 04 09:00", "Mon 05 09:00", "Sun 11 09:00"]),
        ("0 9 * * 5-7", ["Fri 02 09:00", "Sat 03 09:00", "Sun 04 09:00"]),
        ("0 9 * * */3", ["Sat 03 09:00", "Sun 04 09:00", "Wed 07 09:00"]),
        ("0 9 * * 1-5/2", ["Fri 02 09:00", "Mon 05 09:00", "Wed 07 09:00"]),
        # crontab(5): where both days are restricted, either is enough.
        ("0 9 13 * 5", ["Fri 02 09:00", "Fri 09 09:00", "Tue 13 09:00"]),
        ("0 0 1 feb *", ["Sun 01 00:00"]),
    ],
)
def test_a_line_of_cron_means_what_crontab_says(cron: str, expected: list[str]) -> None:
    assert fires(cron, len(expected)) == expected


def test_a_line_of_cron_is_in_the_time_zone_of_the_site() -> None:
    assert fires("0 9 * * *", 1, "Asia/Tokyo") == ["Fri 02 09:00"]


def test_hours_that_a_time_zone_skips_or_repeats_stop_nothing() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)  # summer time begins in Berlin
    assert "Mon 30 02:30" in fires("30 2 * * *", 2, "Europe/Berlin", before)
    before = datetime(2026, 10, 24, 23, 40, tzinfo=UTC)  # it ends
    quarters = fires("*/15 * * * *", 10, "Europe/Berlin", before)
    assert [at[-5:] for at in quarters] == [
        *("01:45", "02:00", "02:15", "02:30", "02:45"),
        *("02:00", "02:15", "02:30", "02:45", "03:00"),
    ]


@pytest.mark.parametrize(
    "cron",
    [
        *("", "* * * *", "* * * * * *", "61 * * * *", "* * * * 8", "* * * * 5-3", "* * * * mo"),
        *("x y", "0 0 last * *", "\u0663 * * * *", "0 0 * * \u0663"),
    ],
)
def test_other_lines_are_refused(cron: str) -> None:
    with pytest.raises(ConfigError, match="--cron: expected five fields"):
        trigger_of(None, cron, "")


def test_a_time_that_never_comes_is_refused() -> None:
    with pytest.raises(ConfigError, match="never comes"):
        Timetable(trigger_of(None, "0 0 30 2 *", ""), THURSDAY.timestamp())


@pytest.mark.parametrize(("every", "cron"), [(None, None), (60.0, "* * * * *")])
def test_one_of_every_and_cron_is_wanted(every: float | None, cron: str | None) -> None:
    with pytest.raises(ConfigError, match="give one of --every"):
        trigger_of(every, cron, "")


@pytest.mark.parametrize("every", [0.5, 367 * 86400.0, 1e12])
def test_intervals_have_bounds(every: float) -> None:
    with pytest.raises(ConfigError, match="1s to 366d"):
        trigger_of(every, None, "")


TRIGGERS = [trigger_of(900, None, ""), trigger_of(None, "*/15 * * * *", "Europe/Berlin")]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    trigger=st.sampled_from(TRIGGERS),
    clocks=st.lists(st.integers(0, 4_000_000_000), min_size=2, max_size=6),
)
def test_wherever_the_clock_is_set_the_next_run_is_near(
    trigger: Trigger, clocks: list[int]
) -> None:
    timetable = Timetable(trigger, float(clocks[0]))
    for now in clocks[1:]:
        left = timetable.left(float(now))
        assert left <= 900
        if left <= 0:
            timetable.start(float(now))
            assert 0 < timetable.left(float(now)) <= 900
