"""A writer killed at random moments: every file whole, the next build right, no stranger seen."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from topicast.publish.manifest import read_manifest
from topicast.publish.temporary import SUFFIX

KILLS = 24  # each way
STRANGERS = {"CNAME": b"example.org", "t3/theirs.txt": b"theirs"}


def tree(version: int) -> dict[str, bytes]:
    """A tree that says in every byte which version it is; topics come and go between versions."""
    topics = [f"t{n}" for n in range(30) if (n + version) % 3]
    paths = ["topics.json", "rss.xml", *(f"{topic}/rss.xml" for topic in topics)]
    paths += [f"{topic}/archive/2021-12.rss.xml" for topic in topics[::4]]
    # Every other feed is the same in all versions.
    return {path: body(path, version if len(path) % 2 else 0) for path in paths}


def body(path: str, version: int) -> bytes:
    return f"{version:05} {path}\n".encode() * 400


def is_whole(path: str, data: bytes) -> bool:
    return data[:5].isdigit() and data == body(path, int(data[:5]))


def killed_while(work, after: float) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def add_strangers(out: Path) -> None:
    for path, data in STRANGERS.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(data)


@pytest.mark.parametrize("first", [True, False])
def test_killed_at_any_moment(first, tmp_path, build, snapshot):
    seed = random.randrange(1_000_000)
    print("seed", seed)
    chance = random.Random(seed)
    torn = 0
    for n in range(KILLS):
        out = tmp_path / f"feeds{n if first else ''}"
        if not first:
            build(out, tree(chance.randrange(100)))
            add_strangers(out)

        def work(out=out, start=n * 100):
            for version in range(start, 100_000):
                build(out, tree(version))
                if first:
                    time.sleep(60)

        killed_while(work, chance.uniform(0.0, 0.06))

        files = snapshot(out) if out.is_dir() else {}
        feeds = {
            path: data
            for path, data in files.items()
            if SUFFIX not in path and not path.endswith("/") and path not in STRANGERS
        }
        manifest = read_manifest(out)  # never torn
        known = {"manifest.json"} | (manifest.files.keys() if manifest else set())
        assert feeds.keys() <= known
        feeds.pop("manifest.json", None)
        assert all(is_whole(path, data) for path, data in feeds.items())
        torn += files.keys() != {*known, *STRANGERS} or not (manifest and manifest.complete)

        wanted = tree(chance.randrange(100, 200))
        build(out, wanted)
        after = snapshot(out)
        assert after.pop("manifest.json") == build.plan.after.encode()
        assert after == {**wanted, **({} if first else STRANGERS)}
        assert not (out.parent / f".{out.name}{SUFFIX}").exists()
    assert torn, "no kill fell into a build: the delays do not fit this machine"


def test_two_builds_at_once_take_turns(tmp_path, build, snapshot):
    out = tmp_path / "feeds"
    children = []
    for start in (0, 1000):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for version in range(start, start + 8):
                    build(out, tree(version), wait=60)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0, 0]
    files = snapshot(out)
    assert read_manifest(out).encode() == files.pop("manifest.json")
    assert files in [tree(7), tree(1007)]
