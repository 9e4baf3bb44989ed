"""Where the front matter of a file begins and ends, and what it says."""

from __future__ import annotations

import re
from typing import NamedTuple

from topicast.records.headers import read_headers, split_headers
from topicast.records.tomltext import read_toml
from topicast.records.tree import Item, TreeError
from topicast.records.yamlcompose import Marks
from topicast.records.yamlquick import quick_mapping
from topicast.records.yamltext import YamlReader

MAX_FRONT_MATTER = 1024 * 1024  # bytes

_OPENING = re.compile(r"(---|\+\+\+)[ \t]*\r?(?:\n|\Z)")
_CLOSING = {
    "---": re.compile(r"\n---[ \t]*\r?(?:\n|\Z)"),
    "+++": re.compile(r"\n\+\+\+[ \t]*\r?(?:\n|\Z)"),
}


class FrontMatter(NamedTuple):
    """A file in two. ``fence`` is ``---`` (YAML), ``+++`` (TOML) or ``""`` (headers).

    ``text`` has an empty line in place of the fence, so that its lines count as the file's do.
    """

    fence: str
    text: str
    body: str


def split(text: str, headers: bool) -> FrontMatter | None:
    """The front matter of a file without its byte order mark; None where there is none.

    ``headers`` says whether ``Key: value`` lines are one. Raises ``TreeError`` where it is not
    closed or over ``MAX_FRONT_MATTER``.
    """
    opening = _OPENING.match(text)
    if opening is None:
        parts = split_headers(text) if headers else None
        return _checked(FrontMatter("", *parts)) if parts else None
    fence = opening[1]
    line_end = opening.end() - 1  # of the opening fence
    closing = _CLOSING[fence].search(text, line_end)
    if closing is None:
        remedy = f"write a line {fence} after the last field"
        raise TreeError(1, "a front matter that is never closed", remedy)
    inside = text[line_end : closing.start() + 1]
    return _checked(FrontMatter(fence, inside, text[closing.end() :]))


def _checked(front: FrontMatter) -> FrontMatter:
    size = len(front.text)
    if size * 4 > MAX_FRONT_MATTER and len(front.text.encode()) > MAX_FRONT_MATTER:
        raise TreeError(1, "a front matter over 1 MB", "move the text below the front matter")
    return front


def read_front_matter(front: FrontMatter, marks: Marks | None = None) -> Item:
    """What the front matter says. Raises ``TreeError``.

    An empty one is an empty mapping: the file is meant to be a record.
    """
    if front.fence == "+++":
        return read_toml(front.text)
    if not front.fence:
        return read_headers(front.text)
    quick = quick_mapping(front.text) if marks is None else None
    if quick is not None:
        return quick
    documents = list(YamlReader(marks=marks).documents(front.text))
    if not documents:
        return Item({}, 1)
    if len(documents) > 1:
        raise TreeError(1, "several YAML documents in one front matter", "keep one of them")
    document = documents[0]
    if isinstance(document, list):
        raise no_mapping("a list", document[0].line if document else 1)
    if isinstance(document.value, str):
        raise no_mapping("text", document.line)
    return document


def no_mapping(found: str, line: int) -> TreeError:
    return TreeError(line, f"{found} where a mapping belongs", "write fields: `title: …` and so on")
