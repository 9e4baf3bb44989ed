"""``topicast watch``: builds when records change."""

from __future__ import annotations

import click

from topicast.cli import options
from topicast.cli.running import job_maker, log_format, metrics
from topicast.clock import current
from topicast.report import Printer


@click.command("watch")
@options.seeds
@options.out
@options.config
@click.option("--include-unpublished", is_flag=True, help="Build the preview, not the feeds.")
@log_format
@metrics
def command(
    seeds: str | None,
    out: str | None,
    config: str | None,
    include_unpublished: bool,
    log_format: str,
    metrics: str | None,
) -> int:
    """Build SEEDS (default: seeds) at start and whenever a record changes.

    Changes of the configuration and of the taxonomy count too. Ctrl-C ends it.
    """
    from topicast.running.runs import Runs
    from topicast.running.watcher import watch

    make = job_maker(seeds, out, config, include_unpublished)
    runs = Runs(make, Printer(), json_lines=log_format == "json", metrics=metrics)
    return watch(runs, make(current(None, {})))
