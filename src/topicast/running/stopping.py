"""SIGTERM and SIGINT end a loop between two runs, never a run."""

from __future__ import annotations

import signal
import time
from types import FrameType

_STEP = 0.2  # seconds: how soon a signal and a clock that was set are noticed


class Stop:
    """Is set by SIGTERM or SIGINT from when it is made; nothing else happens by them."""

    def __init__(self) -> None:
        self._set = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        # A flag and no lock: the handler may run in the midst of anything.
        self._set = True

    def is_set(self) -> bool:
        return self._set

    def pause(self, seconds: float = _STEP) -> None:
        """Sleep for a step, or for ``seconds`` if that is less."""
        if not self._set:
            time.sleep(max(0.0, min(seconds, _STEP)))
