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
from typing import NoReturn, TypeAlias

from topicast.catalog.store import DAMAGE, Spoilt
from topicast.engines.forked import Forked
from topicast.problems import BuildError, ConfigError

_PIPE_BYTES = 1024 * 1024
_HEAD = struct.Struct("<Ic")  # the length of a message, and what kind it is
_ASKED, _DONE, _REFUSED, _SPOILT, _FAILED = b"a", b"d", b"r", b"s", b"f"


Answer: TypeAlias = Callable[[bytes | bytearray], bytes]
"""What a worker does: of a question, the answer."""


class Worker:
    """One forked process, with a pipe each way. It shares what its maker knows by now."""

    def __init__(self, answer: Answer, idle: Callable[[], None] = lambda: None) -> None:
        """``answer`` is what it does, and ``idle`` what it does once, when nothing is asked."""
        self._process = Forked(partial(_serve, answer, idle))
        self.pid, self.answers = self._process.pid, self._process.answers
        _widen(self.answers)
        self._asked: list[str] = []

    def send(self, message: bytes, what: str) -> None:
        self._asked.append(what)
        with suppress(BrokenPipeError):  # what it said before it ended is still to be received
            _write(self._process.questions, _ASKED, message)

    def receive(self) -> bytearray:
        answer = _read(self.answers)
        if answer is None:
            self._died()
        self._asked.pop(0)
        kind, message = answer
        if kind == _REFUSED:
            raise ConfigError(message.decode())
        if kind == _SPOILT:
            raise Spoilt
        if kind == _FAILED:
            raise RuntimeError(f"a worker failed:\n{message.decode()}")
        return message

    def end(self) -> None:
        self._process.end()

    def _died(self) -> NoReturn:
        what = self._asked[0] if self._asked else "nothing"
        raise BuildError(
            f"a worker process ended while it was at {what}: killed, or out of memory; "
            "the old feeds stand; try --jobs 1, or give it more memory"
        )


def _serve(answer: Answer, idle: Callable[[], None], questions: int, answers: int) -> NoReturn:
    """The life of a worker. It ends when its questions end, or with the process that asks."""
    gc.disable()
    code = 0
    rested = False
    try:
        while (question := _read(questions)) is not None:
            _write(answers, _DONE, answer(question[1]))
            if not rested and not select([questions], [], [], 0)[0]:
                rested = True  # after the reading, for one
                idle()
    except BrokenPipeError:
        code = 1
    except ConfigError as error:  # a template of the publisher's
        _write(answers, _REFUSED, str(error).encode())
        code = 1
    except DAMAGE:
        _write(answers, _SPOILT, b"")
        code = 1
    except BaseException:
        # What no one expected: the traceback goes to the one who can show it.
        _write(answers, _FAILED, traceback.format_exc().encode())
        code = 1
    finally:
        os._exit(code)


def _widen(pipe: int) -> None:
    """Let a pipe hold a whole answer, so that a worker goes on while its last one waits."""
    with suppress(ImportError, AttributeError, OSError):  # only Linux can, up to a limit of its own
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write(descriptor: int, kind: bytes, message: bytes) -> None:
    for part in (_HEAD.pack(len(message), kind), message):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int) -> tuple[bytes, bytearray] | None:
    """The kind of the next message and its bytes; None where the other end is gone."""
    head = _exactly(descriptor, _HEAD.size)
    if head is None:
        return None
    length, kind = _HEAD.unpack(head)
    message = _exactly(descriptor, length)
    return None if message is None else (kind, message)


def _exactly(descriptor: int, size: int) -> bytearray | None:
    """So many bytes, read to where they stay: what is composed is much to be copied."""
    message = bytearray(size)
    rest = memoryview(message)
    while rest:
        count = os.readv(descriptor, [rest])
        if not count:
            return None
        rest = rest[count:]
    return message
