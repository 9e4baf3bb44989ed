"""``Tree`` and ``Document``: what a file says before any field has a type.

Scalars are text, as written, whatever the file's language is: true, false and null of JSON are
``"true"``, ``"false"`` and ``"null"``, so that each field converts its own.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import TypeAlias, cast

import msgspec

from topicast.problems import quote
from topicast.records.model import BodyKind

Tree: TypeAlias = str | list["Tree"] | dict[str, "Tree"]

_SURROGATES = re.compile("[\ud800-\udfff]")

MAX_DEPTH = 100  # levels of mappings and lists, the outermost one being the first


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One mapping of a file. Parts of ``tree`` may be one shared object: never change them."""

    item: int  # its place in a file that holds many, from 0
    many: bool = False  # an item of a list, a line, or a later document of a stream
    tree: dict[str, Tree]
    body: str = ""
    body_kind: BodyKind = ""


class TreeError(Exception):
    """A text cannot be read as a tree; ``documents`` makes a ``Problem`` of it.

    ``line`` counts from 1 within the text that was parsed, and is 0 where none is known.
    ``field`` is a name at the top of the record at most: the names below it may be values of
    somebody's secret.
    """

    def __init__(self, line: int, expected: str, remedy: str, field: str = "") -> None:
        super().__init__(expected)
        self.line = line
        self.expected = expected
        self.remedy = remedy
        self.field = field if field.isprintable() and len(field) <= 40 else quote(field)


class Item(msgspec.Struct, frozen=True):
    """A part of a file that may be a record, or why it cannot be read. ``line`` is in the file."""

    value: Tree | TreeError
    line: int
    many: bool = False


def fault(error: TreeError) -> Item:
    """The item that an error stands for.

    Without what it was raised from: a file of thousands would keep as many texts and parsers.
    """
    error.__context__ = None
    return Item(error.with_traceback(None), error.line or 1)


def too_deep(line: int) -> TreeError:
    return TreeError(line, f"nested deeper than {MAX_DEPTH} levels", "write it flatter")


def nul_character(line: int) -> TreeError:
    return TreeError(line, "a NUL character", "save the file as UTF-8, without NUL characters")


def given_twice(line: int, field: str = "") -> TreeError:
    return TreeError(line, "a key is given twice in one mapping", "keep one of the two", field)


def as_tree(value: object, level: int = 1) -> Tree:
    """What a JSON or TOML library returned, its scalars turned into text in place.

    Lone surrogates, which JSON can write (``"\\ud800"``) and no file can hold, are dropped.
    ``level`` is how deep ``value`` itself stands. Layer by layer, not by recursion: the depth is
    the file's choice. Raises ``TreeError`` below ``MAX_DEPTH``.
    """
    if not isinstance(value, list | dict):
        return _text(value)
    layer: list[list[object] | dict[str, object]] = [value]
    while layer:
        if level > MAX_DEPTH:
            raise too_deep(0)
        below = []
        for node in layer:
            for key, child in node.items() if isinstance(node, dict) else enumerate(node):
                if isinstance(child, list | dict):
                    below.append(child)
                elif type(child) is not str or not child.isascii():
                    node[key] = _text(child)  # type: ignore[index]
        layer = below
        level += 1
    return cast(Tree, value)


def _text(scalar: object) -> str:
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if scalar is None:
        return "null"
    if isinstance(scalar, str):
        return _SURROGATES.sub("", scalar)
    return scalar.isoformat() if isinstance(scalar, date | time) else str(scalar)
