"""``topicast`` and ``python -m topicast``."""

from __future__ import annotations

import gc
import signal
import sys

import topicast

TYPE_CHECKING = False  # as typing has it
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def main() -> None:
    """The command line. Ends the process with the exit code of the command.

    A process that is interrupted or terminated takes back what it began, and ends with 128 and
    the number of the signal, as shells say it.
    """
    if sys.argv[1:] == ["--version"] and _said_version():
        return
    # Importing makes much and drops little: not worth a hundred searches for what is in cycles.
    # Nor is a build worth one, which takes long with all that was imported.
    gc.set_threshold(100_000)
    try:
        signal.signal(signal.SIGTERM, _terminated)
        from topicast.cli.app import app

        sys.exit(app())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    finally:
        gc.freeze()  # nor is it before the end, where all is dropped


def _said_version() -> bool:
    """Say the version, as the command line would, without loading it."""
    try:
        sys.stdout.write(f"topicast, version {topicast.__version__}\n")
        sys.stdout.flush()
    except (OSError, AttributeError):  # closed, or full: the command line knows what to do
        return False
    return True


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: what follows is the taking back
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
