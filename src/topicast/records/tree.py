"""``Tree`` and ``Document``: what a file says before any field has a type.

Scalars are text, as written, whatever the file's language is: true, false and null of JSON are
``"true"``, ``"false"`` and ``"null"``, so that each field converts its own.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from topicast.records.model import BodyKind

Tree: TypeAlias = str | list["Tree"] | dict[str, "Tree"]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One mapping of a file. Parts of ``tree`` may be one shared object: never change them."""

    item: int  # its place in a file that holds many, from 0
    many: bool = False  # an item of a list, a line, or a later document of a stream
    tree: dict[str, Tree]
    body: str = ""
    body_kind: BodyKind = ""
    line: int = 1  # where the front matter or the item starts in the file


class TreeError(Exception):
    """A text cannot be read as a tree; ``documents`` makes a ``Problem`` of it.

    ``line`` counts from 1 within the text that was parsed, and is 0 where none is known.
    """

    def __init__(self, line: int, expected: str, remedy: str, field: str = "") -> None:
        super().__init__(expected)
        self.line = line
        self.expected = expected
        self.remedy = remedy
        self.field = field
