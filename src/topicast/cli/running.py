"""What ``schedule`` and ``watch`` have in common."""

from __future__ import annotations

from collections.abc import Callable

import click

from topicast.job import Job, Options, make_job

log_format = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How each run is logged, on stderr.",
)
metrics = click.option(
    "--metrics", metavar="FILE", help="Keep a Prometheus text file of the last run."
)


def job_maker(
    seeds: str | None, out: str | None, config: str | None, include_unpublished: bool = False
) -> Callable[[int], Job]:
    """Makes the job of a run at a time: the configuration may change between two runs."""

    def make(now: int) -> Job:
        asked = Options(seeds=seeds, out=out, include_unpublished=include_unpublished, now=now)
        return make_job(config, asked)

    return make
