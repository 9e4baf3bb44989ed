"""The time that counts for what is shown: a build asks here, once, and hands it on."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from topicast.problems import ConfigError, quote
from topicast.records.model import Micros

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST: Micros = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LATEST: Micros = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND

SECONDS = re.compile(r"-?[0-9]{1,12}", re.ASCII)
# fromisoformat takes any character between date and time, and so would read a bare epoch as a date.
DATE_TIME = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}([T ][0-9:.,]+(Z|[+-][0-9:.]+)?)?")
DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)", re.ASCII)
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def current(now_flag: str | None, environ: Mapping[str, str]) -> Micros:
    """The time of a build: ``--now``, else ``SOURCE_DATE_EPOCH``, else the clock's.

    Raises ``ConfigError`` where the one that counts is not a time.
    """
    if now_flag is not None:
        return parse_now(now_flag)
    epoch = environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return time.time_ns() // 1000
    micros = _from_epoch(epoch)
    if micros is None or micros < 0:
        raise ConfigError(
            f"SOURCE_DATE_EPOCH: expected seconds since 1970 such as 1700000000, got {quote(epoch)}"
        )
    return micros


def parse_now(text: str) -> Micros:
    """The instant of ``--now``: ISO 8601, in UTC where no zone is given, or ``@`` and an epoch.

    Raises ``ConfigError`` for any other text, and for an instant outside the years 1 to 9999.
    """
    micros = _from_epoch(text[1:]) if text.startswith("@") else _from_iso(text)
    if micros is None:
        raise ConfigError(
            f"--now: expected a time such as 2026-01-31T12:00:00Z or @1700000000, got {quote(text)}"
        )
    return micros


def parse_duration(text: str) -> float:
    """Seconds of a duration such as ``15m``, ``60s``, ``2h``, ``1d`` or ``500ms``.

    Raises ``ConfigError`` for any other text.
    """
    match = DURATION.fullmatch(text)
    if match is None:
        raise ConfigError(f"expected a duration such as 15m, 60s or 500ms, got {quote(text)}")
    return float(match[1]) * UNITS[match[2]]


def _from_epoch(text: str) -> Micros | None:
    if not SECONDS.fullmatch(text):
        return None
    micros = int(text) * 1_000_000
    return micros if EARLIEST <= micros <= LATEST else None


def _from_iso(text: str) -> Micros | None:
    text = text.upper()
    if not DATE_TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    micros = (moment - EPOCH) // MICROSECOND
    return micros if EARLIEST <= micros <= LATEST else None
