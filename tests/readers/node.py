"""Runs the readers that npm installs here: ``npm ci`` in this folder."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def needs(library: str) -> pytest.MarkDecorator:
    there = shutil.which("node") and (HERE / "node_modules" / library).is_dir()
    return pytest.mark.skipif(not there, reason=f"{library} is not installed: npm ci in {HERE}")


def parse(library: str, files: Sequence[Path]) -> list[Any]:
    """What the library makes of each of ``files``."""
    command = ["node", str(HERE / "parse.mjs"), library, *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    parsed: list[Any] = json.loads(done.stdout)
    assert len(parsed) == len(files)
    return parsed
