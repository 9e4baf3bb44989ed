"""``topicast ping``: tells WebSub hubs which feeds changed."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from topicast.cli import options
from topicast.clock import current
from topicast.problems import ConfigError, printable
from topicast.report import Printer, many


@click.command("ping", short_help="Tell the hubs which feeds changed.")
@options.out
@options.config
@click.option(
    "--report", metavar="FILE", help="The JSON report of the build that was deployed: tell of it."
)
@click.option("--live", is_flag=True, help="Wait first until the public feeds are those here.")
@click.option(
    "--wait", metavar="DURATION", default="10m", show_default=True, help="How long --live waits."
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def command(
    out: str | None,
    config: str | None,
    report: str | None,
    live: bool,
    wait: str,
    quiet: bool,
) -> int:
    """Tell the hubs of [websub] which feeds changed since they last heard.

    On a fresh clone, which remembers nothing, --report names the build; without it the hubs are
    told of every feed. Exit codes: 0 every hub has heard, or none is configured; 1 one has not,
    or the feeds are not live; 2 wrong usage.
    """
    from topicast.job import Options, make_job
    from topicast.running.hubs import tell_hubs
    from topicast.running.live import wait_until_live

    printer = Printer()
    job = make_job(config, Options(out=out, now=current(None, {})))
    seconds = options.duration("--wait", wait)
    only = None if report is None else _written(report)
    hubs = job.config.websub.hubs
    if not hubs:
        if not quiet:
            printer.line("no hub is told: [websub] hubs names none")
        return 0
    if live:
        wait_until_live(job, seconds)
    told = tell_hubs(job, only)
    for failure in told.failures:
        printer.error(failure)
    if not quiet:
        printer.line(f"{many(told.announced, 'announcement')} to {many(len(hubs), 'hub')}")
    return int(bool(told.failures))


class _Written(msgspec.Struct):
    written: list[str] | None = None  # of a build that did not fail
    check: bool = False
    preview: bool = False
    error: str = ""


def _written(file: str) -> list[str]:
    """The paths in the report of a build. Raises: ConfigError where it is none that wrote."""
    try:
        report = msgspec.json.decode(Path(file).read_bytes(), type=_Written)
    except OSError as error:
        raise ConfigError(
            f"{printable(file)}: cannot be read: {error.strerror}; check --report"
        ) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        report = _Written()
    if report.check:
        fault = "is of a build with --check, which wrote nothing"
    elif report.preview:
        fault = "is of a preview, of which nobody is told"
    elif report.error:
        fault = "is of a build that failed, and wrote nothing"
    elif report.written is None:
        fault = "is no report of a build"
    else:
        return report.written
    raise ConfigError(f"{printable(file)}: {fault}; write one with topicast build --report")
