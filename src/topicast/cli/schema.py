"""``topicast schema``: the JSON Schema of a record."""

from __future__ import annotations

import click
import msgspec


@click.command("schema", short_help="Print the JSON Schema of a record.")
def command() -> None:
    """Print the JSON Schema of a record, for editors and other programs."""
    from topicast.records.schema import json_schema

    click.echo(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2))
