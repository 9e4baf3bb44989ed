"""TOML text → tree."""

from __future__ import annotations

import re
import tomllib

from topicast.records.tree import Item, TreeError, as_tree, given_twice, too_deep

_REMEDY = "check the quotes and the brackets of this line"

# tomllib takes quadratic time, and memory, over the parts of one dotted key.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""")
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TWICE = re.compile(r"Cannot (?:overwrite|declare|mutate|redefine)|Duplicate")
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_KEY = re.compile(r"[ \t]*([\w-]+)[ \t]*=")


def read_toml(text: str) -> Item:
    """The mapping that ``text`` is; integers are in decimal. Raises ``TreeError``."""
    long_key = _LONG_KEY.search(text)
    if long_key:
        raise too_deep(text.count("\n", 0, long_key.start()) + 1)
    try:
        return Item(as_tree(tomllib.loads(text, parse_float=str)), 1)
    except RecursionError:
        raise too_deep(0) from None
    except ValueError as error:  # TOMLDecodeError is one; an integer of 5,000 digits is another
        raise _unreadable(text, str(error)) from None


def _unreadable(text: str, message: str) -> TreeError:
    place = _AT_LINE.search(message)
    if place is None:
        return TreeError(0, "not readable as TOML", _REMEDY)
    line = int(place[1]) if place[1] else text.count("\n") + 1
    if _TWICE.match(message):  # the library's message may quote keys that are nobody's business
        return given_twice(line, _name_at(text, line))
    return TreeError(line, f"not readable as TOML: {message[: place.start()]}", _REMEDY)


def _name_at(text: str, line: int) -> str:
    """The name at the top of the document that is given in ``line``, ``""`` below a table."""
    lines = text.split("\n")
    if _TABLE.search("\n".join(lines[: line - 1])):
        return ""
    key = _KEY.match(lines[line - 1])
    return key[1] if key else ""
