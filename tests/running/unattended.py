"""``topicast schedule`` and ``watch`` as processes, with their log."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 30.0  # seconds: a busy machine is slow


class Unattended:
    """A process that builds by itself, and what it has logged as JSON lines."""

    def __init__(
        self,
        folder: Path,
        log: Path,
        *arguments: str,
        within: Sequence[str] = (),
        bound_by_permissions: bool = False,
    ) -> None:
        """``within`` is a command that runs another one."""
        self._log = log
        environment = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
        command = [*within, sys.executable, "-m", "topicast", *arguments, "--log-format", "json"]
        if bound_by_permissions and os.geteuid() == 0:
            if shutil.which("setpriv") is None:
                pytest.skip("root reads everything here")
            command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command]
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                stderr=stream,
                env=environment,
                start_new_session=True,
            )

    def text(self) -> str:
        return self._log.read_text("utf-8")

    def events(self, kind: str = "build") -> list[dict[str, Any]]:
        """The whole lines of the log that are of a kind, decoded."""
        whole = self.text().rpartition("\n")[0]
        decoded = [json.loads(line) for line in whole.splitlines()]
        return [event for event in decoded if event["event"] == kind]

    def wait_for(self, count: int, kind: str = "build") -> list[dict[str, Any]]:
        """The events, as soon as there are so many."""
        return self.until(lambda: len(self.events(kind)) >= count and self.events(kind))

    def until(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, self.text()
            assert self.process.poll() is None, self.text()
            time.sleep(0.03)
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
