"""``--metrics FILE``: what node_exporter's textfile collector reads of the last run."""

from __future__ import annotations

import time
from datetime import datetime

import msgspec

from topicast.problems import BuildError, printable
from topicast.report import Report


def check_metrics(file: str | None) -> None:
    """See before a run that metrics can be made after it, where they are asked for.

    Raises: ModuleNotFoundError without the extra.
    """
    if file is not None:
        import prometheus_client  # noqa: F401


def write_metrics(file: str, report: Report | None, seconds: float) -> None:
    """Write the metrics of one run; ``report`` is None where it failed.

    The file is replaced in one step, as the collector wants it. A failed run leaves the counts of
    the last good one out, and says so by ``topicast_last_run_success`` 0. Raises BuildError where
    the file cannot be written.
    """
    # Imported late: few builds are watched this way.
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()

    def gauge(name: str, text: str, value: float) -> None:
        Gauge(f"topicast_{name}", text, registry=registry).set(value)

    gauge("last_run_timestamp_seconds", "When the last run ended.", time.time())
    gauge("last_run_duration_seconds", "How long the last run took.", seconds)
    gauge("last_run_success", "Whether the last run built the feeds.", report is not None)
    if report is not None:
        gauge("records", "Records that were found.", report.records)
        gauge("records_shown", "Records that are in the feeds.", report.shown)
        gauge("records_set_aside", "Records that have an error.", report.set_aside)
        hidden = Gauge("topicast_records_hidden", "Hidden records.", ["reason"], registry=registry)
        for reason, count in msgspec.structs.asdict(report.hidden).items():
            hidden.labels(reason).set(count)
        gauge("files_written", "Files of the tree that the last run wrote.", len(report.written))
        gauge("files_removed", "Files of the tree that it removed.", len(report.removed))
        if report.due is not None:
            due = datetime.fromisoformat(report.due).timestamp()
            gauge("next_due_timestamp_seconds", "When a record next appears or expires.", due)
    try:
        write_to_textfile(file, registry)
    except OSError as error:
        raise BuildError(
            f"{printable(file)}: the metrics cannot be written: {error.strerror}; check its folder"
        ) from None
