"""``topicast topics``: the table of topics."""

from __future__ import annotations

import click

from topicast.cli import options
from topicast.records.model import Micros
from topicast.report import as_json


@click.command("topics", short_help="List the topics: address, entries, newest entry.")
@options.seeds
@options.out
@options.config
@options.now
@options.text_or_json
def command(
    seeds: str | None, out: str | None, config: str | None, now: Micros, format: str
) -> None:
    """List the topics of SEEDS (default: seeds): name, address, entries, newest entry."""
    from topicast.job import Options, make_job
    from topicast.survey import topics

    rows = topics(make_job(config, Options(seeds=seeds, out=out, check=True, now=now)), quiet=False)
    if format == "json":
        click.echo(as_json(rows), nl=False)
        return
    table = [("topic", "address", "entries", "newest")]
    table += [(row.name, row.url, str(row.entries), row.updated) for row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(3)]
    for name, address, entries, newest in table:
        click.echo(f"{name:{widths[0]}}  {address:{widths[1]}}  {entries:>{widths[2]}}  {newest}")
