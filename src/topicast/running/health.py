"""``[schedule] ping_url``: a health ping for cron monitors, at the start and the end of a run."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

TIMEOUT = 5.0  # seconds: a monitor that hangs must not hold up a build


class Phase(StrEnum):
    """What a monitor is told; the path of its address gets this appended (healthchecks.io)."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


def tell_monitor(ping_url: str, phase: Phase, line: str = "") -> str:
    """Tell the monitor at ``ping_url``; what went wrong, or "". ``line`` goes along as the body."""
    from topicast.running.web import Web

    with Web(TIMEOUT) as http:
        answer = http.post(address_of(ping_url, phase), content=line.encode("utf-8", "replace"))
    return f"the monitor {answer.fault}" if answer.fault else ""


def address_of(ping_url: str, phase: Phase) -> str:
    """The address for a phase: a query stays behind the path."""
    parts = urlsplit(ping_url)
    return parts._replace(path=parts.path.rstrip("/") + phase if phase else parts.path).geturl()
