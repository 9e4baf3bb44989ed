"""The table of docs/readers.md says what the tests of this folder hold readers to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import test_feedparser
import test_feedsmith
import test_newsboat
import test_reader
import test_rss_parser
import test_sfeed
from shown import THINGS, Shows

PAGE = Path(__file__).parents[2] / "docs" / "readers.md"
READERS: Mapping[str, Shows] = {
    "feedparser": test_feedparser.SHOWS,
    "reader": test_reader.SHOWS,
    "newsboat": test_newsboat.SHOWS,
    "sfeed": test_sfeed.SHOWS,
    "rss-parser": test_rss_parser.SHOWS,
    "feedsmith": test_feedsmith.SHOWS,
}
LABELS = {"rss": "RSS", "atom": "Atom", "json": "JSON"}


def test_the_table_of_the_page_is_what_the_tests_saw() -> None:
    page = PAGE.read_text("utf-8")
    written = "".join(line for line in page.splitlines(keepends=True) if line.startswith("|"))
    assert written == table()


def table() -> str:
    rows = [("", *READERS), ("---",) * (len(READERS) + 1)]
    rows += [(thing, *(cell(shows, thing) for shows in READERS.values())) for thing in THINGS]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def cell(shows: Shows, thing: str) -> str:
    """How much is shown, each answer after the formats that it is of."""
    formats: dict[str, list[str]] = {}
    for kind, how in shows.items():
        formats.setdefault(how[thing], []).append(LABELS[kind])
    if len(formats) == 1:
        return next(iter(formats))
    return "; ".join(f"{', '.join(kinds)}: {how}" for how, kinds in formats.items())
