"""``topicast`` and ``python -m topicast``."""

from __future__ import annotations

import sys


def main() -> None:
    """The command line. Ends the process with the exit code of the command."""
    from topicast.cli.app import app

    sys.exit(app())


if __name__ == "__main__":
    main()
