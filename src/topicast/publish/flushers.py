"""Threads that write files beside their targets, and let them take their places.

The time goes into waiting for the disk and for the system.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread

from topicast.publish.plan import Stat
from topicast.publish.temporary import flush, temporary, write

_THREADS = 16
_WAITING = 32  # files that are composed and not begun yet: more would only use memory
FEW_RENAMES = 2000  # fewer are done before a second thread is worth it


class Flushers:
    """Writes each file ``put`` beside its target and flushes it, while its caller goes on."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[str, bytes | Stat] | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._stats: dict[str, Stat] = {}
        self._failure: BaseException | None = None
        self._stopped = False

    def put(self, target: str, data: bytes | Stat) -> None:
        """``data``, or the stat of what is written there already, but not flushed.

        :raises OSError: one put before could not be written; ``filename`` names it.
        """
        self._tell()
        if len(self._threads) < _THREADS:
            self._start()
        if self._threads and self._queue.qsize() < _WAITING:
            self._queue.put((target, data))
        else:
            self._write(target, data)

    def finish(self) -> dict[str, Stat]:
        """Wait for all of them.

        :returns: by target, the stat that it will have when it has been renamed there.
        :raises OSError: one could not be written; ``filename`` names it. Others may have been.
        """
        self._join()
        self._tell()
        return self._stats

    def stop(self) -> None:
        """Write nothing more; nobody is writing when this returns."""
        self._stopped = True
        try:
            while True:
                self._queue.get_nowait()
        except Empty:
            self._join()

    def _start(self) -> None:
        thread = Thread(target=self._work, daemon=True)
        self._threads.append(thread)  # first: an interrupt may come between the two
        try:
            thread.start()
        except RuntimeError:  # no more threads to be had: those there are do it
            self._threads.remove(thread)

    def _work(self) -> None:
        while (file := self._queue.get()) is not None:
            if self._failure is None and not self._stopped:
                self._write(*file)

    def _write(self, target: str, data: bytes | Stat) -> None:
        try:
            if isinstance(data, tuple):
                flush(target)
                self._stats[target] = data
            else:
                self._stats[target] = write(target, data)
        except BaseException as exc:  # told by the one who puts and finishes
            self._failure = exc

    def _join(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            if thread.ident is not None:  # an interrupt may have come before it began
                thread.join()

    def _tell(self) -> None:
        if self._failure is not None:
            raise self._failure


def take_places(targets: Sequence[str]) -> None:
    """Rename what was written beside each target to it: the first one first, then in any order.

    :raises OSError: one could not be renamed; others may have been, or not.
    """
    stopped = Event()
    _rename(targets[:1], stopped)
    others = targets[1:]
    if len(others) < FEW_RENAMES:
        _rename(others, stopped)
        return
    from concurrent.futures import ThreadPoolExecutor  # late: few trees are large

    half = len(others) // 2
    with ThreadPoolExecutor(1) as pool:  # waited for: nothing moves when a failure is told
        try:
            helper = pool.submit(_rename, others[half:], stopped)
        except RuntimeError:  # no more threads to be had
            _rename(others, stopped)
            return
        try:
            _rename(others[:half], stopped)
        except BaseException:
            stopped.set()
            raise
        helper.result()


def _rename(targets: Sequence[str], stopped: Event) -> None:
    for target in targets:
        if stopped.is_set():
            return
        os.replace(temporary(target), target)
