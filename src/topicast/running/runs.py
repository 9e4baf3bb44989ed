"""One run of many: build, tell who must be told, and log it in one line."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from topicast.clock import current
from topicast.formats.times import rfc3339
from topicast.job import Job
from topicast.problems import Problem, TopicastError
from topicast.recipe import run
from topicast.report import Printer, Report, in_folder
from topicast.running.health import Phase, tell_monitor
from topicast.running.hubs import tell_hubs
from topicast.running.metrics import write_metrics

HUB_ATTEMPTS = 1  # a hub that is down is told at the next run: it must not hold up this one


class Outcome(NamedTuple):
    """What came of a run: its report, or the error that ended it."""

    report: Report | None
    error: str

    @property
    def code(self) -> int:
        return 1 if self.report is None else self.report.exit_code


class Runs:
    """Builds one tree again and again. ``make_job`` reads the configuration anew for each run."""

    def __init__(
        self,
        make_job: Callable[[int], Job],
        printer: Printer,
        *,
        json_lines: bool = False,
        metrics: str | None = None,
        wait: float = 60.0,
    ) -> None:
        self._make_job = make_job
        self._printer = printer
        self._json_lines = json_lines
        self._metrics = metrics
        self._wait = wait
        self._said: set[Problem] = set()

    def once(self, why: str) -> Outcome:
        """Build, and log it; no fault of a run ends the process."""
        started = time.monotonic()
        now = current(None, {})
        job: Job | None = None
        try:
            job = self._make_job(now)
            self._monitor(job, Phase.START)
            outcome = Outcome(run(job, wait=self._wait), "")
        except TopicastError as error:
            outcome = Outcome(None, str(error))
        except OSError as error:
            outcome = Outcome(None, f"{error.filename or ''}: {error.strerror}".removeprefix(": "))
        seconds = time.monotonic() - started
        self._log(why, now, outcome, seconds, job)
        self._tell(job, outcome, seconds)
        return outcome

    def _tell(self, job: Job | None, outcome: Outcome, seconds: float) -> None:
        try:
            if self._metrics:
                write_metrics(self._metrics, outcome.report, seconds)
            if job is not None and outcome.report is not None and _tells_hubs(job):
                for failure in tell_hubs(job, attempts=HUB_ATTEMPTS).failures:
                    self.note("hub", failure)
        except TopicastError as error:
            self.note("error", str(error))
        if job is not None:
            phase = Phase.FAIL if outcome.report is None else Phase.SUCCESS
            self._monitor(job, phase, outcome.error or _closing(outcome))

    def _monitor(self, job: Job, phase: Phase, line: str = "") -> None:
        url = job.config.schedule.ping_url
        if url and (fault := tell_monitor(url, phase, line)):
            self.note("monitor", fault)

    def _log(self, why: str, now: int, outcome: Outcome, seconds: float, job: Job | None) -> None:
        report = outcome.report
        problems = report.problems if report else ()
        folder = job.shown_seeds if job else ""
        for problem in problems:
            if problem not in self._said:
                self.note(str(problem.level), in_folder(problem, folder))
        if report is not None:
            self._said = set(problems)
        if self._json_lines:
            self._printer.line(_json_line(why, now, outcome, seconds))
            return
        told = _closing(outcome) if report else f"failed: {outcome.error}"
        self._printer.line(f"{rfc3339(now)} {why}: {told} ({seconds:.2f} s)")

    def note(self, kind: str, text: str) -> None:
        """Log something that is no run of its own."""
        now = rfc3339(current(None, {}))
        if self._json_lines:
            fields = {"time": now, "event": kind, "message": text}
            self._printer.line(msgspec.json.encode(fields).decode())
        else:
            self._printer.line(f"{now} {kind}: {text}")


def _tells_hubs(job: Job) -> bool:
    websub = job.config.websub
    return bool(websub.hubs) and websub.after == "build" and not job.preview


def _closing(outcome: Outcome) -> str:
    return outcome.report.closing() if outcome.report else ""


def _json_line(why: str, now: int, outcome: Outcome, seconds: float) -> str:
    fields: dict[str, object] = {
        "time": rfc3339(now),
        "event": "build",
        "why": why,
        "exit_code": outcome.code,
        "seconds": round(seconds, 3),
    }
    report = outcome.report
    if report is None:
        fields["error"] = outcome.error
    else:
        fields |= {
            "records": report.records,
            "parsed": report.parsed,
            "shown": report.shown,
            "hidden": msgspec.structs.asdict(report.hidden),
            "set_aside": report.set_aside,
            "written": list(report.written),
            "removed": list(report.removed),
            "due": report.due,
        }
    return msgspec.json.encode(fields).decode()
