"""``topicast`` and ``python -m topicast``."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn


def main() -> None:
    """The command line. Ends the process with the exit code of the command.

    A process that is interrupted or terminated takes back what it began, and ends with 128 and
    the number of the signal, as shells say it.
    """
    try:
        signal.signal(signal.SIGTERM, _terminated)
        from topicast.cli.app import app

        sys.exit(app())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: what follows is the taking back
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
