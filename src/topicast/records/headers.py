"""``Key: value`` lines at the top of a file, as Pelican writes them, → tree."""

from __future__ import annotations

import re

from topicast.records.tree import Item, TreeError, given_twice

_HEADER = re.compile(r" {0,3}([A-Za-z0-9_-]+):[ \t]*(.*)")
_MORE = re.compile(r"(?: {4,}|\t)[ \t]*(.*)")
_BLANK_LINE = re.compile(r"^[ \t\r]*(?:\n|\Z)", re.MULTILINE)


def split_headers(text: str) -> tuple[str, str] | None:
    """The lines up to the first blank one and the body after it; None where no header is first."""
    if not _HEADER.match(text):
        return None
    blank = _BLANK_LINE.search(text)
    return (text[: blank.start()], text[blank.end() :]) if blank else (text, "")


def read_headers(text: str) -> Item:
    """The headers as a mapping.

    Names stay as written, though they are compared without case; a line that is indented by four
    blanks or more goes on with the value before it. Raises ``TreeError``: for a line that is no
    header too, since Pelican would take it, and all headers after it, for the body.
    """
    values: dict[str, list[str]] = {}
    seen: set[str] = set()
    current: list[str] = []
    for number, written in enumerate(text.removesuffix("\n").split("\n"), 1):
        line = written.rstrip()
        if current and (more := _MORE.fullmatch(line)):
            current.append(more[1])
        elif header := _HEADER.fullmatch(line):
            name, value = header.groups()
            if name.lower() in seen:
                raise given_twice(number, name)
            seen.add(name.lower())
            current = values[name] = [value]
        else:
            expected = "a line that is no header (Key: value)"
            raise TreeError(number, expected, "leave a blank line between headers and text")
    return Item({name: " ".join(lines).strip() for name, lines in values.items()}, 1)
