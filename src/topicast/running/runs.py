"""One run of many: build, tell who must be told, and know when something is due next."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from topicast.clock import current
from topicast.job import Job
from topicast.problems import TopicastError, system_words
from topicast.recipe import run
from topicast.report import Report, in_folder
from topicast.running.health import Phase, tell_monitor
from topicast.running.hubs import passing_by, tell_hubs
from topicast.running.log import Log
from topicast.running.metrics import write_metrics

WAIT = 60.0  # seconds that another build of the tree may take
FIRST_RETRY = 60.0  # seconds after a run that failed; doubled each time
LONGEST_RETRY = 3600.0
_SET_BACK = 2.0  # seconds before the last run: a clock may be corrected by less


class Runs:
    """Builds one tree again and again; no fault of a run ends the process.

    ``make_job`` reads the configuration anew for each run (its time in microseconds).
    """

    def __init__(
        self,
        make_job: Callable[[int], Job],
        log: Log,
        *,
        metrics: str | None = None,
        wait: float = WAIT,
    ) -> None:
        self.note = log.note
        self.job: Job | None = None  # the last one whose configuration could be read
        self._make_job = make_job
        self._log = log
        self._metrics = metrics
        self._wait = wait
        self._failures = 0
        self._began = 0.0  # seconds since 1970: the last run
        self._wakes: dict[str, float] = {}  # why → seconds since 1970

    def once(self, why: str) -> Report | None:
        """Build, log it and tell of it. The report, or None where it failed."""
        started, self._began = time.monotonic(), time.time()
        now = current(None, {})
        job: Job | None = None
        result: Report | str
        try:
            job = self.job = self._make_job(now)
            self._monitor(job, Phase.START)
            result = run(job, wait=self._wait)
        except Exception as error:
            result = _in_words(error)
        seconds = time.monotonic() - started
        report = None if isinstance(result, str) else result
        if job is not None and report is not None:
            self._say_problems(job, report)
        self._log.run(why, now, seconds, result)
        self._plan(report)
        self._tell(job, report, seconds)
        if self.job is not None:  # where the configuration is broken, the monitor of the last one
            phase = Phase.SUCCESS if report else Phase.FAIL
            self._monitor(self.job, phase, report.closing() if report else str(result))
        return report

    def attend(self, now: float) -> None:
        """Do what is due by itself at ``now`` (seconds since 1970).

        An embargo ends or an entry expires; a run that failed is tried again; a hub that did not
        answer is told again. Where the clock was set back, an embargo may hold again.
        """
        if now < self._began - _SET_BACK:
            self.once("clock")
            return
        for why, at in list(self._wakes.items()):
            # One that is too far ahead was set before the clock was set back.
            stale = why != "due" and at - now > LONGEST_RETRY
            if at <= now or stale:
                del self._wakes[why]
                if why == "hubs":
                    self._tell_hubs(self.job, now)
                else:
                    self.once(why)
                return

    def _plan(self, report: Report | None) -> None:
        """When to wake next by itself, after a run."""
        self._wakes.pop("again", None)
        if report is None:  # then what is due is still due
            retry = min(FIRST_RETRY * 2.0 ** min(self._failures, 20), LONGEST_RETRY)
            self._failures += 1
            self._wakes["again"] = time.time() + retry
            return
        self._failures = 0
        self._wakes.pop("due", None)
        if report.due is not None:
            self._wakes["due"] = datetime.fromisoformat(report.due).timestamp()

    def _say_problems(self, job: Job, report: Report) -> None:
        problems = [(str(p.level), in_folder(p, job.shown_seeds)) for p in report.problems]
        self._log.state("records", [*problems, *(("note", note) for note in report.notes)])

    def _tell(self, job: Job | None, report: Report | None, seconds: float) -> None:
        if self._metrics:
            try:
                write_metrics(self._metrics, report, seconds)
                self._log.state("metrics", [])
            except TopicastError as error:
                self._log.state("metrics", [("error", str(error))])
        if report is not None:
            self._tell_hubs(job, time.time())

    def _tell_hubs(self, job: Job | None, now: float) -> None:
        if job is None or not _tells_hubs(job):
            return
        try:
            told = tell_hubs(job, manner=passing_by(now))
        except Exception as error:
            self._log.state("hubs", [("error", _in_words(error))])
            return
        self._log.state("hubs", [("hub", failure) for failure in told.failures])
        if told.again is not None:
            self._wakes["hubs"] = told.again

    def _monitor(self, job: Job, phase: Phase, line: str = "") -> None:
        url = job.config.schedule.ping_url
        try:
            fault = tell_monitor(url, phase, line) if url else ""
        except Exception as error:
            fault = _in_words(error)
        self._log.state("monitor", [("monitor", fault)] if fault else [])


def _tells_hubs(job: Job) -> bool:
    websub = job.config.websub
    return bool(websub.hubs) and websub.after == "build" and not job.preview


def _in_words(error: Exception) -> str:
    """What ended a run, as one line."""
    if isinstance(error, TopicastError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return f"this needs {error.name}, which is not installed; run pip install 'topicast[all]'"
    if isinstance(error, OSError):
        return system_words(error)
    # Not its text, which may hold anything of a record.
    last = traceback.extract_tb(error.__traceback__)[-1]
    at = f"{Path(last.filename).name}:{last.lineno}"
    return f"a fault of Topicast itself ({type(error).__name__} at {at}); please report it"
