"""The two commands of README.md, run as they stand in a copy of this checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import refresh

COMMANDS = re.findall(
    r"^```sh\n(.*?)^```$", (refresh.ROOT / "README.md").read_text("utf-8"), re.M | re.S
)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone would hold if all that is here were committed."""
    if not (refresh.ROOT / ".git").exists():
        pytest.skip("not a checkout")
    folder = tmp_path_factory.mktemp("readme") / "checkout"
    files = git(refresh.ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, files.split("\0")):
        if (refresh.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(refresh.ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "All")
    return folder


def run(command: str, checkout: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run it as typed, with the Python of these tests as ``python3``, and without a keyboard."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("COV_", "PYTEST_", "PYTHON"))}
    python = str(Path(sys.executable).parent)
    return subprocess.run(
        ["bash", "-c", command],
        cwd=checkout,
        env=keep | {"PATH": f"{python}{os.pathsep}{keep['PATH']}"} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_commands_are_one_line_each() -> None:
    assert len(COMMANDS) >= 2
    assert [command.count("\n") for command in COMMANDS[:2]] == [1, 1]


def test_first_command_builds_the_feeds_that_are_committed(checkout: Path) -> None:
    done = run(COMMANDS[0], checkout, SOURCE_DATE_EPOCH=refresh.NOW)
    assert done.returncode == 0, done.stderr
    assert "0 set aside; 0 files written" in done.stderr.splitlines()[-1]
    assert git(checkout, "status", "--porcelain") == ""


def test_second_command_runs_the_tests(checkout: Path) -> None:
    done = run(COMMANDS[1], checkout, PYTEST_ADDOPTS="--collect-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests/test_readme.py" in done.stdout
    assert re.search(r"\d+ tests? collected", done.stdout), done.stdout


def test_ci_ends_with_the_second_command() -> None:
    lines = (refresh.ROOT / ".ci" / "run").read_text("utf-8").strip().splitlines()
    assert lines[-1] == COMMANDS[1].strip()
