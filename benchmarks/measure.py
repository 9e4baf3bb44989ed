"""Runs one command and says what it cost: wall time, CPU and peak memory of all its processes.

Memory is polled from ``/proc`` (Linux only): the sum of PSS over the process tree, so that pages
which forked workers share count once. A cgroup's ``memory.peak`` is not used, since it counts the
page cache too and would charge a command for every file that it reads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PAGE = os.sysconf("SC_PAGE_SIZE")
FINE, COARSE = 0.005, 0.02  # seconds between two polls: in the first second, and later
SHARE = 0.02  # of one core, at most, for polling: it slows those who use all cores


class Cost(NamedTuple):
    """``wall`` and ``cpu`` (user and system, of all processes) in seconds, ``peak`` in bytes."""

    wall: float
    cpu: float
    peak: int
    code: int  # the exit code; negative where a signal ended it
    timed_out: bool


def tree(pid: int) -> Iterator[int]:
    """The process and its living descendants."""
    yield pid
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            children = Path(f"/proc/{pid}/task/{task}/children").read_text().split()
            for child in children:
                yield from tree(int(child))
    except OSError:  # it has ended in between
        return


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


class Watch(threading.Thread):
    """Polls the memory of a process tree until told to stop; ends the tree at its deadline."""

    def __init__(self, pid: int, timeout: float) -> None:
        super().__init__(daemon=True)
        self.pid, self.timeout = pid, timeout
        self.peak, self.timed_out = 0, False
        self.ended = threading.Event()

    def poll(self) -> None:
        pids = list(tree(self.pid))
        # PSS is dear (the kernel walks the page tables) and never above the resident size.
        if sum(map(resident, pids)) > self.peak:
            self.peak = max(self.peak, sum(map(proportional, pids)))

    def run(self) -> None:
        start = time.monotonic()
        pause = 0.0
        while not self.ended.wait(pause):
            before = time.monotonic()
            if before - start > self.timeout and not self.timed_out:
                self.timed_out = True
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
            self.poll()
            now = time.monotonic()
            usual = FINE if now - start < 1 else COARSE
            pause = max(usual, (now - before) * (1 / SHARE - 1))


def measure(command: Sequence[str], folder: Path, log: Path, timeout: float) -> Cost:
    """Runs ``command`` in ``folder``; what it prints goes to ``log``. ``timeout`` is in seconds."""
    with open(log, "wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watch = Watch(process.pid, timeout)
        watch.start()
        # Popen.wait gives no resource usage; nobody else may reap the process before this does.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    watch.ended.set()
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(wall, cpu, watch.peak, process.returncode, watch.timed_out)
