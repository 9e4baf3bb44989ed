from __future__ import annotations

from pathlib import Path

import pytest

from command_line import CommandLine
from site_on_disk import Site


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden/ anew from what is built"
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site in a folder of its own."""
    return Site(tmp_path / "site")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Runs the command line in this process: ``run(folder, "build", "-q")``."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return CommandLine(capsys, monkeypatch)
