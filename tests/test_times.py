"""Dates: UTC, whole seconds, English names, any year that a feed can write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.times import micros, rfc822, rfc3339

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
IN_CALENDAR = st.integers(micros("0001-01-01T00:00:00Z"), micros("9999-12-31T23:59:59Z"))


@given(IN_CALENDAR)
def test_both_formats_give_back_the_second(instant: int) -> None:
    second = EPOCH + timedelta(seconds=instant // 1_000_000)

    assert datetime.fromisoformat(rfc3339(instant)) == second
    assert micros(rfc3339(instant)) == instant // 1_000_000 * 1_000_000


@given(st.integers(micros("1000-01-01T00:00:00Z"), micros("9999-12-31T23:59:59Z")))
def test_rfc822_is_read_back_by_the_mail_library(instant: int) -> None:
    second = EPOCH + timedelta(seconds=instant // 1_000_000)

    assert parsedate_to_datetime(rfc822(instant)) == second
    assert rfc822(instant)[:3] == f"{second:%a}"


@pytest.mark.parametrize(
    ("instant", "atom", "rss"),
    [
        (1_714_564_800_999_999, "2024-05-01T12:00:00Z", "Wed, 01 May 2024 12:00:00 +0000"),
        (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000"),
        (-1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 +0000"),
        (-5_000_000_000_000_000, "1811-07-23T15:06:40Z", "Tue, 23 Jul 1811 15:06:40 +0000"),
        (10**20, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 +0000"),
        (-(10**20), "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 +0000"),
    ],
)
def test_dates(instant: int, atom: str, rss: str) -> None:
    assert (rfc3339(instant), rfc822(instant)) == (atom, rss)


def test_a_date_just_over_the_edge_of_the_calendar_can_be_read_and_written() -> None:
    assert rfc3339(micros("9999-12-31T23:59:59-05:00")) == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize("text", ["", "2024-05", "2024-05-01T12:00:00", "soon"])
def test_other_text_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        micros(text)
