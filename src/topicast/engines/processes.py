"""The engine in worker processes: they read, parse and render; this process only stores.

Workers are forked when there is enough to do, so they share what is imported by then. Each has a
pipe to it and one from it. Messages are msgpack. A worker is asked the next thing while it is at
one, so that it need not wait for this process; but so that no two ends wait for each other, it is
sent no more than fits a pipe while it may be writing.
"""

from __future__ import annotations

import gc
import os
import selectors
import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import NoReturn, TypeVar

import msgspec

from topicast.catalog.rows import FileRows
from topicast.engines import pipes
from topicast.engines.engine import Task
from topicast.engines.forked import Forked
from topicast.engines.local import LOT, LocalEngine, read_task
from topicast.engines.work import Rendered, Unrendered, Work, prepare, render
from topicast.problems import BuildError, ConfigError

T = TypeVar("T")

FEW_FILES = 400  # fewer are read faster than workers are started
FEW_ITEMS = 300
_IN_FLIGHT = 2  # requests to a worker: the one that it is at, and the next


class Request(msgspec.Struct, array_like=True, tag=True):
    """What a worker is asked."""


class ReadRequest(Request, array_like=True, tag="read"):
    folder: str
    files: list[tuple[str, bytes]]


class RenderRequest(Request, array_like=True, tag="render"):
    items: list[Unrendered]
    formats: list[str]


_encode = msgspec.msgpack.Encoder().encode
_decode_request = msgspec.msgpack.Decoder(ReadRequest | RenderRequest).decode
_decode_rows = msgspec.msgpack.Decoder(list[FileRows]).decode
_decode_rendered = msgspec.msgpack.Decoder(list[Rendered]).decode


class ProcessEngine:
    """Reads and renders in ``jobs`` forked workers; few files or entries are done right here."""

    def __init__(self, work: Work, jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._local = LocalEngine(work)
        self._workers: list[_Worker] = []

    def read(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[FileRows]]]:
        stream = iter(tasks)
        first: list[Task] = []
        files = 0
        for task in stream:
            first.append(task)
            files += len(task.files)
            if files > FEW_FILES:
                break
        if files <= FEW_FILES:
            yield from self._local.read(first)
            return
        requests = (
            (task, ReadRequest(task.folder, task.files), f"the folder {task.folder or '.'}")
            for task in chain(first, stream)
        )
        for task, answer in self._ask(requests):
            yield task, _decode_rows(answer)

    def render(self, items: Iterable[Unrendered], formats: Sequence[str]) -> Iterator[Rendered]:
        stream = iter(items)
        first = list(islice(stream, FEW_ITEMS + 1))
        if len(first) <= FEW_ITEMS:
            yield from self._local.render(first, formats)
            return
        whole = chain(first, stream)
        batches = iter(lambda: list(islice(whole, LOT)), [])
        requests = (
            (None, RenderRequest(batch, list(formats)), "the rendering of entries")
            for batch in batches
        )
        for _, answer in self._ask(requests):
            yield from _decode_rendered(answer)

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _ask(self, requests: Iterator[tuple[T, Request, str]]) -> Iterator[tuple[T, bytes]]:
        """Each request's mark with the answer, as they come."""
        if not self._workers:
            prepare()  # here, for all of them: each would take as long
            self._workers = [_Worker(self._work) for _ in range(self._jobs)]
        with selectors.DefaultSelector() as selector:
            waiting: dict[int, list[T]] = {}
            for worker in self._workers:
                selector.register(worker.answers, selectors.EVENT_READ, worker)
                waiting[worker.pid] = []
                self._feed(worker, requests, waiting[worker.pid])
            while any(waiting.values()):
                for key, _ in selector.select():
                    worker = key.data
                    marks = waiting[worker.pid]
                    if not marks:
                        selector.unregister(worker.answers)  # idle, or gone: either is readable
                        continue
                    answer = worker.receive()
                    mark = marks.pop(0)
                    self._feed(worker, requests, marks)
                    yield mark, answer

    def _feed(
        self, worker: _Worker, requests: Iterator[tuple[T, Request, str]], marks: list[T]
    ) -> None:
        for mark, request, what in islice(requests, _IN_FLIGHT - len(marks)):
            worker.send(_encode(request), what)
            marks.append(mark)


class _Worker:
    """One forked process, with a pipe each way."""

    def __init__(self, work: Work) -> None:
        self._process = Forked(partial(_serve, work))
        self.pid, self.answers = self._process.pid, self._process.answers
        pipes.widen(self.answers)  # so that it goes on while its last answer waits here
        self._room = pipes.widen(self._process.questions)
        self._asked: deque[tuple[str, int]] = deque()  # what, and the size of the message
        self._unsent: deque[tuple[str, bytes]] = deque()

    def send(self, message: bytes, what: str) -> None:
        self._unsent.append((what, message))
        self._send_on()

    def receive(self) -> bytes:
        message = pipes.read(self.answers)
        if message is None:
            self._died()
        self._asked.popleft()
        if message[:1] == _REFUSED:
            raise ConfigError(message[1:].decode())
        if message[:1] == _FAILED:
            raise RuntimeError(f"a worker failed:\n{message[1:].decode()}")
        self._send_on()
        return message[1:]

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
                pipes.write(self._process.questions, message)

    def _died(self) -> NoReturn:
        what = self._asked[0][0] if self._asked else "nothing"
        raise BuildError(
            f"a worker process ended while it was at {what}: killed, or out of memory; "
            "the old feeds stand; try --jobs 1, or give it more memory"
        )


_DONE, _REFUSED, _FAILED = b"d", b"r", b"f"


def _serve(work: Work, questions: int, answers: int) -> NoReturn:
    """The life of a worker. It ends when its questions end, or with the process that asks."""
    gc.disable()
    code = 0
    try:
        while (message := pipes.read(questions)) is not None:
            pipes.write(answers, _DONE + _answer(work, message))
    except BrokenPipeError:
        code = 1
    except ConfigError as error:  # a template of the publisher's
        pipes.write(answers, _REFUSED + str(error).encode())
        code = 1
    except BaseException:
        # What no one expected: the traceback goes to the one who can show it.
        pipes.write(answers, _FAILED + traceback.format_exc().encode())
        code = 1
    finally:
        os._exit(code)


def _answer(work: Work, message: bytes) -> bytes:
    request = _decode_request(message)
    if isinstance(request, ReadRequest):
        return _encode(read_task(work, Task(request.folder, request.files)))
    return _encode(render(work, request.items, request.formats))
