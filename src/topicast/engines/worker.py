"""A worker: a forked process that answers what it is asked."""

from __future__ import annotations

import gc
import os
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NoReturn, TypeAlias

from topicast.catalog.store import DAMAGE, Spoilt
from topicast.engines import pipes
from topicast.engines.forked import Forked
from topicast.problems import BuildError, ConfigError

_ASKED, _DONE, _REFUSED, _STOPPED, _SPOILT, _FAILED = b"a", b"d", b"r", b"b", b"s", b"f"


Answer: TypeAlias = Callable[[bytes | bytearray], bytes]
"""What a worker does: of a question, the answer."""


class Worker:
    """One forked process, with a pipe each way. It shares what its maker knows by now."""

    def __init__(self, answer: Answer) -> None:
        self._process = Forked(partial(_serve, answer))
        self.pid, self.answers = self._process.pid, self._process.answers
        pipes.widen(self.answers)  # so that it goes on while its last answer waits here
        self._room = pipes.widen(self._process.questions)
        self._asked: deque[tuple[str, int]] = deque()  # what, and the size of the message
        self._unsent: deque[tuple[str, bytes]] = deque()

    def send(self, message: bytes, what: str) -> None:
        self._unsent.append((what, message))
        self._send_on()

    def receive(self) -> bytearray:
        answer = pipes.read(self.answers)
        if answer is None:
            self._died()
        self._asked.popleft()
        kind, message = answer
        if kind == _REFUSED:
            raise ConfigError(message.decode())
        if kind == _STOPPED:
            raise BuildError(message.decode())
        if kind == _SPOILT:
            raise Spoilt
        if kind == _FAILED:
            raise RuntimeError(f"a worker failed:\n{message.decode()}")
        self._send_on()
        return message

    def end(self) -> None:
        self._process.end()

    def _send_on(self) -> None:
        """Send what waits here, as far as it fits the pipe; to one that is not writing, anyhow."""
        while self._unsent:
            what, message = self._unsent[0]
            if self._asked and len(message) + sum(size for _, size in self._asked) > self._room:
                return
            self._unsent.popleft()
            self._asked.append((what, len(message)))
            with suppress(BrokenPipeError):  # why it is gone, its last answer says, or that it ends
                pipes.write(self._process.questions, _ASKED, message)

    def _died(self) -> NoReturn:
        what = self._asked[0][0] if self._asked else "nothing"
        raise BuildError(
            f"a worker process ended while it was at {what}: killed, or out of memory; "
            "the old feeds stand; try --jobs 1, or give it more memory"
        )


def _serve(answer: Answer, questions: int, answers: int) -> NoReturn:
    """The life of a worker. It ends when its questions end, or with the process that asks."""
    gc.disable()
    code = 0
    try:
        while (question := pipes.read(questions)) is not None:
            pipes.write(answers, _DONE, answer(question[1]))
    except BrokenPipeError:
        code = 1
    except ConfigError as error:  # a template of the publisher's
        pipes.write(answers, _REFUSED, str(error).encode())
        code = 1
    except BuildError as error:
        pipes.write(answers, _STOPPED, str(error).encode())
        code = 1
    except DAMAGE:
        pipes.write(answers, _SPOILT, b"")
        code = 1
    except BaseException:
        # What no one expected: the traceback goes to the one who can show it.
        pipes.write(answers, _FAILED, traceback.format_exc().encode())
        code = 1
    finally:
        os._exit(code)
