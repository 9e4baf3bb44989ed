"""The log of many runs: one line a run, and what is wrong said once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from topicast.clock import current
from topicast.report import Printer, Report
from topicast.times import rfc3339


class Log:
    """Writes lines for people, or for machines: one JSON object each."""

    def __init__(self, printer: Printer, *, json_lines: bool = False) -> None:
        self._printer = printer
        self._json_lines = json_lines
        self._said: dict[str, set[tuple[str, str]]] = {}

    def run(self, why: str, now: int, seconds: float, result: Report | str) -> None:
        """One run: its report, or the error that ended it. ``now`` is in microseconds."""
        if self._json_lines:
            self._write(_fields(why, now, seconds, result))
            return
        told = f"failed: {result}" if isinstance(result, str) else result.closing()
        self._printer.line(f"{rfc3339(now)} {why}: {told} ({seconds:.2f} s)")

    def note(self, kind: str, text: str) -> None:
        """Something that is no run of its own."""
        now = rfc3339(current(None, {}))
        if self._json_lines:
            self._write({"time": now, "event": kind, "message": text})
        else:
            self._printer.line(f"{now} {kind}: {text}")

    def state(self, about: str, notes: Iterable[tuple[str, str]]) -> None:
        """All that is wrong ``about`` something now: what was said of it before is not repeated."""
        notes = list(notes)
        for kind, text in notes:
            if (kind, text) not in self._said.get(about, ()):
                self.note(kind, text)
        self._said[about] = set(notes)

    def _write(self, fields: dict[str, object]) -> None:
        self._printer.line(msgspec.json.encode(fields).decode())


def _fields(why: str, now: int, seconds: float, result: Report | str) -> dict[str, object]:
    fields: dict[str, object] = {"time": rfc3339(now), "event": "build", "why": why}
    fields["seconds"] = round(seconds, 3)
    if isinstance(result, str):
        return fields | {"exit_code": 1, "error": result}
    return fields | {
        "exit_code": result.exit_code,
        "records": result.records,
        "parsed": result.parsed,
        "shown": result.shown,
        "hidden": msgspec.structs.asdict(result.hidden),
        "set_aside": result.set_aside,
        "written": list(result.written),
        "removed": list(result.removed),
        "due": result.due,
    }
