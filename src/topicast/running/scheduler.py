"""``topicast schedule``: runs at start, on time, and when something is due by itself."""

from __future__ import annotations

import signal
from datetime import datetime
from types import FrameType
from typing import Any

from topicast.problems import ConfigError
from topicast.running.runs import Outcome, Runs

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def trigger_of(every: float | None, cron: str | None, timezone: str) -> Any:
    """The trigger of APScheduler for ``--every`` (seconds) or ``--cron`` (five fields).

    Raises: ConfigError where neither or both are given, or the cron line is wrong.
    """
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.interval import IntervalTrigger

    if (every is None) == (cron is None):
        raise ConfigError('give one of --every (such as 15m) and --cron (such as "*/15 * * * *")')
    if every is not None:
        if every < 1:
            raise ConfigError("--every: expected at least 1s")
        return IntervalTrigger(seconds=every, timezone="UTC")
    try:
        return CronTrigger.from_crontab(cron, timezone=timezone or "UTC")
    except ValueError as error:
        raise ConfigError(f"--cron: {error}; write five fields, such as */15 * * * *") from None


class Schedule:
    """Runs a build in this very thread, one at a time; a run that was missed is caught up once."""

    def __init__(self, runs: Runs, trigger: Any) -> None:
        from apscheduler.executors.debug import DebugExecutor
        from apscheduler.schedulers.blocking import BlockingScheduler

        self._runs = runs
        self._running = False
        self._stopping = False
        # In this thread: a build forks, which a process with threads must not do.
        self._scheduler = BlockingScheduler(
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )
        self._scheduler.add_job(self._run, trigger, args=["scheduled"], id="scheduled")

    def run(self) -> int:
        """Build now and then on time, until SIGTERM or SIGINT; a running build ends first."""
        for number in SIGNALS:
            signal.signal(number, self._stop)
        self._run("start")
        if not self._stopping:
            self._scheduler.start()
        self._runs.note("stop", "stopped")
        return 0

    def _run(self, why: str) -> None:
        self._running = True
        try:
            outcome = self._runs.once(why)
        finally:
            self._running = False
        if self._stopping:
            self._shut_down()
        else:
            self._wake_when_due(outcome)

    def _wake_when_due(self, outcome: Outcome) -> None:
        """Also run at the next instant at which an embargo ends or an entry expires."""
        if outcome.report is None or outcome.report.due is None:
            return
        due = datetime.fromisoformat(outcome.report.due)
        self._scheduler.add_job(
            self._run, "date", run_date=due, args=["due"], id="due", replace_existing=True
        )

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
        if not self._running:
            self._shut_down()

    def _shut_down(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
