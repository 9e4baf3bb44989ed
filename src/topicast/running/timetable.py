"""When a run is on time: ``--every`` or ``--cron``. Pure: the time is an argument.

APScheduler's trigger says when a line of cron is next; its scheduler is not used. That sleeps until
an instant of the wall clock, and so a clock that is set back by a day would stop it for a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from topicast.problems import ConfigError, quote

Trigger: TypeAlias = Callable[[datetime], datetime | None]
"""The first run after an instant, in UTC; None where there is none."""

LONGEST = 366 * 86400.0  # seconds: of --every
_NUMBERS = re.compile(r"[0-9*,/-]+")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Timetable:
    """The next run on time. Times are in seconds since 1970."""

    def __init__(self, trigger: Trigger, now: float) -> None:
        self._trigger = trigger
        self._next = self._after(now)

    def left(self, now: float) -> float:
        """Seconds until the next run; not more than one interval, though the clock is set back."""
        self._next = min(self._next, self._after(now))
        return self._next - now

    def start(self, now: float) -> None:
        """A run starts: those that were missed before are caught up by it."""
        self._next = self._after(now)

    def _after(self, now: float) -> float:
        following = self._trigger(datetime.fromtimestamp(now, UTC))
        if following is None:
            raise ConfigError("--cron: such a time never comes; give one that does")
        return following.timestamp()


def trigger_of(every: float | None, cron: str | None, timezone: str) -> Trigger:
    """The trigger for ``--every`` (seconds), or for ``--cron`` (five fields) in a time zone.

    Raises: ConfigError where neither or both are given, or one of them is wrong.
    """
    if (every is None) == (cron is None):
        raise ConfigError('give one of --every (such as 15m) and --cron (such as "*/15 * * * *")')
    if cron is not None:
        try:
            return _cron(cron.lower().split(), timezone or "UTC")
        except ValueError:
            raise ConfigError(
                f'--cron: expected five fields such as "*/15 * * * *", got {quote(cron)}'
            ) from None
    if every is None or not 1 <= every <= LONGEST:
        raise ConfigError("--every: expected 1s to 366d")
    interval = timedelta(seconds=every)
    return lambda at: at + interval


def _cron(fields: list[str], timezone: str) -> Trigger:
    """The trigger of five fields as crontab(5) reads them, which APScheduler's does not.

    There 0 is Sunday, not Monday; and where both days are restricted, either is enough.
    """
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger

    minute, hour, day, month, weekday = fields
    # APScheduler would take more: "last", and the digits of other scripts.
    if not all(map(_NUMBERS.fullmatch, (minute, hour, day))) or not (month + weekday).isascii():
        raise ValueError(fields)
    days = [(day, _weekdays(weekday))]
    if not day.startswith("*") and not weekday.startswith("*"):
        days = [(day, "*"), ("*", _weekdays(weekday))]
    triggers = [
        CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=timezone
        )
        for day, weekday in days
    ]
    either = OrTrigger(triggers)

    def following(at: datetime) -> datetime | None:
        # Not by the last run: in the hour that summer time repeats, that would be given again.
        found: datetime | None = either.get_next_fire_time(None, at + timedelta(microseconds=1))
        return found

    return following


def _weekdays(field: str) -> str:
    """The names of the days that a field of cron means: ``1-5`` is ``mon,tue,wed,thu,fri``."""
    days: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
        start = _weekday(first)
        end = _weekday(last) if dash else (6 if step else start)
        if end == 0 and start:
            end = 7  # Sunday ends a week too
        days.update(day % 7 for day in range(start, end + 1, int(step or 1)))
        if end < start:
            raise ValueError(part)
    return ",".join(_WEEKDAYS[day] for day in sorted(days))


def _weekday(text: str) -> int:
    number = _WEEKDAYS.index(text) if text in _WEEKDAYS else int(text)
    if not 0 <= number <= 7:
        raise ValueError(text)
    return number
