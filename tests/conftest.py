from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from command_line import CommandLine
from site_on_disk import Site

# How long an example takes is the machine's affair: no test is a matter of time.
settings.register_profile("topicast", deadline=None)
settings.load_profile("topicast")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden/ anew from what is built"
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site in a folder of its own."""
    return Site(tmp_path / "site")


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, here and for the processes that are started."""
    folder = tmp_path / "system-tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def mount() -> Iterator[Callable[..., None]]:
    """Mounts over a folder, ``mount(folder, "-t", "tmpfs", ...)``, until the test ends."""
    mounted: list[Path] = []

    def over(folder: Path, *options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        line = ["mount", *options, str(folder)]
        if sys.platform != "linux" or subprocess.run(line, capture_output=True).returncode:
            pytest.skip("nothing can be mounted here")
        if folder not in mounted:  # as where it is mounted again with other options
            mounted.append(folder)

    yield over
    for folder in reversed(mounted):
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Runs the command line in this process: ``run(folder, "build", "-q")``."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return CommandLine(capsys, monkeypatch)
