"""A forked process with a pipe each way: what a worker is, and the process that lists ahead."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import NoReturn


def can_fork() -> bool:
    return hasattr(os, "fork")


class Forked:
    """The other process. It shares what is imported by now.

    ``questions`` is written to here and read there, ``answers`` the other way round.
    """

    def __init__(self, serve: Callable[[int, int], NoReturn]) -> None:
        """``serve`` is its life; it is given its ends of questions and answers.

        Raises: OSError where no more processes or files are to be had.
        """
        questions, self.questions = os.pipe()
        try:
            self.answers, answers = os.pipe()
        except OSError:
            os.close(questions)
            os.close(self.questions)
            raise
        # Told to all, as terminals and schedulers do it, these are for this process to decide.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        try:
            self.pid = os.fork()
            if self.pid == 0:
                self._close()
                serve(questions, answers)
        except OSError:
            self._close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(questions)
            os.close(answers)

    def end(self) -> None:
        self._close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def _close(self) -> None:
        os.close(self.questions)
        os.close(self.answers)
