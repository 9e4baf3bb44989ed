"""The bytes of one file → its documents, and what is wrong with the others.

Whether a mapping is a record at all, and what its fields mean, is decided after this.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from topicast.problems import Problem
from topicast.records.files import MAX_FILE
from topicast.records.frontmatter import no_mapping, read_front_matter, split
from topicast.records.locate import line_of
from topicast.records.model import BODY_KINDS
from topicast.records.switches import HIDING, oddly_written, switch_name
from topicast.records.tree import Document, Item, Tree, TreeError, given_twice
from topicast.records.wholefile import BOM, decode, items_of

# Of files that can have a front matter; the last two are UTF-16's, whose author must be told.
_BEGINNINGS = (b"---", b"+++", b"\xff\xfe", b"\xfe\xff")
_MOST_STRAYS = 100  # items of one file that are no mapping, or unreadable, and get a problem each


class MoreUnread(Problem, frozen=True, array_like=True, order=True):
    """That more items of a file cannot be read than are named."""

    items: int = 0

    @classmethod
    def of(cls, path: str, items: int) -> MoreUnread:
        expected = f"{items} more of its items cannot be read"
        return cls(path, 0, "", expected, "mend the first ones, and look again", items=items)


def read_documents(
    path: str, data: bytes, *, headers: bool = False
) -> Iterator[Document | Problem]:
    """The documents of a file (section 3), each item or what keeps it from being one.

    ``path`` is from SEEDS on; its suffix says how to read. ``headers`` takes ``Key: value`` lines
    for front matter (the dialect of Pelican). A file without front matter, a scalar, and a list
    without a single mapping yield nothing. Never raises for what stands in the file.
    """
    if len(data) > MAX_FILE:
        yield Problem(path, 0, "", "a file over 16 MB", "split it, or exclude it")
        return
    suffix = posixpath.splitext(path)[1].lower()
    body_kind = BODY_KINDS.get(suffix)
    if body_kind is None:
        yield from _whole(path, data, items_of(suffix, data))
        return
    if not headers and not data.removeprefix(BOM).startswith(_BEGINNINGS):
        return  # whatever it is
    try:
        front = split(decode(data), headers)
        if front is not None:
            tree = _mapping(path, data, 0, read_front_matter(front))
            yield Document(item=0, tree=tree, body=front.body, body_kind=body_kind)
    except TreeError as error:
        yield _problem(path, error, 1)


def _whole(path: str, data: bytes, items: Iterable[Item]) -> Iterator[Document | Problem]:
    strays: list[Problem] = []
    found, unread = False, 0
    for number, item in enumerate(items):
        if isinstance(item.value, TreeError):
            unread += 1
            if unread <= _MOST_STRAYS:
                yield _problem(path, item.value, item.line)
            continue
        try:
            tree = _mapping(path, data, number, item)
        except _StrayError as error:
            if len(strays) < _MOST_STRAYS:
                strays.append(_problem(path, error, item.line))
        except TreeError as error:
            yield _problem(path, error, item.line)
        else:
            found = True
            yield Document(item=number, many=item.many, tree=tree)
    if unread > _MOST_STRAYS:
        yield MoreUnread.of(path, unread - _MOST_STRAYS)
    if found:
        yield from strays


class _StrayError(TreeError):
    """An item that is no mapping: a problem only among mappings."""


def _mapping(path: str, data: bytes, number: int, item: Item) -> dict[str, Tree]:
    value = item.value
    if isinstance(value, TreeError):
        raise value
    if not isinstance(value, dict):
        error = no_mapping("a list" if isinstance(value, list) else "text", item.line)
        raise _StrayError(error.line, error.expected, error.remedy)
    if oddly_written(value.keys()) and (twice := _switch_given_twice(value)):
        raise given_twice(line_of(data, path, number, twice), twice)
    return value


def _switch_given_twice(tree: dict[str, Tree]) -> str:
    """The second spelling of a switch that a mapping has in two: names of switches have no case."""
    seen: set[str] = set()
    for key in tree:
        folded = switch_name(key)
        if folded in HIDING:
            if folded in seen:
                return key
            seen.add(folded)
    return ""


def _problem(path: str, error: TreeError, line: int) -> Problem:
    return Problem(path, error.line or line, error.field, error.expected, error.remedy)
