"""The events of one YAML document → its tree.

A stack instead of recursion, and every scalar is text. A key given twice, a merge key and a tag
that gives a type are faults; what is wrong inside one item of a list is that item's fault alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from topicast.records.tree import MAX_DEPTH, Item, Tree, TreeError, given_twice, too_deep

Marks: TypeAlias = dict[tuple[int, str | int], int]  # (id of the container, key or index) → line

_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS = {"!", *(_TAG + t for t in ("str", "int", "float", "bool", "null", "timestamp"))}
_MAPPING_TAGS = {"!", _TAG + "map"}
_LIST_TAGS = {"!", _TAG + "seq"}


class _Frame:
    """A mapping or list that is not complete yet."""

    __slots__ = ("anchor", "before", "faulty", "height", "key", "value")

    def __init__(self, value: list[Tree] | dict[str, Tree], anchor: str | None, before: int):
        self.value = value
        self.anchor = anchor
        self.before = before  # nodes counted when it was opened
        self.height = 1  # levels, itself included
        self.faulty = False
        self.key: str | None = None  # of a mapping: the key that waits for its value


class Composer:
    """Composes one document. ``first_line`` is the line of the file that the parser calls 0."""

    def __init__(self, first_line: int, max_nodes: int, marks: Marks | None) -> None:
        self.nodes = 1  # so far, aliases counted as what they stand for
        self._first_line = first_line
        self._max_nodes = max_nodes
        self._marks = marks
        self._stack = [_Frame([], None, 0)]
        # A node that may be used again, with how many are below it and how high it is; None for
        # one that is still open, or has a fault.
        self._anchors: dict[str, tuple[Tree | None, int, int]] = {}
        self._faults: dict[int, TreeError] = {}  # by place in a list at the top, else 0
        self._lines: dict[int, int] = {}  # likewise

    def document(self, next_event: Callable[[], Any]) -> Item | list[Item]:
        """The document, a list as its items. Raises ``TreeError``, and what the parser raises."""
        root = self._stack[0]
        self._compose(next_event)
        value = root.value[0]  # type: ignore[index]
        if not isinstance(value, list):
            return Item(self._faults.get(0, value), self._lines[0])
        return [
            Item(self._faults.get(place, item), self._lines[place], many=True)
            for place, item in enumerate(value)
        ]

    def _compose(self, next_event: Callable[[], Any]) -> None:
        """Puts every node up to the end of the document in its place."""
        stack = self._stack
        for _ in range(2 * self._max_nodes + 2):  # a node has two events at most
            event = next_event()
            kind = type(event)
            if kind is DocumentEndEvent:
                return
            if self._marks is not None:
                self._note(event, self._marks)
            if kind is ScalarEvent:
                value: Tree = event.value
                if event.tag is not None or event.anchor is not None:
                    self._scalar(event)
            elif kind is MappingStartEvent:
                self._open(event, {}, _MAPPING_TAGS)
                continue
            elif kind is SequenceStartEvent:
                self._open(event, [], _LIST_TAGS)
                continue
            elif kind is AliasEvent:
                value = self._alias(event)
            else:
                value = self._close(event)
            frame = stack[-1]
            container = frame.value
            if isinstance(container, list):
                if len(stack) < 3:
                    self._lines.setdefault(len(container), self._line(event))
                container.append(value)
            elif frame.key is None:
                frame.key = self._key(container, value, event)
            else:
                container[frame.key] = value
                frame.key = None
        raise self._too_many(event)

    def _scalar(self, event: ScalarEvent) -> None:
        usable = self._check_tag(event, _SCALAR_TAGS)
        if event.anchor is not None:
            self._anchors[event.anchor] = event.value if usable else None, 0, 0

    def _open(
        self, event: CollectionStartEvent, value: list[Tree] | dict[str, Tree], tags: set[str]
    ) -> None:
        stack = self._stack
        if len(stack) > MAX_DEPTH:
            raise too_deep(self._line(event))
        if len(stack) < 3 and isinstance(stack[-1].value, list):
            self._lines[len(stack[-1].value)] = self._line(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None, 0, 0
        frame = _Frame(value, event.anchor, self.nodes)
        frame.faulty = not self._check_tag(event, tags)
        stack.append(frame)

    def _close(self, event: Event) -> Tree:
        frame = self._stack.pop()
        parent = self._stack[-1]
        parent.height = max(parent.height, frame.height + 1)
        children = len(frame.value)
        self.nodes += children if isinstance(frame.value, list) else 2 * children
        if self.nodes > self._max_nodes:
            raise self._too_many(event)
        if frame.anchor is not None and not frame.faulty:
            self._anchors[frame.anchor] = frame.value, self.nodes - frame.before, frame.height
        return frame.value

    def _alias(self, event: AliasEvent) -> Tree:
        node, below, height = self._anchors.get(event.anchor or "", (None, 0, 0))
        remedy = "write the value out instead of the alias"
        if node is None:
            self._fault(event, "an alias (*) to nothing that can be read", remedy)
        elif self.nodes + below > self._max_nodes:
            self._fault(event, "aliases (*) that make far too many values of a few", remedy)
        elif len(self._stack) - 1 + height > MAX_DEPTH:
            self._fault(event, too_deep(0).expected, remedy)
        else:
            self._stack[-1].height = max(self._stack[-1].height, height + 1)
            self.nodes += below
            return node
        return ""

    def _key(self, mapping: dict[str, Tree], key: Tree, event: Event) -> str:
        if not isinstance(key, str):
            self._fault(event, "a list or a mapping where a key belongs", "put quotes around it")
            return ""
        if key in mapping:
            twice = given_twice(0, key if mapping is self._top() else "")
            self._fault(event, twice.expected, twice.remedy, twice.field)
        elif key == "<<":
            self._fault(event, "a merge key (<<)", "write the keys out that it brings")
        return key

    def _check_tag(self, event: ScalarEvent | CollectionStartEvent, allowed: set[str]) -> bool:
        tag = event.tag
        if tag is None or tag in allowed:
            return True
        kind = "a tag (!) that YAML does not define"
        if tag.startswith(_TAG + "python/"):
            kind = "a tag (!!python) that calls code"
        elif tag.startswith(_TAG):
            kind = "a tag (!!) that does not belong here"
        self._fault(event, kind, "leave the tag out")
        return False

    def _too_many(self, event: Event) -> TreeError:
        found = f"more than {self._max_nodes} values"
        # A fault that is known by now, such as an alias bomb, is the better reason.
        return self._faults.get(0) or TreeError(self._line(event), found, "write less here")

    def _fault(self, event: Event, expected: str, remedy: str, field: str = "") -> None:
        """What is wrong with the item that is being read: the first fault counts."""
        stack = self._stack
        many = len(stack) > 1 and isinstance(stack[1].value, list)
        place = len(stack[1].value) if many else 0
        if not field and self._top() is not None:
            field = stack[2 if many else 1].key or ""
        self._faults.setdefault(place, TreeError(self._line(event), expected, remedy, field))
        for frame in stack:  # an alias to any of them would carry the fault to another item
            frame.faulty = True

    def _top(self) -> dict[str, Tree] | None:
        """The mapping that would be the record."""
        for frame in self._stack[1:3]:
            if isinstance(frame.value, dict):
                return frame.value
        return None

    def _note(self, event: Event, marks: Marks) -> None:
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            if isinstance(event, NodeEvent):
                marks[id(frame.value), len(frame.value)] = self._line(event)
        elif frame.key is None and isinstance(event, ScalarEvent):
            marks[id(frame.value), event.value] = self._line(event)

    def _line(self, event: Event) -> int:
        return self._first_line + (event.start_mark.line if event.start_mark else 0)
