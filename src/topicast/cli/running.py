"""What ``schedule`` and ``watch`` have in common."""

from __future__ import annotations

from collections.abc import Callable

import click

from topicast.cli.apart import check_apart, check_places
from topicast.config import Config
from topicast.job import Job, Options, make_job
from topicast.problems import ConfigError
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
    """Makes the job of a run at a time: the configuration may change between two runs.

    One that is lost in between, or half written, is no configuration: all addresses would change.
    """
    first: Config | None = None

    def make(now: int) -> Job:
        nonlocal first
        asked = Options(seeds=seeds, out=out, include_unpublished=include_unpublished, now=now)
        job = make_job(config, asked)
        first = first or job.config
        _refuse_lost(first, job.config)
        return job

    return make


def _refuse_lost(first: Config, now: Config) -> None:
    """Raises: ConfigError where the file is gone, or names no ``base_url`` any more."""
    if first.file and not now.file:
        raise ConfigError(f"{first.file}: is gone; put it back")
    if first.site.base_url and not now.site.base_url:
        raise ConfigError(
            f"{now.file}: [site] base_url is gone, and all addresses would change; put it back, or"
            " start anew"
        )


def runs_of(make: Callable[[int], Job], first: Job, log_format: str, metrics: str | None) -> Runs:
    """The runs of a command. ``first`` is a job of ``make``, to see what it needs.

    Raises: ConfigError where the metrics cannot be written, ModuleNotFoundError where an extra is
    not installed.
    """
    check_places({"--metrics": metrics})
    check_metrics(metrics)
    check_apart(first.out, {"--metrics": metrics})
    if first.config.websub.hubs or first.config.schedule.ping_url:
        import httpx  # noqa: F401
    return Runs(make, Log(Printer(), json_lines=log_format == "json"), metrics=metrics)
