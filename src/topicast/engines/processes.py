"""The engine in worker processes: they read, render and compose; this process stores.

Those that compose write their files too, and this process flushes them.

Workers are forked when there is enough to do, so they share what is known by then: those that
compose are others than those that read and render. Each has a pipe to it and one from it. Messages
are msgpack. A worker is asked the next thing while it is at one, so that it need not wait for this
process; but so that no two ends wait for each other, it is sent no more than fits a pipe while it
may be writing.
"""

from __future__ import annotations

import selectors
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import chain, islice
from typing import TypeVar

import msgspec

from topicast.catalog.rows import FileRows
from topicast.catalog.store import open_shared
from topicast.engines.engine import Files, Place, Task, composed
from topicast.engines.local import LOT, LocalEngine, read_task
from topicast.engines.work import Rendered, Unrendered, Work, prepare, render
from topicast.engines.worker import Answer, Worker
from topicast.publish.plan import Composed

T = TypeVar("T")

FEW_FILES = 400  # fewer are read faster than workers are started
FEW_ITEMS = 300
FEW_FEEDS = 400
_IN_FLIGHT = 4  # requests to a worker: the one that it is at, and some while this one stores


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
_decode_number = msgspec.msgpack.Decoder(int).decode
_decode_composed = msgspec.msgpack.Decoder(list[Composed]).decode


class ProcessEngine:
    """Does its work in ``jobs`` forked workers; few files, entries or feeds are done right here."""

    def __init__(self, work: Work, jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._local = LocalEngine(work)
        self._workers: list[Worker] = []

    def read(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[FileRows]]]:
        stream = iter(tasks)
        first: list[Task] = []
        files = 0
        for task in stream:
            first.append(task)
            files += len(task.files)
            if files > FEW_FILES:
                break
        if files <= FEW_FILES or not self._begin():
            yield from self._local.read(chain(first, stream))
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
        whole = chain(first, stream)
        if len(first) <= FEW_ITEMS or not self._begin():
            yield from self._local.render(whole, formats)
            return
        batches = iter(lambda: list(islice(whole, LOT)), [])
        requests = (
            (None, RenderRequest(batch, list(formats)), "the rendering of entries")
            for batch in batches
        )
        for _, answer in self._ask(requests):
            yield from _decode_rendered(answer)

    def compose(
        self, files: Sequence[Files], db: sqlite3.Connection, share: Callable[[], str], place: Place
    ) -> Iterator[Composed]:
        shared = share() if len(files) > FEW_FEEDS else ""
        if not (shared and self._start(_composer(files, shared, place))):
            yield from self._local.compose(files, db, share, place)
            return
        try:
            requests = ((None, number, "the composing of feeds") for number in range(len(files)))
            for _, answer in self._ask(requests):
                yield from _decode_composed(answer)
        finally:
            self.close()  # nor may they look at a catalog that changes again

    def close(self) -> None:
        """End the workers."""
        while self._workers:  # none twice, whenever an interrupt comes
            self._workers.pop().end()

    def _begin(self) -> bool:
        """Whether there are workers that read and render."""
        if self._workers:
            return True
        prepare()  # here, for all of them: each would take as long
        return self._start(partial(_answer, self._work))

    def _start(self, answer: Answer) -> bool:
        """Start workers, as many as are wanted and can be had; whether there is any.

        Those that there were end: they know nothing of what is to be answered now.
        """
        self.close()
        with suppress(OSError):  # no more processes or files
            while len(self._workers) < self._jobs:
                self._workers.append(Worker(answer))
        return bool(self._workers)

    def _ask(
        self, requests: Iterator[tuple[T, Request | int, str]]
    ) -> Iterator[tuple[T, bytearray]]:
        """Each request's mark with the answer, as they come."""
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
        self, worker: Worker, requests: Iterator[tuple[T, Request | int, str]], marks: list[T]
    ) -> None:
        for mark, request, what in islice(requests, _IN_FLIGHT - len(marks)):
            worker.send(_encode(request), what)
            marks.append(mark)


def _answer(work: Work, message: bytes | bytearray) -> bytes:
    request = _decode_request(message)
    if isinstance(request, ReadRequest):
        return _encode(read_task(work, Task(request.folder, request.files)))
    return _encode(render(work, request.items, request.formats))


def _composer(files: Sequence[Files], shared: str, place: Place) -> Answer:
    """What a worker answers that composes, when it is told which of ``files``."""
    catalog = cache(partial(open_shared, shared))  # in the worker: no connection outlives a fork

    def answer(message: bytes | bytearray) -> bytes:
        return _encode([*map(place, composed(files[_decode_number(message)], catalog()))])

    return answer
