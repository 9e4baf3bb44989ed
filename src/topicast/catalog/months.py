"""Months of UTC, which archives are cut by. A month is a number; they follow each other."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from topicast.clock import EPOCH, LATEST, MICROSECOND
from topicast.records.model import Micros

Month = int  # 12 x year + month - 1, from year 1 to 9999


def month_of(instant: Micros) -> Month:
    """The month that ``instant`` lies in."""
    at = EPOCH + instant * MICROSECOND
    return 12 * at.year + at.month - 1


def first_of(month: Month) -> Micros:
    """The first instant of a month; of the one after the last, the instant after all."""
    year, index = divmod(month, 12)
    if year > datetime.max.year:
        return LATEST + 1
    return (datetime(year, index + 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


@lru_cache(maxsize=4096)  # few months have the documents of many feeds
def name_of(month: Month) -> str:
    """``2021-12``, as files are named."""
    return f"{month // 12:04}-{month % 12 + 1:02}"
