"""``topicast ping``: tells WebSub hubs which feeds changed."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from topicast.cli import options
from topicast.clock import current, parse_duration
from topicast.problems import ConfigError
from topicast.report import Printer


@click.command("ping")
@options.out
@options.config
@click.option(
    "--report", metavar="FILE", help="The JSON report of the build that was deployed: tell of it."
)
@click.option("--live", is_flag=True, help="Wait first until the public feeds are those here.")
@click.option("--wait", default="10m", show_default=True, help="How long --live waits.")
def command(out: str | None, config: str | None, report: str | None, live: bool, wait: str) -> int:
    """Tell the hubs of [websub] which feeds changed since they last heard.

    On a fresh clone, which remembers nothing, --report names the build; without it the hubs are
    told of every feed. Exit codes: 0 every hub has heard; 1 one has not; 2 wrong usage.
    """
    from topicast.job import Options, make_job
    from topicast.running.hubs import tell_hubs, wait_until_live

    printer = Printer()
    job = make_job(config, Options(out=out, now=current(None, {})))
    if not job.config.websub.hubs:
        raise ConfigError("no hub is configured; write [websub] hubs in topicast.toml")
    only = None if report is None else _written(report)
    if live:
        wait_until_live(job, parse_duration(wait))
    told = tell_hubs(job, only)
    for failure in told.failures:
        printer.error(failure)
    printer.line(f"{told.announced} announcements to {len(job.config.websub.hubs)} hubs")
    return int(bool(told.failures))


class _Written(msgspec.Struct):
    written: list[str]


def _written(file: str) -> list[str]:
    try:
        return msgspec.json.decode(Path(file).read_bytes(), type=_Written).written
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}; check --report") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ConfigError(
            f"{file}: is no report of a build; write it with topicast build --report"
        ) from None
