"""``topicast watch``: builds when records change."""

from __future__ import annotations

import click

from topicast.cli import options
from topicast.cli.running import job_maker, log_format, metrics, runs_of
from topicast.clock import current


@click.command("watch", short_help="Build at start, and whenever a record changes.")
@options.seeds
@options.out_or_preview
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
    from topicast.running.watcher import watch

    make = job_maker(seeds, out, config, include_unpublished)
    job = make(current(None, {}))
    return watch(runs_of(make, job, log_format, metrics), job, metrics)
