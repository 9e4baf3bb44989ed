"""Dates and durations as people write them, and what is refused because it could mean two things.

Instants are microseconds since 1970-01-01T00:00:00Z (``Micros``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo

from topicast.records.model import Micros

EXAMPLE = "2024-05-01T09:00:00Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICRO
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICRO

# What most dates look like, asked first. Where the signs stand is asked by hand for the most usual:
# what fromisoformat takes of these is a date to everything below too.
_USUAL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2}))?"
)
# No parser sees more than this: some take time or memory that grows with the text.
_LONGEST = 64
# fromisoformat takes any character for the T, a week for its Monday, and a part of an hour or of a
# minute for one of a second: only these go to it.
_ISO = re.compile(
    r"[0-9]{4}(?:-?[0-9]{2}-?[0-9]{2}|-?W[0-9]{2}-?[0-9])"
    r"(?:[T ](?![0-9]{2}(?::?[0-9]{2})?[.,]).*)?"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})(?![0-9])")
# What dateutil takes for a time of day though it may be another thing: digits without a sign that
# says so, and those of an offset that stands behind no time.
_TIME = re.compile(r"[0-9]:[0-9]{2}|[0-9] ?[hH]|[0-9] ?[aApP]\.?[mM]\b")
_HYPHENED_DATE = re.compile(r"[0-9]{1,4}-(?:[0-9]{1,2}|[A-Za-z]+)-[0-9]{1,4}")
_SIGN = re.compile(r"[+-](?= *[0-9])")
_OFFSET = re.compile(r"[+-] *(?:[0-9]{1,2}(?::?[0-9]{2})?)(?![\w:])")
_ENDS_IN_TIME = re.compile(
    r"(?:[0-9]:[0-9]{2}(?:[.,][0-9]+)?(?: ?[ap]\.?m\.?)?|[0-9] ?[ap]\.?m\.?"
    r"|[0-9] ?h(?: ?[0-9]{1,2} ?m?)?)"
    r"(?: [0-9]{4})? *$",  # as git and asctime print it, the year comes between
    re.IGNORECASE,
)
_LEAP_SECOND = re.compile(r"(?<=[0-9]:[0-9]{2}):60(?![0-9])")
# dateutil turns the sign of "GMT+2" round in some versions; without the name it never does.
_NAMED_OFFSET = re.compile(r"(?<![A-Z])(?:GMT|UTC) *(?=[+-])", re.IGNORECASE)

# What dateutil fills in for a missing part differs between these in year, month and day, and by
# more than the week that a weekday's name can move a date.
_FILLS = (datetime(2000, 1, 1), datetime(2004, 3, 15))

# RFC 822, section 5.1. Other names of zones are refused: CST is also China's.
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}

_A_DATE = "expected a date"
_A_FULL_DATE = "expected a full date with year, month and day"
_A_CLEAR_DATE = "expected a date that can be read in one way only"
_A_YEAR = "expected a date between the years 1 and 9999"
_A_ZONE = "expected a date with a time zone such as +02:00"


def read_date(text: str) -> datetime:
    """The date that ``text`` names: naive where it has no zone, at midnight where it has no time.

    ISO 8601 in full, RFC 822, and forms such as ``May 1, 2024 09:00``; a leap second is the second
    before it. Raises ValueError, with what was expected.
    """
    if (len(text) == 20 and text[10:20:3] == "T::Z") or _USUAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # a leap second, or no date at all
    text = text.strip()
    if not text or len(text) > _LONGEST or not (text.isascii() and text.isprintable()):
        raise ValueError(_A_DATE)
    text = _LEAP_SECOND.sub(":59", text)
    if _ISO.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # "z" for "Z", an hour of one digit: dateutil reads these
    return _read_freely(text)


def instant(moment: datetime, zone: tzinfo, *, latest: bool = True) -> Micros:
    """Microseconds since 1970 of a date, in ``zone`` where it has none of its own.

    A time that comes twice there, or never, when clocks are changed is the later of the two that
    it can be, or with ``latest`` false the earlier: in doubt nothing is shown. Raises ValueError
    where the instant is outside the years 1 to 9999 in UTC, which no feed can print.
    """
    try:
        if moment.tzinfo:
            micros = (moment - _EPOCH) // _MICRO
        else:
            both = [moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
            micros = (max if latest else min)((one - _EPOCH) // _MICRO for one in both)
    except (ValueError, OverflowError):
        raise ValueError(_A_YEAR) from None
    if not _FIRST <= micros <= _LAST:
        raise ValueError(_A_YEAR)
    return micros


def moment_of(micros: Micros, zone: tzinfo) -> datetime | None:
    """The instant as a date in ``zone``; None where that falls outside the years 1 to 9999."""
    try:
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _read_freely(text: str) -> datetime:
    """Other forms, by dateutil, where it cannot have guessed a part of them."""
    if not text[0].isalnum() or text.isdigit():
        raise ValueError(_A_DATE)
    text = _NAMED_OFFSET.sub("", text)
    year_first = _YEAR_FIRST.match(text)
    moment, other = (_dateutil(text, fill, dayfirst=False) for fill in _FILLS)
    if moment != other or f"{moment.year:04}" not in text:
        raise ValueError(_A_FULL_DATE)
    if year_first:  # dateutil reads 2024-13-01 as the 13th of January
        written = [int(number) for number in year_first.groups()]
        if written != [moment.year, moment.month, moment.day]:
            raise ValueError(_A_DATE)
    elif _dateutil(text, _FILLS[0], dayfirst=True) != moment:
        raise ValueError(_A_CLEAR_DATE)
    if not _offsets_are_clear(text) or (moment.time() != time.min and not _TIME.search(text)):
        raise ValueError(_A_CLEAR_DATE)
    return moment


def _offsets_are_clear(text: str) -> bool:
    """Whether each sign before digits is in a date, or that of an offset right behind a time."""
    rest = _HYPHENED_DATE.sub("", text, count=1)
    return all(
        _OFFSET.match(rest, sign.start()) and _ENDS_IN_TIME.search(rest[: sign.start()])
        for sign in _SIGN.finditer(rest)
    )


def _dateutil(text: str, fill: datetime, *, dayfirst: bool) -> datetime:
    from dateutil import parser  # late: most dates do not need it

    try:
        return parser.parse(text, default=fill, dayfirst=dayfirst, tzinfos=_zone)
    except _UnknownZoneError:
        raise ValueError(_A_ZONE) from None
    except Exception:  # it is known to let Decimal's, index and type errors through
        raise ValueError(_A_DATE) from None


class _UnknownZoneError(Exception):
    """A name of a time zone that is not known, or that has an offset behind it."""


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """The zone that dateutil read: never the machine's, which it takes where the name is equal."""
    if name is None or name.upper() in {"Z", "UTC", "GMT"}:
        return None if offset is None else timezone(timedelta(seconds=offset))
    if offset is not None or name not in _ZONES:
        raise _UnknownZoneError(name)
    return timezone(timedelta(hours=_ZONES[name]))


_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:[.,][0-9]+)?S)?)?"
)


def parse_duration(text: str) -> int:
    """Whole seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds.

    Years and months have no fixed length. Raises ValueError, with what was expected.
    """
    match = _DURATION.fullmatch(text.strip().upper()) if len(text) <= _LONGEST else None
    if not match:
        raise ValueError("expected an ISO 8601 duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
