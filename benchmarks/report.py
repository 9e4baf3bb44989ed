"""Turns raw figures into a Markdown table."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from contestants import PLAIN, Step

BEGIN, END = "<!-- figures: written by benchmarks/run.py -->", "<!-- end of the figures -->"


class Run(NamedTuple):
    """``wall`` and ``cpu`` in seconds, ``peak`` in bytes."""

    wall: float
    cpu: float
    peak: int


@dataclass
class Row:
    """One contestant at one step: a run for every round."""

    key: str
    name: str
    step: str
    runs: list[Run]
    feeds: int
    problem: str  # "" where every run did its work

    def raw(self) -> dict[str, Any]:
        return {**asdict(self), "runs": [run._asdict() for run in self.runs]}

    @classmethod
    def from_raw(cls, raw: dict[str, Any]) -> Row:
        return cls(**{**raw, "runs": [Run(**run) for run in raw["runs"]]})

    def median(self, figure: str) -> float:
        return statistics.median(float(getattr(run, figure)) for run in self.runs)


def rows_of(result: dict[str, Any]) -> list[Row]:
    return [Row.from_raw(raw) for raw in result["rows"]]


def sizes_of(results: dict[str, Any]) -> list[int]:
    return sorted(int(key) for key in results if key.isdigit())


def ratio(row: Row, plain: Row | None, figure: str) -> float | None:
    """The median of the ratios to the plain script's run of the same round."""
    if plain is None or plain.problem:
        return None
    pairs = zip(row.runs, plain.runs, strict=False)
    return statistics.median(
        float(getattr(mine, figure) / getattr(its, figure)) for mine, its in pairs
    )


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def percent(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value * 100:.1f} %" if value < 0.1 else f"{value * 100:.0f} %"


def line(row: Row, plain: Row | None) -> str:
    name = row.name if row.step == Step.FRESH else f"{row.name}, {row.step}"
    if row.problem:
        return f"| {name} | {row.problem} | | | | | |"
    walls = [run.wall for run in row.runs]
    spread = f"{min(walls):.2f} to {max(walls):.2f}"
    times = ratio(row, plain, "wall")
    return (
        f"| {name} | {seconds(row.median('wall'))} | {spread} | {seconds(row.median('cpu'))} "
        f"| {row.median('peak') / 1e6:,.0f} MB | {percent(times)} "
        f"| {percent(ratio(row, plain, 'peak'))} |"
    )


def table(size: int, rows: list[Row]) -> str:
    plain = next((row for row in rows if row.key == PLAIN), None)
    ranked = sorted(rows, key=lambda row: (row.step != Step.FRESH, bool(row.problem)))
    feeds = max(row.feeds for row in rows)
    return "\n".join(
        [
            f"### {size:,} records, {feeds} feeds",
            "",
            "| | wall time | all rounds | CPU | peak memory | of the plain script's time "
            "| of its memory |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(line(row, plain) for row in ranked),
        ]
    )


def about(results: dict[str, Any]) -> str:
    """On what it was run; a size that was run elsewhere or at another time has its own line."""
    lines: dict[str, list[str]] = {}
    for size in sizes_of(results):
        facts = results[str(size)]["about"]
        versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        text = (
            f"{facts['date']}, revision {facts['revision']}, {facts['rounds']} rounds, on "
            f"{facts['cores']} cores of {facts['processor']} with "
            f"{facts['memory'] / 2**30:.0f} GiB, {facts['system']}, {facts['file system']}; "
            f"{versions}."
        )
        lines.setdefault(text, []).append(f"{size:,}")
    return "\n\n".join(f"Records: {', '.join(sizes)}. {text}" for text, sizes in lines.items())


def markdown(results: dict[str, Any]) -> str:
    parts = [table(size, rows_of(results[str(size)])) for size in sizes_of(results)]
    if "start-up" in results:
        times = results["start-up"]
        parts.append(
            f"`topicast --version` takes {times['topicast --version'] * 1000:.0f} ms, "
            f"a Python that does nothing {times['python'] * 1000:.0f} ms."
        )
    return "\n\n".join([*parts, about(results)])


def publish(results: dict[str, Any], page: Path) -> None:
    """Puts the figures between two marks in ``page``; what stands around them stays."""
    old = page.read_text() if page.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _, rest = old.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{page}: write the lines `{BEGIN}` and `{END}` where the figures go")
    picture = "![Wall time by number of records](performance.svg)"
    page.parent.mkdir(exist_ok=True)
    page.write_text(f"{before}{BEGIN}\n\n{picture}\n\n{markdown(results)}\n\n{END}{after}")
