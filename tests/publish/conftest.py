"""A small build for the tests of publishing: files in, a tree out, the way ``build`` does it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from topicast.publish.disk import plan_tree
from topicast.publish.lock import locked
from topicast.publish.manifest import read_manifest
from topicast.publish.plan import Plan
from topicast.publish.writer import Published, carry_out

Files = Mapping[str, bytes]


class Build:
    """``build(out, files)`` publishes; ``build.plan`` and ``build.published`` say what was done."""

    plan: Plan
    published: Published

    def __call__(
        self,
        out: Path,
        files: Files,
        unchanged: Collection[str] = (),
        *,
        preview: bool = False,
        force: bool = False,
        wait: float = 0.0,
    ) -> Plan:
        with locked(out, wait) as lock:
            manifest = read_manifest(lock.path, force=force)
            self.plan = plan_tree(
                lock.path, files, unchanged, manifest, preview=preview, force=force
            )
            self.published = carry_out(self.plan, lock)
        return self.plan


@pytest.fixture
def build() -> Build:
    return Build()


@pytest.fixture
def snapshot() -> Callable[[Path], dict[str, bytes]]:
    """Every file of a folder, hidden ones too, with its bytes, and every empty folder."""

    def take(folder: Path) -> dict[str, bytes]:
        found = {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if not path.is_dir():
                found[name] = path.read_bytes()
            elif not any(path.iterdir()):
                found[name + "/"] = b""
        return found

    return take
