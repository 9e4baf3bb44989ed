from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.records.dates import instant, moment_of, parse_duration, read_date

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_date(text: str, zone: tzinfo) -> int:
    return instant(read_date(text), zone)


def shown(text: str) -> str:
    return (EPOCH + timedelta(microseconds=parse_date(text, BERLIN))).isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T09:00:00Z", "2024-05-01T09:00:00+00:00"),
        ("2024-05-01T09:00:00z", "2024-05-01T09:00:00+00:00"),
        ("2024-05-01T09:00:00.1234567+02:00", "2024-05-01T07:00:00.123456+00:00"),
        ("2024-05-01 09:00:00 +0200", "2024-05-01T07:00:00+00:00"),
        ("2024-05-01T09:30.5Z", "2024-05-01T09:30:30+00:00"),
        (" 2024-05-01T09:00 ", "2024-05-01T07:00:00+00:00"),
        ("2024-05-01", "2024-04-30T22:00:00+00:00"),
        ("2024-01-01", "2023-12-31T23:00:00+00:00"),
        ("20240501", "2024-04-30T22:00:00+00:00"),
        ("2024-W18-3", "2024-04-30T22:00:00+00:00"),
        ("2024/5/1 9:30", "2024-05-01T07:30:00+00:00"),
        ("May 1, 2024 09:00", "2024-05-01T07:00:00+00:00"),
        ("1 May 2024", "2024-04-30T22:00:00+00:00"),
        ("13/02/2024", "2024-02-12T23:00:00+00:00"),
        ("Wed, 01 May 2024 09:00:00 GMT", "2024-05-01T09:00:00+00:00"),
        ("Wed, 01 May 2024 09:00:00 EST", "2024-05-01T14:00:00+00:00"),
        ("Wed May 01 2024 09:00:00 GMT+0200", "2024-05-01T07:00:00+00:00"),
        ("2024-05-01T09:00:00UTC-5", "2024-05-01T14:00:00+00:00"),
        ("2024-05-01 09:00 utc  -05:00", "2024-05-01T14:00:00+00:00"),
        ("May 1, 2024 9:00 PM GMT+2", "2024-05-01T19:00:00+00:00"),
        ("2024-05-01 9h30 +02:00", "2024-05-01T07:30:00+00:00"),
        ("Wed May 1 09:00:00 2024 -0500", "2024-05-01T14:00:00+00:00"),
        ("2024-12-31T23:59:60Z", "2024-12-31T23:59:59+00:00"),
        ("2024-12-31T23:59:60.5Z", "2024-12-31T23:59:59.500000+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_full_date_is_read_as_it_is_meant(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2024-05",
        "May 2024",
        "2024",
        "10:30",
        "Monday",
        "Monday May 2024",
        "May 24",
        "2024-W18",
        "2024-05T10:00",
        "2024-05 10:00",
        "24-05-01",
        "1 May 24",
        "05/2024",
        "202405",
        "today",
    ],
)
def test_an_incomplete_date_is_never_filled_in(text: str) -> None:
    with pytest.raises(ValueError, match="expected a "):
        parse_date(text, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "",
        " ",
        "nan",
        "inf",
        "1714554000",
        "9" * 60,
        "2024-05-01" * 1000,
        "٢٠٢٤-٠٥-٠١",
        "2024-02-30",
        "2024-13-01",
        "2024/13/01",
        "2024-05-01T25:00",
        "2024-05-01T09:61",
        "0000-01-01",
        "10000-01-01",
        "May 1, 10000",
        "-2024-05-01",
        "2024-05-01x09:00",
        "2024-05-01T09:00:00+25:00",
        "2024-05-01 09:00 +9999",
        "2024-05-01\x00",
        "2024-05-01 ½",
        "2024-05-01 2024-06-01",
        "May 5 2024 2025",
        "2024-05-01 10.30",
        "2024-05-01-08:00",
        "2024-05-01+08:00",
        "2024-05-01 +0800",
    ],
)
def test_what_is_no_date_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="expected a "):
        parse_date(text, UTC)


