"""Instants as feeds write them: UTC, whole seconds, four-digit years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from topicast.records.model import Micros

_EPOCH = datetime(1970, 1, 1)  # UTC, like every date in this module
_FIRST = (datetime.min - _EPOCH) // timedelta(seconds=1)
_LAST = (datetime.max - _EPOCH) // timedelta(seconds=1)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _seconds(instant: Micros) -> int:
    """The second in which ``instant`` lies; outside of the years 1 to 9999 the nearest in them.

    Neither format can write other years, and a time zone can carry a date just over the edge.
    """
    seconds = instant // 1_000_000
    return seconds if _FIRST <= seconds <= _LAST else min(max(seconds, _FIRST), _LAST)


def micros(text: str) -> Micros:
    """The instant of what ``rfc3339`` wrote; raises ValueError for text that is no such date."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a date without a time zone")
    # Differences have no ends; a conversion to UTC would fail at those of the calendar.
    return (at - _EPOCH.replace(tzinfo=UTC)) // timedelta(microseconds=1)


@lru_cache(maxsize=512)  # each format of an entry asks for the same
def rfc3339(instant: Micros) -> str:
    """As Atom has it (RFC 4287, 3.3): ``2024-05-01T12:00:00Z``."""
    return (_EPOCH + timedelta(0, _seconds(instant))).isoformat() + "Z"


def rfc822(instant: Micros) -> str:
    """As RSS has it (RFC 822, 5): ``Wed, 01 May 2024 12:00:00 +0000``.

    Names are English in any locale, and the process's locale is not touched: setlocale is not
    thread-safe.
    """
    text = rfc3339(instant)  # has all of it but the day of the week: January 1, 1970 was a Thursday
    weekday = _DAYS[(_seconds(instant) // 86_400 + 3) % 7]
    year, month, day, time = text[:4], int(text[5:7]), text[8:10], text[11:19]
    return f"{weekday}, {day} {_MONTHS[month - 1]} {year} {time} +0000"
