"""``topicast schedule``: builds on time, unattended."""

from __future__ import annotations

import click

from topicast.cli import options
from topicast.cli.running import job_maker, log_format, metrics, runs_of
from topicast.clock import current


@click.command("schedule", short_help="Build at start, on time, and when something is due.")
@options.seeds
@options.out
@options.config
@click.option("--every", metavar="DURATION", help="Build every 15m, 60s, 2h or 1d.")
@click.option("--cron", metavar="LINE", help="Build by five fields of cron, in [site] timezone.")
@log_format
@metrics
def command(
    seeds: str | None,
    out: str | None,
    config: str | None,
    every: str | None,
    cron: str | None,
    log_format: str,
    metrics: str | None,
) -> int:
    """Build SEEDS (default: seeds) at start, on time, and when something is due.

    It also builds within a second of the end of an embargo and of the expiry of an entry. Each
    run is one line on stderr. SIGTERM lets a running build end, then stops with exit code 0.
    """
    from topicast.running.scheduler import schedule
    from topicast.running.timetable import trigger_of

    make = job_maker(seeds, out, config)
    job = make(current(None, {}))
    interval = None if every is None else options.duration("--every", every)
    trigger = trigger_of(interval, cron, job.config.site.timezone)
    return schedule(runs_of(make, job, log_format, metrics), trigger)
