"""``topicast build``: records in, feeds out."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import click

from topicast.cli import options
from topicast.cli.apart import InTreeError, check_apart, check_places
from topicast.problems import BuildError, TopicastError, printable
from topicast.records.model import Micros
from topicast.report import Printer, failure_json


@click.command("build", short_help="Read the records and write the feed tree.")
@options.seeds
@options.out_or_preview
@options.config
@click.option(
    "--base-url", metavar="URL", help="The address of the tree, over the configuration's."
)
@click.option(
    "--include-unpublished",
    is_flag=True,
    help="Show unpublished records too, in a tree of their own: for your eyes only.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if anything would change.")
@click.option("--full", is_flag=True, help="Read everything anew.")
@click.option("--strict", is_flag=True, help="One bad record: exit 1, nothing written.")
@click.option(
    "--force", is_flag=True, help="Replace files that are in the way, and accept new ids."
)
@click.option("--allow-shrink", is_flag=True, help="Build though most of the records are gone.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 256),
    help="Worker processes for large builds; 1 is none.  [default: the cores it may use]",
)
@options.now
@click.option(
    "--wait",
    metavar="DURATION",
    default="0s",
    show_default=True,
    help="How long another build of the same tree may take.",
)
@click.option("--report", metavar="FILE", help="Write a JSON report to FILE; - is stdout.")
@click.option("--metrics", metavar="FILE", help="Write a Prometheus text file of this run.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Name every file written or removed, and who parsed the records.",
)
def command(
    seeds: str | None,
    out: str | None,
    config: str | None,
    base_url: str | None,
    include_unpublished: bool,
    check: bool,
    full: bool,
    strict: bool,
    force: bool,
    allow_shrink: bool,
    jobs: int | None,
    now: Micros,
    wait: str,
    report: str | None,
    metrics: str | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Read the records in SEEDS (default: seeds) and write the feed tree.

    Exit codes: 0 built; 1 failed, the old feeds stand as they were (or --check found a
    difference); 2 wrong usage or configuration; 3 built, but some records were set aside.
    """
    from topicast.job import Options, make_job
    from topicast.recipe import run
    from topicast.running.metrics import check_metrics, write_metrics

    started = time.monotonic()
    asked = Options(
        seeds=seeds,
        out=out,
        base_url=base_url,
        include_unpublished=include_unpublished,
        check=check,
        full=full,
        strict=strict,
        force=force,
        allow_shrink=allow_shrink,
        jobs=jobs or 0,
        now=now,
    )
    check_places({"--report": report, "--metrics": metrics})
    check_metrics(metrics)
    try:
        job = make_job(config, asked)
        check_apart(job.out, {"--report": report, "--metrics": metrics})
        done = run(job, quiet=quiet, wait=options.duration("--wait", wait))
    except InTreeError:
        raise
    except (TopicastError, OSError) as error:
        with suppress(BuildError):  # what ended the build matters more
            if metrics is not None:
                write_metrics(metrics, None, time.monotonic() - started)
            if report is not None:
                _write(
                    report, failure_json(printable(str(error)), getattr(error, "exit_code", 1), now)
                )
        raise
    Printer(-1 if quiet else int(verbose)).report(done, job.shown_seeds)
    if report is not None:
        _write(report, done.to_json())
    if metrics is not None:
        write_metrics(metrics, done, done.seconds)
    return done.exit_code


def _write(file: str, report: bytes) -> None:
    if file == "-":
        click.echo(report, nl=False)
        return
    try:
        Path(file).write_bytes(report)
    except OSError as error:
        raise BuildError(
            f"{printable(file)}: the report cannot be written: {error.strerror};"
            " all else that was asked for is done"
        ) from None
