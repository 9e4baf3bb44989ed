"""What a build did, and the printer of messages for people, which go to stderr.

Answers go to stdout, by ``click.echo`` of the command that gives them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

import msgspec

from topicast.problems import Level, Problem
from topicast.times import rfc3339


class Hidden(msgspec.Struct, frozen=True):
    """How many records are hidden, by the gate's reason."""

    unpublished: int = 0
    withdrawn: int = 0
    undated: int = 0
    embargoed: int = 0
    expired: int = 0
    duplicate: int = 0

    @property
    def total(self) -> int:
        return sum(msgspec.structs.astuple(self))


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did. ``written``, ``unchanged`` and ``removed`` are paths in the feed tree.

    ``parsed`` counts the files that were parsed in this run, ``fast`` those of them that the
    accelerator took. ``due`` is the next instant, RFC 3339, at which something changes by itself
    (an embargo ends, an entry expires), or None. ``seconds`` is the wall time. ``exit_code`` is
    what the command ends with.
    """

    out: str
    preview: bool
    check: bool
    now: str
    records: int
    files: int
    parsed: int
    fast: int
    rendered: int
    shown: int
    hidden: Hidden
    set_aside: int
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    due: str | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        return bool(self.written or self.removed)

    @property
    def exit_code(self) -> int:
        """0 built · 1 a check found a difference · 3 built, but some records were set aside."""
        if self.check and self.changed:
            return 1
        return 3 if self.set_aside else 0

    def closing(self) -> str:
        """The line that says it all."""
        hidden = ", ".join(
            f"{count} {reason}"
            for reason, count in msgspec.structs.asdict(self.hidden).items()
            if count
        )
        verbs = ("to write", "to remove") if self.check else ("written", "removed")
        due = f"; next due {self.due}" if self.due else ""
        return (
            f"{self.out}: {many(self.records, 'record')} ({many(self.parsed, 'file')} read now), "
            f"{self.shown} shown, {self.hidden.total} hidden{f' ({hidden})' if hidden else ''}, "
            f"{self.set_aside} set aside; {many(len(self.written), 'file')} {verbs[0]}, "
            f"{len(self.unchanged)} unchanged, {len(self.removed)} {verbs[1]}{due}"
        )

    def to_json(self) -> bytes:
        """The report as a monitor reads it: indented JSON, with the exit code in it."""
        fields = msgspec.structs.asdict(self) | {"exit_code": self.exit_code}
        fields["problems"] = [problem_fields(problem) for problem in self.problems]
        return as_json(fields)


def failure_json(error: str, exit_code: int, now: int) -> bytes:
    """The report of a build that failed, at ``now`` (microseconds since 1970)."""
    fields = {"exit_code": exit_code, "now": rfc3339(now), "error": error}
    return as_json(fields)


def as_json(value: object) -> bytes:
    """JSON as every command answers in it: indented, with a line end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def problem_fields(problem: Problem) -> dict[str, object]:
    """A problem as JSON shows it."""
    return msgspec.structs.asdict(problem) | {"message": str(problem)}


class Printer:
    """Prints for people. ``verbosity`` is -1 (only errors), 0 or 1 (everything)."""

    def __init__(self, verbosity: int = 0, err: TextIO | None = None) -> None:
        self._verbosity = verbosity
        self._err = err or sys.stderr

    def line(self, text: str) -> None:
        """Say it, where that can be: a full disk under a log is no fault of the feeds."""
        with suppress(OSError):
            print(text, file=self._err)

    def error(self, text: str) -> None:
        self.line(f"topicast: {text}")

    def report(self, report: Report, folder: str) -> None:
        """The problems, the notes, what was written (with -v), and the closing line."""
        self._problems(report.problems, folder)
        if self._verbosity >= 0:
            for note in report.notes:
                self.line(f"note: {note}")
        if self._verbosity > 0 or (report.check and self._verbosity >= 0):
            for verb, paths in (("write", report.written), ("remove", report.removed)):
                for path in paths:
                    self.line(f"{verb}: {report.out}/{path}")
        if self._verbosity > 0 and report.parsed:
            slow = report.parsed - report.fast
            self.line(f"parsed: {report.fast} files by rapidyaml, {slow} by PyYAML and others")
        if self._verbosity >= 0:
            self.line(report.closing())

    def _problems(self, problems: Iterable[Problem], folder: str) -> None:
        for problem in problems:
            if problem.level is Level.ERROR or self._verbosity >= 0:
                self.line(f"{problem.level}: {in_folder(problem, folder)}")


def in_folder(problem: Problem, folder: str) -> str:
    """The problem with its path as a person would type it."""
    return str(msgspec.structs.replace(problem, path=f"{folder}/{problem.path}"))


def many(count: int, noun: str) -> str:
    """``1 record``, ``2 records``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class Progress:
    """A bar on a terminal for what takes over a second; nothing in a pipe."""

    def __init__(self, what: str, unit: str, quiet: bool = False) -> None:
        self._bar = None
        if not quiet and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(desc=what, unit=f" {unit}", delay=1.0, leave=False, file=sys.stderr)

    def step(self, count: int) -> None:
        if self._bar is not None:
            self._bar.update(count)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
