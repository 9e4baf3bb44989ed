"""Says on what a benchmark was run."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from contestants import REPOSITORY


def processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def revision() -> str:
    """The commit that was measured; ``+`` where files of the program differ from it."""
    git = ["git", "-C", str(REPOSITORY)]
    try:
        commit = subprocess.check_output([*git, "rev-parse", "--short", "HEAD"], text=True).strip()
        changed = subprocess.call([*git, "diff", "--quiet", "HEAD", "--", "src", "pyproject.toml"])
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit + ("+" if changed else "")


def file_system(folder: Path) -> str:
    """The kind of file system that holds ``folder``."""
    command = ["stat", "--file-system", "--format=%T", str(folder)]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def describe(work: Path, versions: dict[str, str], rounds: int) -> dict[str, object]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "revision": revision(),
        "rounds": rounds,
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release()}",
        "file system": file_system(work),
        "load": round(os.getloadavg()[0], 2),  # of the last minute, before the first run
        "versions": {"Python": platform.python_version(), **versions},
    }
