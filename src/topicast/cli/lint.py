"""``topicast lint``: checks records only."""

from __future__ import annotations

import click

from topicast.cli import options
from topicast.problems import Level, Problem
from topicast.records.model import Micros
from topicast.report import Printer, as_json, in_folder, many, problem_fields


@click.command("lint", short_help="Check records only, and name every problem.")
@options.seeds
@options.config
@click.option(
    "--format",
    "format",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How problems are written; github is for annotations in its workflows.",
)
@click.option("--strict", is_flag=True, help="Exit 1 at a warning too.")
@options.now
def command(seeds: str | None, config: str | None, format: str, strict: bool, now: Micros) -> int:
    """Check the records in SEEDS (default: seeds) and name every problem; write nothing.

    Exit codes: 0 no record would be set aside; 1 one would be (with --strict: or a warning), or
    they cannot be listed; 2 wrong usage or configuration.
    """
    from topicast.job import Options, make_job
    from topicast.survey import lint_job

    job = make_job(config, Options(seeds=seeds, check=True, full=True, now=now))
    problems = lint_job(job, quiet=False)
    if format == "json":
        click.echo(as_json([problem_fields(problem) for problem in problems]), nl=False)
    for problem in problems:
        if format == "github":
            click.echo(_annotation(problem, job.shown_seeds))
        elif format == "text":
            click.echo(f"{problem.level}: {in_folder(problem, job.shown_seeds)}")
    errors = sum(problem.level is Level.ERROR for problem in problems)
    counts = f"{many(errors, 'error')}, {many(len(problems) - errors, 'warning')}"
    Printer().line(f"{job.shown_seeds}: {counts}")
    return int(bool(errors or (strict and problems)))


def _annotation(problem: Problem, folder: str) -> str:
    """A workflow command of GitHub Actions; data and properties are escaped as it wants."""
    message = f"{problem.field}: {problem.expected}; {problem.remedy}".removeprefix(": ")
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        message = message.replace(sign, code)
    path = f"{folder}/{problem.path}"
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        path = path.replace(sign, code)
    line = f",line={problem.line}" if problem.line else ""
    return f"::{problem.level} file={path}{line}::{message}"
