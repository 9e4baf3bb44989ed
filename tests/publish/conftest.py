"""A small build for the tests of publishing: files in, a tree out, the way ``build`` does it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from topicast.publish.disk import announce_tree
from topicast.publish.lock import Lock, locked
from topicast.publish.manifest import read_manifest
from topicast.publish.plan import Composed, Plan, make_plan
from topicast.publish.writer import Draft, Published

Files = Mapping[str, bytes]


class Build:
    """``build(out, files)`` publishes; ``build.plan`` and ``build.published`` say what was done."""

    plan: Plan
    published: Published
    check = False  # only plan

    def __call__(
        self,
        out: Path,
        files: Files,
        unchanged: Collection[str] = (),
        *,
        wait: float = 0.0,
        **how: bool,
    ) -> Plan:
        """``how`` is as ``under`` takes it."""
        with locked(out, wait) as lock:
            return self.under(lock, files, unchanged, **how)

    def under(
        self,
        lock: Lock,
        files: Files,
        unchanged: Collection[str] = (),
        *,
        preview: bool = False,
        force: bool = False,
    ) -> Plan:
        manifest = read_manifest(lock.path, force=force)
        announced = announce_tree(
            lock.path, files.keys(), unchanged, manifest, preview=preview, force=force
        )
        with Draft(lock, dry=self.check) as draft:
            draft.start(announced)
            for path, data in files.items():
                draft.put(Composed.of(path, data))
            self.plan = make_plan(announced, draft.made)
            if not self.check:
                self.published = draft.publish(self.plan)
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
