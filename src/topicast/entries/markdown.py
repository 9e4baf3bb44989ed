"""Markdown (CommonMark, with tables and strikethrough) as HTML that is not much longer than it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported late below: a build that renders no content starts faster
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 1_000_000  # characters
_MOST_REPEATED = 100_000  # characters that references may bring again beyond the text's own length
_MOST_FILLED = 5_000  # cells of tables that nobody wrote
_DELIMITERS = re.compile(r"(?=[^-]*-)(?=[^|]*\|)[|:\-\s>]+")  # the second line of a table


def markdown_html(source: str) -> str | None:
    """The text as HTML, not cleaned; None where it would be far too long, or is nested too deep.

    A definition that is long may be referred to thousands of times, and a row of a table is filled
    up with empty cells: a small file could take all memory.
    """
    if len(source) > LONGEST:
        return None
    parser, found = _parser(_filled_cells(source) <= _MOST_FILLED), dict[str, Any]()
    try:
        tokens = parser.parse(source, found)
        # An address may be three times as long as it is written, with escapes.
        if found and _addresses(tokens) > 3 * len(source) + _MOST_REPEATED:
            return None
        html: str = parser.renderer.render(tokens, parser.options, found)
    except RecursionError:  # brackets and quotes nested without end
        return None
    return html


@cache
def _parser(with_tables: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    extensions = ["table", "strikethrough"] if with_tables else ["strikethrough"]
    return MarkdownIt("commonmark", {"html": True}).enable(extensions)


def _addresses(tokens: Sequence[Token]) -> int:
    """How long all addresses and titles of links and pictures are together."""
    inline = (child for token in tokens for child in token.children or ())
    return sum(len(str(value)) for child in inline for value in child.attrs.values())


def _filled_cells(source: str) -> int:
    """How many cells a parser would add to what may be tables."""
    if "|" not in source:
        return 0
    columns = filled = 0
    for line in re.split(r"\r\n?|\n", source):
        if not line.strip(" \t>"):
            columns = 0  # a blank line ends a table
        elif _DELIMITERS.fullmatch(line):
            columns = max(columns, line.count("|") + 1)
        else:
            filled += max(0, columns - line.count("|") - 1)
    return filled
