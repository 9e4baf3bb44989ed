from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from topicast.problems import BuildError
from topicast.publish import lock as lock_module
from topicast.publish.lock import locked

pytestmark = pytest.mark.usefixtures("temporary_folder")

HOLD = """
import sys, time
from pathlib import Path
from topicast.publish.lock import locked
with locked(Path(sys.argv[1])) as lock:
    if len(sys.argv) > 2:
        hidden = lock.path.with_name(".hidden")
        hidden.mkdir()
        lock.adopt(hidden)
        hidden.rename(lock.path)
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder():
    """Another process that holds the lock on a folder, until the test ends it."""
    started = []

    def start(out: Path, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLD, str(out), *more]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("exists", [True, False])
def test_the_second_build_says_who_holds_it_and_a_killed_one_holds_nothing(
    exists, tmp_path, holder
):
    out = tmp_path / "feeds"
    if exists:
        out.mkdir()
    process = holder(out)
    words = r"feeds: another build .*is writing here"
    with pytest.raises(BuildError, match=words) as caught, locked(out):
        pass
    if Path("/proc/locks").exists():
        assert f"process {process.pid}, " in str(caught.value)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with locked(out) as lock:
        assert lock.path == out


def test_the_second_build_waits(tmp_path, holder):
    process = holder(tmp_path)
    threading.Timer(0.2, process.kill).start()
    start = time.monotonic()
    with locked(tmp_path, wait=30):
        assert 0.1 < time.monotonic() - start < 20
    with locked(tmp_path):
        start = time.monotonic()
        with pytest.raises(BuildError), locked(tmp_path, wait=0.2):
            pass
        assert time.monotonic() - start >= 0.2


def test_a_folder_made_under_the_lock_is_locked_when_it_is_seen(tmp_path, holder):
    out = tmp_path / "feeds"
    holder(out, "adopt")
    assert out.is_dir()
    with pytest.raises(BuildError, match="another build"), locked(out):
        pass


def test_a_folder_that_came_while_the_file_was_locked_is_locked_instead(
    tmp_path, holder, monkeypatch
):
    out = tmp_path / "feeds"
    real = lock_module._open_file

    def open_file(file: Path) -> int | None:
        if not out.exists():
            out.mkdir()
            holder(out)
        return real(file)

    monkeypatch.setattr(lock_module, "_open_file", open_file)
    with pytest.raises(BuildError, match="another build"), locked(out):
        pass


def test_a_folder_that_was_replaced_is_locked_anew(tmp_path, monkeypatch):
    out = tmp_path / "feeds"
    out.mkdir()
    real, calls = lock_module._try_lock, []

    def try_lock(fd: int) -> bool:
        if not calls:
            out.rename(tmp_path / "old")
            out.mkdir()
        calls.append(os.fstat(fd).st_ino)
        return real(fd)

    monkeypatch.setattr(lock_module, "_try_lock", try_lock)
    with locked(out):
        assert calls == [(tmp_path / "old").stat().st_ino, out.stat().st_ino]


def test_two_names_of_one_folder_are_one_lock(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "feeds").symlink_to("real")
    with locked(tmp_path / "real"), pytest.raises(BuildError), locked(tmp_path / "feeds"):
        pass
    (tmp_path / "real").rmdir()
    with locked(tmp_path / "feeds") as lock:
        assert lock.path == tmp_path / "real"
        with pytest.raises(BuildError), locked(tmp_path / "real"):
            pass


def test_nothing_stays_behind(tmp_path, temporary_folder):
    open_before = len(os.listdir("/dev/fd"))
    for out in (tmp_path / "missing", temporary_folder):
        with locked(out):
            pass
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "missing"):
        assert len(os.listdir(temporary_folder)) == 1
        raise ZeroDivisionError
    assert os.listdir(temporary_folder) == []
    assert not (tmp_path / "missing").exists()
    assert len(os.listdir("/dev/fd")) == open_before


def test_the_file_of_a_killed_build_is_swept_but_none_that_is_held(tmp_path, temporary_folder):
    out = tmp_path / "feeds"
    killed = lock_module._file_for(out)
    killed.touch()
    out.mkdir()
    with locked(out) as lock:
        with killed.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            lock.sweep()
            assert killed.exists()
        lock.sweep()
    assert os.listdir(temporary_folder) == []
    with locked(tmp_path / "missing") as lock:
        lock.sweep()
        assert len(os.listdir(temporary_folder)) == 1  # its own


def test_a_forked_child_takes_no_file_of_its_parent_away(tmp_path, temporary_folder):
    with locked(tmp_path / "missing") as lock:
        if (child := os.fork()) == 0:
            lock.release()
            os._exit(0)
        os.waitpid(child, 0)
        assert len(os.listdir(temporary_folder)) == 1


def test_a_file_system_without_folder_locks_is_locked_by_a_file(
    tmp_path, temporary_folder, monkeypatch
):
    real = lock_module._try_lock

    def try_lock(fd: int) -> bool:
        if os.path.isdir(f"/dev/fd/{fd}"):
            raise OSError(9, "Bad file descriptor")
        return real(fd)

    monkeypatch.setattr(lock_module, "_try_lock", try_lock)
    with locked(tmp_path):
        assert len(os.listdir(temporary_folder)) == 1
        with pytest.raises(BuildError, match="another build"), locked(tmp_path):
            pass
    with locked(tmp_path):
        pass


def test_children_do_not_hold_the_lock(tmp_path):
    """Neither a program that was started nor a worker that outlives a killed build."""
    with locked(tmp_path):
        started = subprocess.Popen(["sleep", "60"])
        ready, ready_child = os.pipe()
        worker = os.fork()
        if worker == 0:
            os.write(ready_child, b".")
            time.sleep(60)
            os._exit(0)
        os.read(ready, 1)
        with pytest.raises(BuildError), locked(tmp_path):
            pass
    try:
        with locked(tmp_path):
            pass
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        started.kill()
        started.wait()
        os.close(ready)
        os.close(ready_child)


@pytest.mark.parametrize("made", [True, False])
def test_a_process_that_shares_the_lock_holds_it_until_it_ends(tmp_path, temporary_folder, made):
    """It may be writing still when the build that forked it was killed."""
    out = tmp_path / "out"
    if not made:
        out.mkdir()
    with locked(out) as lock, lock.shared():
        if made:
            (tmp_path / "hidden").mkdir()
            lock.adopt(tmp_path / "hidden")
            (tmp_path / "hidden").rename(out)
        worker = os.fork()
        if worker == 0:
            time.sleep(60)
            os._exit(0)
    with pytest.raises(BuildError, match="is writing here"), locked(out):
        pass
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    with locked(out):
        pass


def test_a_forked_child_that_leaves_the_block_takes_no_lock_with_it(tmp_path, temporary_folder):
    missing = tmp_path / "missing"
    with locked(missing):
        child = -1
        try:
            with locked(tmp_path):
                child = os.fork()
        finally:
            if child == 0:
                os._exit(0)
        os.waitpid(child, 0)
        assert len(os.listdir(temporary_folder)) == 1
        with pytest.raises(BuildError), locked(missing):
            pass


def test_what_is_no_folder_cannot_be_locked(tmp_path, temporary_folder):
    (tmp_path / "feeds").write_bytes(b"")
    with pytest.raises(BuildError, match="feeds: Not a directory"), locked(tmp_path / "feeds"):
        pass
    with locked(tmp_path / "missing"):
        (name,) = os.listdir(temporary_folder)
    for place in (Path.mkdir, os.mkfifo):
        place(temporary_folder / name)
        with pytest.raises(BuildError, match="not a regular file"), locked(tmp_path / "missing"):
            pass
        os.system(f"rm -r {temporary_folder / name}")
    (temporary_folder / name).symlink_to(tmp_path / "feeds")
    with pytest.raises(BuildError, match="cannot be locked"), locked(tmp_path / "missing"):
        pass


def test_a_folder_that_another_build_has_locked_is_not_adopted(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with locked(tmp_path / "feeds") as lock:
        hidden = tmp_path / "hidden"
        hidden.mkdir()
        theirs = os.open(hidden, os.O_RDONLY)
        try:
            fcntl.flock(theirs, fcntl.LOCK_EX)
            with pytest.raises(BlockingIOError):
                lock.adopt(hidden)
            fcntl.flock(theirs, fcntl.LOCK_UN)
            lock.adopt(hidden)
        finally:
            os.close(theirs)
