"""Builds in a process of their own that is killed, starved or interrupted on its way."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

import topicast.__main__
from topicast.catalog import store
from topicast.cli.app import app

CALLS = ("open", "write", "fsync", "mkdir", "rename", "replace", "unlink", "rmdir")


class Ended(NamedTuple):
    """How a process ended: its exit code (``-9`` where it was killed) and what it said."""

    code: int
    stderr: str


class Child:
    """A forked process that runs ``work``; the libraries are loaded in it already."""

    def __init__(self, log: Path, work: Callable[[], int]) -> None:
        self._log = log
        ready, begun = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _live(log, work, begun)
        os.close(begun)
        os.read(ready, 1)
        os.close(ready)

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def wait(self) -> Ended:
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return Ended(code, self._log.read_text("utf-8") if self._log.exists() else "")


def _live(log: Path, work: Callable[[], int], begun: int) -> NoReturn:
    code = 70
    # A signal that comes while coverage holds its lock would leave it locked for ever.
    sys.settrace(None)
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is a program to interrupt
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout, sys.stderr = open(1, "w"), open(2, "w")  # noqa: SIM115
        os.close(begun)
        code = work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stderr.flush()
        finally:  # whatever happens: the tests must not go on in this process
            os._exit(code)


def arguments(root: Path) -> list[str]:
    """Of ``topicast build`` for the site in ``root``, at the time of the tests."""
    return ["build", "--config", str(root / "topicast.toml"), "--now", "2026-01-01T00:00:00Z"]


def command(root: Path, *more: str) -> Callable[[], int]:
    """``topicast build`` of the site in ``root``."""
    return lambda: app([*arguments(root), *more])


def killed_at(step: int, work: Callable[[], int]) -> Callable[[], int]:
    """``work``, killed just before its ``step``-th change to the disk, or half way through it."""

    def run() -> int:
        lock, patch = threading.Lock(), pytest.MonkeyPatch()
        count = 0

        def wrap(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **keywords: Any) -> Any:
                nonlocal count
                if name != "open" or args[1] & os.O_CREAT:
                    with lock:
                        count += 1
                        if count == step:
                            if name == "write":
                                real(args[0], args[1][: len(args[1]) // 2])
                            os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **keywords)

            return call

        for name in CALLS:
            patch.setattr(os, name, wrap(name, getattr(os, name)))
        return work()

    return run


def killed_in_transaction(point: str, limit: int, work: Callable[[], int]) -> Callable[[], int]:
    """``work``, killed in ``store.commit`` or ``store.secure``.

    That is where a file grows over ``limit`` bytes; before it where that is 0, else after it.
    """

    def run() -> int:
        real = getattr(store, point)

        def call(opened: store.Opened) -> None:
            if limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                real(opened)
            os.kill(os.getpid(), signal.SIGKILL)

        pytest.MonkeyPatch().setattr(store, point, call)
        return work()

    return run


def limited(size: int, work: Callable[[], int]) -> Callable[[], int]:
    """``work``, with no file that grows over ``size`` bytes: a full disk that needs no mount."""

    def run() -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return work()

    return run


def unprivileged(work: Callable[[], int]) -> Callable[[], int]:
    """``work``, held to the permissions of files even where it is root's."""

    def run() -> int:
        if os.geteuid() == 0:
            header = struct.pack("Ii", 0x20080522, 0)  # capabilities of this process: none
            if ctypes.CDLL(None, use_errno=True).capset(header, bytes(24)):
                raise OSError(ctypes.get_errno(), "capset")
        return work()

    return run


def process(root: Path, *more: str) -> Callable[[], int]:
    """The same from the entry of the process on, signals and all."""

    def run() -> int:
        sys.argv = ["topicast", *arguments(root), *more]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        topicast.__main__.main()
        return 70  # it never returns

    return run
