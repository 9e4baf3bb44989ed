"""A worker: a forked process that answers what it is asked, each message behind its length."""

from __future__ import annotations

import gc
import os
import struct
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from select import select
from typing import NoReturn

from topicast.catalog.store import DAMAGE, Spoilt
from topicast.engines.forked import Forked
from topicast.problems import BuildError, ConfigError

_PIPE_BYTES = 1024 * 1024
_LENGTH = struct.Struct("<I")
_DONE, _REFUSED, _SPOILT, _FAILED = b"d", b"r", b"s", b"f"


class Worker:
    """One forked process, with a pipe each way. It shares what its maker knows by now."""

    def __init__(
        self, answer: Callable[[bytes], bytes], idle: Callable[[], None] = lambda: None
    ) -> None:
        """``answer`` is what it does, and ``idle`` what it does once, when nothing is asked."""
        self._process = Forked(partial(_serve, answer, idle))
        self.pid, self.answers = self._process.pid, self._process.answers
        _widen(self.answers)
        self._asked: list[str] = []

    def send(self, message: bytes, what: str) -> None:
        self._asked.append(what)
        try:
            _write(self._process.questions, message)
        except BrokenPipeError:
            self._died()

    def receive(self) -> bytes:
        message = _read(self.answers)
        if message is None:
            self._died()
        self._asked.pop(0)
        if message[:1] == _REFUSED:
            raise ConfigError(message[1:].decode())
        if message[:1] == _SPOILT:
            raise Spoilt
        if message[:1] == _FAILED:
            raise RuntimeError(f"a worker failed:\n{message[1:].decode()}")
        return message[1:]

    def end(self) -> None:
        self._process.end()

    def _died(self) -> NoReturn:
        what = self._asked[0] if self._asked else "nothing"
        raise BuildError(
            f"a worker process ended while it was at {what}: killed, or out of memory; "
            "the old feeds stand; try --jobs 1, or give it more memory"
        )


def _serve(
    answer: Callable[[bytes], bytes], idle: Callable[[], None], questions: int, answers: int
) -> NoReturn:
    """The life of a worker. It ends when its questions end, or with the process that asks."""
    gc.disable()
    code = 0
    rested = False
    try:
        while (message := _read(questions)) is not None:
            _write(answers, _DONE + answer(message))
            if not rested and not select([questions], [], [], 0)[0]:
                rested = True  # after the reading, for one
                idle()
    except BrokenPipeError:
        code = 1
    except ConfigError as error:  # a template of the publisher's
        _write(answers, _REFUSED + str(error).encode())
        code = 1
    except DAMAGE:
        _write(answers, _SPOILT)
        code = 1
    except BaseException:
        # What no one expected: the traceback goes to the one who can show it.
        _write(answers, _FAILED + traceback.format_exc().encode())
        code = 1
    finally:
        os._exit(code)


def _widen(pipe: int) -> None:
    """Let a pipe hold a whole answer, so that a worker goes on while its last one waits."""
    with suppress(ImportError, AttributeError, OSError):  # only Linux can, up to a limit of its own
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write(descriptor: int, message: bytes) -> None:
    rest = memoryview(_LENGTH.pack(len(message)) + message)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int) -> bytes | None:
    """The next message; None where the other end is gone."""
    head = _exactly(descriptor, _LENGTH.size)
    return None if head is None else _exactly(descriptor, _LENGTH.unpack(head)[0])


def _exactly(descriptor: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(descriptor, size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
