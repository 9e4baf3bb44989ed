"""The clock: ``--now``, ``SOURCE_DATE_EPOCH``, and durations."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.clock import EARLIEST, LATEST, current, parse_duration, parse_now
from topicast.problems import ConfigError

NOON = 1_769_860_800_000_000  # 2026-01-31T12:00:00Z


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00",
        "2026-01-31t12:00z",
        "20260131T120000Z",
        "2026-01-31T13:30:00+01:30",
        "2026-01-31T04:00-08:00",
        "@1769860800",
    ],
)
def test_one_instant_however_it_is_written(text: str) -> None:
    assert parse_now(text) == NOON


def test_a_day_is_its_midnight_in_utc_and_fractions_count() -> None:
    assert parse_now("2026-01-31") == NOON - 12 * 3600 * 1_000_000
    assert parse_now("2026-01-31T12:00:00.250001Z") == NOON + 250_001
    assert parse_now("@0") == 0
    assert parse_now("@-1") == -1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01",  # incomplete
        "2026-W05",
        "1769860800",  # an epoch wants its @
        "@",
        "@1.5",
        "@１",
        "2026-02-30",
        "2026-01-31T25:00",
        "2026-01-31T12:00:00 Europe/Berlin",
        "２０２６-01-31",
        "0001-01-01T00:00+14:00",  # before the year 1 in UTC
        "9999-12-31T23:59-01:00",
        "@253402300800",
        "@" + "9" * 5000,
    ],
)
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^--now: expected a time such as ") as raised:
        parse_now(text)
    assert raised.value.exit_code == 2
    assert len(str(raised.value)) < 140


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_any_moment_in_any_zone_comes_back(moment: datetime, minutes: int) -> None:
    written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    micros = parse_now(written.isoformat())
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros) == written


@given(st.text(max_size=40) | st.from_regex(r"[0-9TZ:+.,@ -]{1,30}", fullmatch=True))
def test_any_text_is_an_instant_or_wrong_usage(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert EARLIEST <= parse_now(text) <= LATEST


def test_the_flag_wins_over_the_environment_and_that_over_the_clock() -> None:
    environ = {"SOURCE_DATE_EPOCH": "1700000000"}
    assert current("@5", environ) == 5_000_000
    assert current(None, environ) == 1_700_000_000_000_000
    before = time.time_ns() // 1000
    assert before <= current(None, {}) <= time.time_ns() // 1000


@pytest.mark.parametrize("epoch", ["", "-1", "1.5", "yesterday", " 1", "99999999999999"])
def test_a_bad_source_date_epoch_is_wrong_usage(epoch: str) -> None:
    with pytest.raises(ConfigError, match=r"^SOURCE_DATE_EPOCH: expected seconds since 1970"):
        current(None, {"SOURCE_DATE_EPOCH": epoch})
    assert current("@5", {"SOURCE_DATE_EPOCH": epoch}) == 5_000_000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("60s", 60), ("2h", 7200), ("1d", 86400), ("500ms", 0.5), ("1.5h", 5400)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "-1s", "1 h", "1M", "1h30m", "9999999999s", "１s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^expected a duration such as 15m"):
        parse_duration(text)
