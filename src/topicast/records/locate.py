"""Where a field stands in its file: asked only when there is something to say about it.

The usual reading keeps no line numbers; this reads the file again, with the same limits.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from functools import lru_cache

import msgspec

from topicast.records.frontmatter import read_front_matter, split
from topicast.records.tree import Item, Tree, TreeError, fault
from topicast.records.wholefile import decode, items_of
from topicast.records.yamlcompose import Marks

_STEPS = re.compile(r"([^.\[\]]+)|\[(\d{1,9})\]")


class _Index(msgspec.Struct, frozen=True):
    items: list[Item]
    marks: Marks  # of YAML only
    text: str
    line_starts: list[int]  # offsets in text


def line_of(data: bytes, path: str, item: int, field: str) -> int:
    """The line, from 1, of ``field`` in the document ``item`` of a file.

    ``field`` is as written in the file, such as ``images[2].url``. Where it is not there, the
    line of the nearest field around it, else of the document, else 0. Exact for YAML, a search in
    the text for other languages. Never raises.
    """
    index = _index(data, path)
    if not 0 <= item < len(index.items):
        return 0
    found = index.items[item]
    if isinstance(found.value, TreeError):
        return found.value.line or found.line
    steps = [int(number) if number else name for name, number in _STEPS.findall(field)]
    if isinstance(found.value, dict) and field in found.value:
        steps = [field]
    if index.marks:
        return _line_in_tree(index.marks, found.value, steps) or found.line
    return _line_in_text(index, item, steps) or found.line


@lru_cache(maxsize=1)  # the problems of one file follow each other
def _index(data: bytes, path: str) -> _Index:
    suffix = posixpath.splitext(path)[1].lower()
    marks: Marks = {}
    items = list(items_of(suffix, data, marks))
    text = data.decode(errors="replace")
    if not items:
        try:
            front = split(decode(data), headers=True)
            items = [read_front_matter(front, marks)] if front else []
            text = front.text if front else ""
        except TreeError as error:
            items = [fault(error)]
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return _Index(items, marks, text, starts)


def _line_in_tree(marks: Marks, node: Tree, steps: list[str | int]) -> int:
    line = 0
    for step in steps:
        if isinstance(node, dict) and isinstance(step, str):
            key = _key_like(node, step)
            if key is None:
                break
            line = marks.get((id(node), key), line)
            node = node[key]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            line = marks.get((id(node), step), line)
            node = node[step]
        else:
            break
    return line


def _key_like(mapping: dict[str, Tree], name: str) -> str | None:
    if name in mapping:
        return name
    return next((key for key in mapping if key.casefold() == name.casefold()), None)


def _line_in_text(index: _Index, item: int, steps: list[str | int]) -> int:
    """Names are looked for one after the other; ``[2]`` means the third of the name after it."""
    starts = index.line_starts
    first = index.items[item].line
    later = index.items[item + 1].line if item + 1 < len(index.items) else len(starts) + 1
    position = starts[first - 1]
    last = max(first, later - 1)
    end = starts[last] if last < len(starts) else len(index.text)
    line, repeat = 0, 1
    for step in steps:
        if isinstance(step, int):
            repeat = min(step, 1000) + 1
            continue
        for _ in range(repeat):
            match = _find_name(index.text, step, position, end)
            if match is None:
                return line
            position = match.end()
            line = bisect_right(starts, match.start())
        repeat = 1
    return line


def _find_name(text: str, name: str, start: int, end: int) -> re.Match[str] | None:
    pattern = rf"""(?<![\w-])["']?{re.escape(name)}["']?[ \t]*[:=\]]"""
    exact = re.compile(pattern).search(text, start, end)
    return exact or re.compile(pattern, re.IGNORECASE).search(text, start, end)
