"""``topicast explain``: what became of one record, and by which rule."""

from __future__ import annotations

import click
import msgspec

from topicast.cli import options
from topicast.explaining import Explanation
from topicast.problems import one_line
from topicast.records.model import Micros
from topicast.report import as_json, in_folder, problem_fields


@click.command("explain", short_help="Say what became of one record, and why.")
@click.argument("path", type=click.Path())
@options.out_or_preview
@options.config
@options.now
@click.option("--include-unpublished", is_flag=True, help="As a preview has it.")
@options.text_or_json
def command(
    path: str,
    out: str | None,
    config: str | None,
    now: Micros,
    include_unpublished: bool,
    format: str,
) -> None:
    """Say what became of the record at PATH: its id and feeds, or why it is not in any.

    Exit codes: 0 said; 1 the records cannot be read; 2 wrong usage or configuration, or PATH is
    nothing in the folder of records.
    """
    from topicast.explaining import explain
    from topicast.job import Options, make_job

    asked = Options(out=out, include_unpublished=include_unpublished, check=True, now=now)
    job = make_job(config, asked)
    told = explain(job, path, quiet=False)
    if format == "json":
        click.echo(as_json([_fields(one) for one in told]), nl=False)
        return
    for one in told:
        _say(one, job.shown_seeds, many=len(told) > 1)


def _fields(one: Explanation) -> dict[str, object]:
    problems = [problem_fields(problem) for problem in one.problems]
    places = [place._asdict() for place in one.places]
    return msgspec.structs.asdict(one) | {"problems": problems, "places": places}


def _say(one: Explanation, folder: str, *, many: bool) -> None:
    item = f" ({one.item + 1})" if many and one.item is not None else ""
    click.echo(f"{folder}/{one_line(one.path)}{item}: {one.standing}: {one.reason}")
    for name, value in (("id", one.id), ("published", one.published), ("expires", one.until)):
        if value:
            click.echo(f"  {name}: {value}")
    for place in one.places:
        window = "" if place.printed else ", beyond its newest entries, so not printed"
        click.echo(f"  in {place.feed}: {place.place} of {place.entries}{window}")
    for problem in one.problems:
        click.echo(f"  {problem.level}: {in_folder(problem, folder)}")
