"""``topicast schema``: the JSON Schema of a record."""

from __future__ import annotations

import click

from topicast.cli import options
from topicast.report import as_json


@click.command("schema", short_help="Print the JSON Schema of a record.")
@options.config
def command(config: str | None) -> None:
    """Print the JSON Schema of a record, for editors and other programs.

    Where [fields] of the configuration has other names for fields, the schema has them too.
    """
    from topicast.configfile import load_config
    from topicast.records.dialects import Dialect
    from topicast.records.schema import json_schema

    names = Dialect.of(load_config(config)).names
    click.echo(as_json(json_schema(names)), nl=False)