@pytest.mark.parametrize("zone", ["CET", "EST5XYZ", "FOO", "Europe/Berlin", "EST+5"])
def test_a_zone_that_is_not_known_is_an_error_on_every_machine(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # dateutil takes the machine's zone where the name is that of the machine's
    monkeypatch.setattr("time.tzname", ("CET", "CEST"))
    with pytest.raises(ValueError, match="expected a date"):
        parse_date(f"Wed, 01 May 2024 09:00:00 {zone}", UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T09:00:00Z-05:00",
        "2024-05-01 09:00 Z +2",
        "2024-05-01 21-45-33+00:00",
        "9am-5pm May 1, 2024",
        "2024-05-01-08:00",
        "2024-05-01 - 09:00",
    ],
)
def test_an_offset_stands_behind_a_time_and_is_the_only_one(text: str) -> None:
    with pytest.raises(ValueError, match="in one way only"):
        parse_date(text, UTC)


def test_day_and_month_are_never_guessed() -> None:
    with pytest.raises(ValueError, match="in one way only"):
        parse_date("05/06/2024", UTC)
    assert parse_date("06/06/2024", UTC) == parse_date("2024-06-06", UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59-05:00"])
def test_an_instant_outside_the_years_of_utc_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="between the years 1 and 9999"):
        parse_date(text, UTC)


def test_a_date_says_whether_it_has_a_zone() -> None:
    assert read_date("2024-05-01").tzinfo is None
    assert read_date("2024-05-01T00:00Z").tzinfo is not None


def test_no_moment_outside_the_calendar() -> None:
    first = parse_date("0001-01-01T00:00:00Z", UTC)
    assert moment_of(first, timezone(timedelta(hours=-5))) is None
    assert moment_of(0, BERLIN) == EPOCH


def _read(text: str) -> datetime | None:
    try:
        return read_date(text)
    except ValueError:
        return None


@given(
    st.from_regex(r"[0-9W:.,+-]{10}T[0-9:.,+-]{8}Z", fullmatch=True)
    | st.builds(
        lambda at, sign: "2024-05-01T09:00:00Z"[:at] + sign + "2024-05-01T09:00:00Z"[at + 1 :],
        st.integers(0, 19),
        st.sampled_from("0123456789-:.,TZWz+ \u0661\n"),
    )
)
def test_the_short_way_reads_what_the_long_way_reads(text: str) -> None:
    assert _read(text) == _read(f"{text} "), "a blank at the end rules out the short way"


@given(st.datetimes(timezones=st.timezones()))
def test_iso_text_gives_the_instant_back(moment: datetime) -> None:
    moment = moment.astimezone(UTC) if 1 < moment.year < 9999 else moment.replace(tzinfo=UTC)
    assert parse_date(moment.isoformat(), UTC) == instant(moment, UTC)
    assert moment_of(instant(moment, UTC), UTC) == moment


DATE_PARTS = [
    "2024",
    "05",
    "5",
    "May",
    "Mon",
    "10:30",
    ":60",
    "EST",
    "GMT",
    "+",
    "-",
    "/",
    ".",
    ",",
]
DATE_PARTS += [" ", "T", "W", "Z", "am", "1e9", "nan", "99999999999", "٣", "\x00", "\ud800", "of"]


@given(st.one_of(st.text(max_size=70), st.lists(st.sampled_from(DATE_PARTS)).map("".join)))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        micros = parse_date(text, BERLIN)
    except ValueError as error:
        assert str(error).startswith("expected a ")
    else:
        assert moment_of(micros, UTC) is not None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1H2M3S", 3723),
        ("P1DT2H", 93600),
        ("PT54S", 54),
        ("P2W", 1209600),
        ("pt1.5s", 1),
        ("PT0S", 0),
        ("PT90M", 5400),
    ],
)
def test_durations_are_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["P", "PT", "P1DT", "P1Y", "P1M", "-PT1S", "1:30", "PT1H2", "PT٣S", "", "PT" + "9" * 40 + "S"],
)
def test_what_has_no_fixed_length_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="expected an ISO 8601 duration"):
        parse_duration(text)


def test_a_time_that_comes_twice_opens_late_and_closes_early() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    twice = datetime(2024, 10, 27, 2, 30)  # summer time ends at 3
    never = datetime(2024, 3, 31, 2, 30)  # and begins at 2
    hour = 3_600_000_000
    for moment in (twice, never):
        late, early = instant(moment, berlin), instant(moment, berlin, latest=False)
        assert late - early == hour
    assert late == instant(datetime(2024, 3, 31, 1, 30, tzinfo=UTC), berlin)
    usual = datetime(2024, 7, 1, 2, 30)
    assert instant(usual, berlin) == instant(usual, berlin, latest=False)
