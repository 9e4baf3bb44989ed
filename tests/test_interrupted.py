"""Builds that are interrupted or terminated, and builds of one tree at the same time."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doomed import Child, arguments, command, process
from site_on_disk import Site
from topicast.publish import lock as locks
from topicast.publish.lock import locked
from topicast.publish.temporary import SUFFIX

pytestmark = pytest.mark.usefixtures("temporary_folder")

ROUNDS = 8


def write_records(site: Site, title: str) -> None:
    for n in range(40):
        site.record(f"r{n:02}.md", title=f"{title} {n}", topics=[f"Topic {n % 8}"])


def begin_anew(site: Site) -> None:
    for folder in (site.feeds, site.root / ".topicast"):
        shutil.rmtree(folder, ignore_errors=True)


def temporary_files(site: Site) -> list[Path]:
    return [
        path
        for path in site.root.rglob("*")
        if path.name.endswith((SUFFIX, ".new", "-journal")) or path.name.startswith(".feeds")
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("first", [True, False])
def test_a_build_that_is_told_to_stop_takes_back_what_it_began(number, first, site, tmp_path):
    chance = random.Random(7)
    write_records(site, "Old")
    start = time.monotonic()
    assert Child(tmp_path / "log", process(site.root)).wait().code == 0
    whole = time.monotonic() - start
    stopped = 0
    for n in range(10 * ROUNDS):
        write_records(site, f"Old {n}")
        if first:
            begin_anew(site)
        else:
            site.build()
            write_records(site, f"New {n}")
        old = site.tree()
        child = Child(tmp_path / "log", process(site.root))
        time.sleep(chance.uniform(0.1, 1.0) * whole)
        child.kill(number)
        ended = child.wait()
        if ended.code in (0, -number):  # it had ended, or not begun: machines are busy and idle
            whole *= 1.2 if ended.code else 0.8
            assert site.build().exit_code == 0
            continue
        stopped += 1
        assert ended.code == 128 + number
        assert ended.stderr.strip() == ""
        assert not temporary_files(site)
        tree = site.tree()
        site.build()
        new = site.tree()
        assert new == site.fresh()
        tree.pop("manifest.json", None)
        assert all(data in (old.get(path), new[path]) for path, data in tree.items())
        if stopped == ROUNDS // 2:
            break
    assert stopped == ROUNDS // 2


def test_the_whole_command_is_told_to_stop(site):
    """Of a process group, as schedulers and terminals do it: workers leave it to their parent."""
    for n in range(4000):
        site.record(f"r{n}.md", topics=[f"Topic {n % 8}"])
    line = [sys.executable, "-m", "topicast", *arguments(site.root), "--jobs", "2"]
    for number in (signal.SIGTERM, signal.SIGINT):
        build = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, start_new_session=True)
        workers = wait_for_workers(build.pid)
        os.killpg(build.pid, number)
        said = build.communicate(timeout=30)[1]
        assert (build.returncode, said.strip()) == (128 + number, "")
        wait_until_gone(workers)
        assert not temporary_files(site)
        assert not site.feeds.exists()


def test_workers_do_not_outlive_a_build_that_is_killed(site):
    for n in range(900):
        site.record(f"r{n}.md", topics=[f"Topic {n % 8}"])
    line = [sys.executable, "-m", "topicast", *arguments(site.root), "--jobs", "2"]
    build = subprocess.Popen(line)
    workers = wait_for_workers(build.pid)
    build.kill()
    build.wait()
    wait_until_gone(workers)
    assert site.build().exit_code == 0
    assert site.tree() == site.fresh()


def wait_for_workers(pid: int) -> list[int]:
    """The worker processes of a build, when both are there (Linux tells which they are)."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("this system does not tell which processes are whose")
    deadline = time.monotonic() + 20
    while len(workers := [int(child) for child in children.read_text().split()]) < 2:
        assert time.monotonic() < deadline, "there are no workers"
        time.sleep(0.002)
    return workers


def wait_until_gone(workers: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(map(is_alive, workers)):
        assert time.monotonic() < deadline, "a worker is still there"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("first", [True, False])
def test_of_two_builds_that_start_together_one_waits_its_turn_or_says_so(first, site, tmp_path):
    """Both may succeed one after the other; else the one that lost names the other."""
    write_records(site, "Old")
    lost = 0
    for n in range(ROUNDS):
        if first:
            begin_anew(site)
        else:
            site.build()
        write_records(site, f"New {n}")
        begin, go = os.pipe()

        def work(begin=begin, go=go):
            os.close(go)
            os.read(begin, 1)  # until the other end is closed
            return command(site.root)()

        two = [Child(tmp_path / f"log{one}", work) for one in range(2)]
        os.close(go)
        os.close(begin)
        ended = [child.wait() for child in two]
        assert sorted(one.code for one in ended) in ([0, 0], [0, 1])
        for one, other in zip(ended, reversed(two), strict=True):
            if one.code:
                lost += 1
                (line,) = one.stderr.splitlines()
                assert "another build" in line and "is writing here" in line
                # (The other may be gone by the time that the system is asked.)
                assert re.findall(r"process (\d+)", line) in ([str(other.pid)], [])
        assert not temporary_files(site)
        assert site.build().written == ()
        assert site.tree() == site.fresh()
    assert lost


def test_the_second_build_names_the_process_that_holds_the_tree(site, tmp_path):
    site.record("a.md")
    site.build()
    before = site.tree()
    site.record("b.md")
    with locked(site.feeds):
        ended = Child(tmp_path / "log", command(site.root)).wait()
        assert ended.code == 1
        (line,) = ended.stderr.splitlines()
        assert "feeds: another build" in line
        if Path("/proc/locks").exists():
            assert f"process {os.getpid()}" in line
        assert site.tree() == before
        child = Child(tmp_path / "log", command(site.root, "--wait", "30s"))
        time.sleep(0.2)
        assert site.tree() == before
    assert child.wait().code == 0
    assert site.tree() == site.fresh()


def test_a_lock_file_that_a_dead_process_left_is_no_lock(site, temporary_folder):
    site.record("a.md")
    locks._file_for(Path(os.path.realpath(site.feeds))).write_bytes(b"12345")
    assert len(os.listdir(temporary_folder)) == 1
    assert site.build().exit_code == 0
