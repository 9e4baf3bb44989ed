"""``[schedule] ping_url``: a health ping for cron monitors, at the start and the end of a run."""

from __future__ import annotations

from enum import StrEnum

TIMEOUT = 5.0  # seconds: a monitor that hangs must not hold up a build


class Phase(StrEnum):
    """What a monitor is told; its address gets this appended, as healthchecks.io has it."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


def tell_monitor(ping_url: str, phase: Phase, line: str = "") -> str:
    """Tell the monitor at ``ping_url``; what went wrong, or "". ``line`` goes along as the body."""
    import httpx

    try:
        answer = httpx.post(ping_url + phase, content=line.encode(), timeout=TIMEOUT)
    except httpx.HTTPError as error:
        return f"the monitor does not answer ({type(error).__name__})"
    return "" if answer.is_success else f"the monitor answers {answer.status_code}"
