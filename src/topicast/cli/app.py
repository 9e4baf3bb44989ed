"""Registers the commands. Each is imported only when it is called: start-up is part of a build."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

import topicast
from topicast.problems import TopicastError, system_words
from topicast.report import Printer

COMMANDS = (
    "init",
    "build",
    "lint",
    "explain",
    "topics",
    "watch",
    "schedule",
    "ping",
    "schema",
)

EXTRAS = {  # the module that is missing where the extra is not installed
    "apscheduler": "schedule",
    "httpx": "hubs",
    "prometheus_client": "metrics",
    "watchfiles": "watch",
}


class Commands(click.Group):
    """The group of all commands, each in the module of its name."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"topicast.cli.{name}").command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(topicast.__version__, prog_name="topicast")
def group() -> None:
    """Turn a folder of records into RSS, Atom and JSON feeds, one set per topic."""


def app(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code. An error is one line, never a traceback."""
    _open_what_is_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8
    try:
        return _called(arguments)
    finally:
        try:
            sys.stderr.flush()
        except OSError:  # Python would try again, and end with a code of its own
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _open_what_is_closed() -> None:
    """Let the descriptors 0 to 2 be open: the next file would be one of them, and written into."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", errors="backslashreplace", closefd=False)


def _called(arguments: Sequence[str] | None) -> int:
    try:
        code = group.main(arguments, prog_name="topicast", standalone_mode=False)
        if sys.stdout is not None:  # whoever started us may have closed it
            sys.stdout.flush()
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        Printer().error(f"this needs {error.name}; run pip install 'topicast[{extra}]'")
        return 2
    except TopicastError as error:
        Printer().error(str(error))
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away; what was to be written to disk has been.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        Printer().error(f"{system_words(error)}; check it, then try again")
        return 1
    return code if isinstance(code, int) else 0
