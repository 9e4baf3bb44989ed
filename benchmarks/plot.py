"""Draws wall time by number of records, both on logarithmic axes, as one SVG."""

from __future__ import annotations

import math
from html import escape
from typing import Any, NamedTuple

from contestants import Step
from report import rows_of, sizes_of

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 270, 46, 50  # margins; labels of the lines stand in the right one
LABEL = 17  # pixels between two labels, at least

COLOURS = {
    "topicast": "#c2410c",
    "topicast-pyyaml": "#d97706",
    "plain": "#334155",
    "hugo": "#0f766e",
    "pelican": "#1d4ed8",
    "eleventy": "#7e22ce",
}
DASHES = {Step.FRESH: "", Step.SAME: "2 4", Step.TEN: "7 4"}


class Line(NamedTuple):
    label: str
    colour: str
    dash: str
    points: list[tuple[int, float]]  # records, seconds


class Axis(NamedTuple):
    """Maps a value to pixels; ``low`` and ``high`` are powers of ten (exponents)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(math.ceil(self.low), math.floor(self.high) + 1)]


def lines_of(results: dict[str, Any]) -> list[Line]:
    """One a contestant, and the later steps of the first that has them (others' lie on them)."""
    lines: dict[tuple[str, str], Line] = {}
    for size in sizes_of(results):
        rows = [row for row in rows_of(results[str(size)]) if not row.problem]
        first = next((row.key for row in rows if row.step != Step.FRESH), "")
        for row in rows:
            if row.step != Step.FRESH and row.key != first:
                continue
            label = row.name if row.step == Step.FRESH else f"{row.name}, {row.step}"
            colour, dash = COLOURS.get(row.key, "#64748b"), DASHES[Step(row.step)]
            line = lines.setdefault((row.key, row.step), Line(label, colour, dash, []))
            line.points.append((size, row.median("wall")))
    return list(lines.values())


def spread(wanted: list[float]) -> list[float]:
    """Heights near the wanted ones (ascending) and at least ``LABEL`` apart, inside the plot."""
    placed: list[float] = []
    for height in wanted:
        placed.append(max(height, placed[-1] + LABEL) if placed else height)
    limit = float(HEIGHT - BOTTOM)
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - LABEL
    return placed


def grid(x: Axis, y: Axis) -> list[str]:
    parts = []
    for value in y.ticks():
        height = y.at(value)
        parts.append(f'<path d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}" stroke="#e2e8f0"/>')
        text = f"{value:g} s"
        parts.append(f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{text}</text>')
    for value in x.ticks():
        across = x.at(value)
        parts.append(f'<path d="M{across:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e2e8f0"/>')
        parts.append(
            f'<text x="{across:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">'
            f"{value:,.0f}</text>"
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">records</text>')
    return parts


def curve(line: Line, x: Axis, y: Axis) -> list[str]:
    points = [(x.at(size), y.at(taken)) for size, taken in line.points]
    path = " ".join(f"{across:.1f},{height:.1f}" for across, height in points)
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    parts = [
        f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"{dash}/>'
    ]
    parts += [
        f'<circle cx="{across:.1f}" cy="{height:.1f}" r="3" fill="{line.colour}"/>'
        for across, height in points
    ]
    return parts


def labels(lines: list[Line], x: Axis, y: Axis) -> list[str]:
    """Every line's name beside the plot, joined by a thin line to the last point."""
    ordered = sorted(lines, key=lambda line: y.at(line.points[-1][1]))
    heights = spread([y.at(line.points[-1][1]) for line in ordered])
    edge, parts = WIDTH - RIGHT + 12, []
    for line, height in zip(ordered, heights, strict=True):
        size, taken = line.points[-1]
        parts.append(
            f'<path d="M{x.at(size) + 5:.1f} {y.at(taken):.1f}L{edge} {height:.1f}" '
            f'stroke="{line.colour}" stroke-opacity="0.35"/>'
        )
        parts.append(
            f'<text x="{edge + 4}" y="{height + 4:.1f}" fill="{line.colour}">'
            f"{escape(line.label)}</text>"
        )
    return parts


def svg(results: dict[str, Any]) -> str:
    lines = lines_of(results)
    sizes = [size for line in lines for size, _ in line.points]
    times = [taken for line in lines for _, taken in line.points]
    x = Axis(math.log10(min(sizes)) - 0.1, math.log10(max(sizes)) + 0.1, LEFT, WIDTH - RIGHT)
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    y = Axis(low, high, HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13" fill="#334155">',
        "<title>Wall time by number of records; both axes are logarithmic</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="26" font-size="15" font-weight="600">'
        "Records to RSS and Atom feeds for every topic: wall time, lower is better</text>",
        *grid(x, y),
        *(part for line in lines for part in curve(line, x, y)),
        *labels(lines, x, y),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
