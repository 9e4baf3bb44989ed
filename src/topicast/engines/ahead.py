"""Folders are listed in a second process too, while this one compares what it found.

The second one only looks and tells. What is not usual there (a problem, an error, its own end) is
looked at here again, so that one process alone decides and words what is wrong.
"""

from __future__ import annotations

import gc
import marshal
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import BinaryIO, NoReturn

from topicast.engines.forked import Forked, can_fork
from topicast.records.listing import Folder, Listed, Lister, Place, list_folder

FEW_FILES = 4000  # fewer are looked at faster than a process is started
_IN_FLIGHT = 8  # questions: so few fit a pipe, and neither process can wait for the other
_LOOK_AHEAD = 16  # folders; their lists are held until their turn comes


@contextmanager
def lister(place: Place, jobs: int, files: int) -> Iterator[Lister]:
    """What lists the folders of ``place``, in one process or two; ``files`` is how many to expect.

    A process that has threads is not forked: what they hold would be held for ever in the other.
    """
    alone = jobs < 2 or files < FEW_FILES or not can_fork()
    helper = None if alone or threading.active_count() > 1 else _started(place)
    if helper is None:
        yield partial(_list_here, place)
        return
    try:
        yield helper.listed
    finally:
        helper.end()


def _started(place: Place) -> _Helper | None:
    with suppress(OSError):  # no more processes or files to be had: this one does it all
        return _Helper(place)
    return None


def _list_here(place: Place, path: str, following: Sequence[str]) -> Listed:
    return list_folder(place, path)


class _Helper:
    """The second process. It lists every other one of the folders that follow."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._asked: deque[str] = deque()  # in the order in which it answers
        self._told: dict[str, Listed | None] = {}
        self._process = Forked(partial(_serve, place))
        self._answers = open(self._process.answers, "rb", closefd=False)  # noqa: SIM115

    def listed(self, path: str, following: Sequence[str]) -> Listed:
        ours = path not in self._asked and path not in self._told
        self._ask(following, ours)
        while not ours and path not in self._told:
            self._told[self._asked.popleft()] = self._answer()
        return self._told.pop(path, None) or list_folder(self._place, path)

    def end(self) -> None:
        self._process.end()

    def _ask(self, following: Sequence[str], ours: bool) -> None:
        """Ask for every other folder of those that follow; ``ours`` says who lists the present."""
        for path in islice(reversed(following), _LOOK_AHEAD):
            if path in self._asked or path in self._told:
                ours = False
            elif not ours:
                ours = True
            elif len(self._asked) < _IN_FLIGHT:
                self._asked.append(path)
                ours = False
                with suppress(BrokenPipeError):  # it was killed: there will be no answer
                    os.write(self._process.questions, marshal.dumps(path))

    def _answer(self) -> Listed | None:
        try:
            path, names, stamps, folders = marshal.load(self._answers)  # noqa: S302 - we wrote it
        except (EOFError, ValueError, TypeError):  # no answer, or half of one
            return None
        return Listed(Folder(path, names.split("\0") if names else [], {}, stamps), folders)


def _serve(place: Place, questions: int, answers: int) -> NoReturn:
    """The life of the second process. It ends when its questions end."""
    gc.disable()
    with suppress(BaseException), open(questions, "rb") as asked, open(answers, "wb") as told:
        while True:
            _tell(place, marshal.load(asked), told)  # noqa: S302 - we wrote it
    os._exit(0)


def _tell(place: Place, path: str, told: BinaryIO) -> None:
    answer = None
    with suppress(Exception):
        folder, folders = list_folder(place, path)
        if not folder.problems:
            answer = path, "\0".join(folder.names), folder.stamps, folders
    marshal.dump(answer, told)
    told.flush()
