"""JSON text → trees. A list is read item by item, so that a bad one costs only itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json import JSONDecodeError

from topicast.records.tree import Item, Tree, TreeError, as_tree, given_twice, too_deep

_BLANKS = re.compile(r"[ \t\n\r]*+")
Pairs = list[tuple[str, object]]

_REMEDY = "check commas, quotes and brackets here and just before"


class _GivenTwice(Exception):  # noqa: N818 - never leaves this module
    pass


def _mapping(pairs: Pairs) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _GivenTwice
    return mapping


# Numbers and NaN stay the text that they are.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_mapping, parse_int=str, parse_float=str, parse_constant=str
)


def read_json(text: str) -> Iterator[Item]:
    """The one value of ``text``, or the items where that is a list.

    Raises ``TreeError`` where the rest cannot be read.
    """
    start = _skip(text, 0)
    if text[start : start + 1] != "[":
        yield read_json_value(text)
    elif "{" in text or not text.rstrip().endswith("]"):  # else millions of numbers, perhaps
        yield from _items(text, start)


def read_json_value(text: str) -> Item:
    """The one value of ``text``, a list too. Raises ``TreeError``."""
    start = _skip(text, 0)
    item, end = _value(text, start, text.count("\n", 0, start) + 1, level=1)
    _at_end(text, end)
    return item


def _items(text: str, opening: int) -> Iterator[Item]:
    position, line, counted = _skip(text, opening + 1), 1, 0
    more = text[position : position + 1] != "]"
    while more:
        line += text.count("\n", counted, position)
        counted = position
        item, end = _value(text, position, line, level=2)
        yield item
        position = _skip(text, end)
        more = text[position : position + 1] == ","
        if more:
            position = _skip(text, position + 1)
        elif text[position : position + 1] != "]":
            raise _unreadable(JSONDecodeError("Expecting ',' delimiter", text, position))
    _at_end(text, position + 1)


def _value(text: str, start: int, line: int, level: int) -> tuple[Item, int]:
    """One value, or its fault, and where it ends. Raises ``TreeError`` where no end is found."""
    many = level > 1
    value: Tree | TreeError
    try:
        raw, end = _DECODER.raw_decode(text, start)
        value = as_tree(raw, level)
    except _GivenTwice:
        field, end = _twice_at_top(text, start)
        value = given_twice(line, field)
    except TreeError as error:
        value = TreeError(line, error.expected, error.remedy)
    except JSONDecodeError as error:
        raise _unreadable(error) from None
    except RecursionError:
        raise too_deep(line) from None
    return Item(value, line, many), end


def _twice_at_top(text: str, start: int) -> tuple[str, int]:
    """The name that the outermost mapping has twice (``""``: an inner one has), and its end."""
    pairs: Pairs = []

    def keep(latest: Pairs) -> None:  # the outermost mapping is complete last
        nonlocal pairs
        pairs = latest

    try:
        _, end = json.JSONDecoder(object_pairs_hook=keep, parse_int=str).raw_decode(text, start)
    except JSONDecodeError as error:
        raise _unreadable(error) from None
    except RecursionError:
        raise too_deep(0) from None
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return key, end
        seen.add(key)
    return "", end


def _skip(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    return blanks.end() if blanks else position


def _at_end(text: str, end: int) -> None:
    rest = _skip(text, end)
    if rest != len(text):
        raise _unreadable(JSONDecodeError("Extra data", text, rest))


def _unreadable(error: JSONDecodeError) -> TreeError:
    return TreeError(error.lineno, f"not readable as JSON: {error.msg}", _REMEDY)
