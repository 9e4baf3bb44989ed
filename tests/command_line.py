"""Running ``topicast`` as its users do, for tests: in this process, or as the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from topicast.cli.app import app

COMMAND = Path(sys.executable).with_name("topicast")
NOW = ("--now", "2026-01-01T00:00:00Z")


class Ran(NamedTuple):
    """What a command ended with; ``seconds`` of processor time, for the machine may be busy."""

    code: int
    out: str
    err: str
    seconds: float = 0.0

    @property
    def said(self) -> str:
        return self.out + self.err

    def lines(self) -> list[str]:
        return self.err.splitlines()


class CommandLine:
    """Runs commands in this process, in the folder of a site."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, folder: Path, *arguments: str) -> Ran:
        self._monkeypatch.chdir(folder)
        self._capsys.readouterr()
        started = time.process_time()
        code = app(arguments)
        seconds = time.process_time() - started
        out, err = self._capsys.readouterr()
        return Ran(code, out, err, seconds)


def installed(folder: Path, *arguments: str, **environment: str) -> Ran:
    """Run the installed command in a process of its own."""
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return Ran(done.returncode, out, err)
