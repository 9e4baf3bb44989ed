"""The engine in worker processes: they read, parse and render; this process only stores.

Workers are forked when there is enough to do, so they share what is imported by then. Each has a
pipe to it and one from it. Messages are msgpack behind their length. So that no two ends wait for
each other, a worker is sent no more than fits a pipe while it may be writing.
"""

from __future__ import annotations

import gc
import os
import selectors
import struct
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from select import select
from typing import NoReturn, TypeVar

import msgspec

from topicast.catalog.rows import FileRows
from topicast.engines.engine import Task
from topicast.engines.forked import Forked
from topicast.engines.local import LOT, LocalEngine, read_task
from topicast.engines.work import Rendered, Unrendered, Work, prepare, render
from topicast.problems import BuildError, ConfigError

T = TypeVar("T")

FEW_FILES = 400  # fewer are read faster than workers are started
FEW_ITEMS = 300
_PIPE_BYTES = 1024 * 1024
_LENGTH = struct.Struct("<I")


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
        for task, answer in self._ask(requests, in_flight=2):
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
        for _, answer in self._ask(requests, in_flight=1):
            yield from _decode_rendered(answer)

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _ask(
        self, requests: Iterator[tuple[T, Request, str]], in_flight: int
    ) -> Iterator[tuple[T, bytes]]:
        """Each request's mark with the answer, as they come."""
        if not self._workers:
            self._workers = [_Worker(self._work) for _ in range(self._jobs)]
        with selectors.DefaultSelector() as selector:
            waiting: dict[int, list[T]] = {}
            for worker in self._workers:
                selector.register(worker.answers, selectors.EVENT_READ, worker)
                waiting[worker.pid] = []
                self._feed(worker, requests, waiting[worker.pid], in_flight)
            while any(waiting.values()):
                for key, _ in selector.select():
                    worker = key.data
                    marks = waiting[worker.pid]
                    if not marks:
                        selector.unregister(worker.answers)  # idle, or gone: either is readable
                        continue
                    answer = worker.receive()
                    mark = marks.pop(0)
                    self._feed(worker, requests, marks, in_flight)
                    yield mark, answer

    def _feed(
        self,
        worker: _Worker,
        requests: Iterator[tuple[T, Request, str]],
        marks: list[T],
        in_flight: int,
    ) -> None:
        while len(marks) < in_flight:
            following = next(requests, None)
            if following is None:
                return
            mark, request, what = following
            worker.send(_encode(request), what)
            marks.append(mark)


class _Worker:
    """One forked process, with a pipe each way."""

    def __init__(self, work: Work) -> None:
        self._process = Forked(partial(_serve, work))
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


_DONE, _REFUSED, _FAILED = b"d", b"r", b"f"


def _serve(work: Work, questions: int, answers: int) -> NoReturn:
    """The life of a worker. It ends when its questions end, or with the process that asks."""
    gc.disable()
    code = 0
    ready = False
    try:
        while (message := _read(questions)) is not None:
            _write(answers, _DONE + _answer(work, message))
            if not ready and not select([questions], [], [], 0)[0]:
                ready = True  # nothing is asked: after the reading, for one
                prepare()
    except BrokenPipeError:
        code = 1
    except ConfigError as error:  # a template of the publisher's
        _write(answers, _REFUSED + str(error).encode())
        code = 1
    except BaseException:
        # What no one expected: the traceback goes to the one who can show it.
        _write(answers, _FAILED + traceback.format_exc().encode())
        code = 1
    finally:
        os._exit(code)


def _answer(work: Work, message: bytes) -> bytes:
    request = _decode_request(message)
    if isinstance(request, ReadRequest):
        return _encode(read_task(work, Task(request.folder, request.files)))
    return _encode(render(work, request.items, request.formats))


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
