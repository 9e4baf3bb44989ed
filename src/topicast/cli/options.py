"""Options that several commands have."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from topicast.clock import current, parse_duration
from topicast.problems import ConfigError

F = TypeVar("F", bound=Callable[..., Any])

seeds = click.argument("seeds", required=False, type=click.Path())
config = click.option(
    "--config",
    metavar="FILE",
    help="The configuration.  [default: topicast.toml in the current folder, if it is there]",
)
out = click.option("--out", metavar="DIR", help="The feed tree.  [default: feeds]")
out_or_preview = click.option(
    "--out",
    metavar="DIR",
    help="The feed tree.  [default: feeds; preview with unpublished records]",
)
now = click.option(
    "--now",
    metavar="TIME",
    callback=lambda context, parameter, value: current(value, os.environ),
    help="The time that counts, such as 2026-01-31T12:00:00Z.  "
    "[default: SOURCE_DATE_EPOCH, else the clock]",
)
text_or_json = click.option(
    "--format",
    "format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the answer is written.",
)


def duration(flag: str, text: str) -> float:
    """The seconds of a flag's value. Raises: ConfigError, which names the flag."""
    try:
        return parse_duration(text)
    except ConfigError as error:
        raise ConfigError(f"{flag}: {error}") from None
