"""What ``schedule`` and ``watch`` have in common."""

from __future__ import annotations

from collections.abc import Callable

import click

from topicast.cli.apart import check_apart, check_places
from topicast.job import Job, Options, make_job
from topicast.report import Printer
from topicast.running.log import Log
from topicast.running.metrics import check_metrics
from topicast.running.runs import Runs

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


def runs_of(make: Callable[[int], Job], first: Job, log_format: str, metrics: str | None) -> Runs:
    """The runs of a command. ``first`` is a job of ``make``, to see what it needs.

    Raises: ConfigError where the metrics cannot be written, ModuleNotFoundError where an extra is
    not installed.
    """
    check_places({"--metrics": metrics})
    if metrics is not None:
        check_metrics()
    check_apart(first.out, {"--metrics": metrics})
    if first.config.websub.hubs or first.config.schedule.ping_url:
        import httpx  # noqa: F401
    return Runs(make, Log(Printer(), json_lines=log_format == "json"), metrics=metrics)
