"""``Translation`` → ``RawRecord``: what fits is taken, what does not is passed over and named.

Only shapes are looked at here (text, list, mapping); what a text means is the work of ``record``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from topicast.problems import Found, Level
from topicast.records.dates import EXAMPLE
from topicast.records.dialects import Translation
from topicast.records.schema import (
    FIELD_NAMES,
    RawAction,
    RawAuthor,
    RawImage,
    RawProvider,
    RawRecord,
    RawRelated,
    absent,
)
from topicast.records.switches import HIDING, may_hide, oddly_written
from topicast.records.tree import Tree

# Without these a record would be shown under another name, at another time or for ever.
_VITAL = {"id", "title", "publishedDateTime", "updatedDateTime", "expires"}


def usual_records(trees: Sequence[Mapping[str, Any]]) -> list[RawRecord] | None:
    """The records that these are; None where one of them is out of the usual.

    That is: every name is ours, every field has its shape, no switch is written in another case or
    is in a part of the record.
    Most records are of that kind, and in C this costs a third of ``translate`` and ``raw_record``.
    """
    if oddly_written(frozenset().union(*trees)) or may_hide(trees):
        return None
    try:
        return msgspec.convert(trees, list[RawRecord])
    except msgspec.MsgspecError:
        return None


def raw_record(translation: Translation) -> tuple[RawRecord, list[Found]]:
    """The record with its fields in shape, and what had to be passed over."""
    take = _Shapes(translation.names)
    tree = translation.tree
    given: dict[str, Any] = {}
    for name, attribute, shape in _FIELDS:
        if name in tree:
            value = tree[name]
            if shape is not None:
                given[attribute] = shape(take, name, value)
            elif type(value) is str:
                given[attribute] = value
            else:  # "" is no switch: the record is set aside for it
                given[attribute] = "" if name in HIDING else take.text(name, value)
    return RawRecord(**given), list(dict.fromkeys(take.found))


class _Shapes:
    """Takes values in the shape that they should have. ``names`` is as in ``Translation``."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.found: list[Found] = []

    def text(self, field: str, value: Tree) -> str:
        if isinstance(value, str):
            return value
        self._no_text(field)
        return ""

    def texts(self, field: str, value: Tree) -> list[str]:
        taken = []
        for one in self._items(field, value):
            if isinstance(one, str):
                taken.append(one)
            else:
                self._no_text(field)
        return taken

    def images(self, field: str, value: Tree) -> list[RawImage | str]:
        return self._structs(RawImage, field, value, or_text=True)

    def related(self, field: str, value: Tree) -> list[RawRelated]:
        return self._structs(RawRelated, field, value)

    def actions(self, field: str, value: Tree) -> list[RawAction]:
        return self._structs(RawAction, field, value)

    def provider(self, field: str, value: Tree) -> RawProvider | UnsetType:
        if not isinstance(value, dict):
            if not (isinstance(value, str) and absent(value)):
                self._no_mapping(field)
            return UNSET
        authors = value.get("authors", "")
        return RawProvider(
            name=self.text(field, value.get("name", "")),
            domain=self.text(field, value.get("domain", "")),
            authors=self._structs(RawAuthor, field, authors, or_text=True),
            images=self.images(field, value.get("images", "")),
        )

    def _structs(
        self, shape: type[Struct], field: str, value: Tree, *, or_text: bool = False
    ) -> list[Any]:
        """Each item as a ``shape``, which has nothing but texts; with ``or_text``, or as text."""
        names = shape.__struct_encode_fields__
        taken: list[Any] = []
        for one in self._items(field, value):
            if isinstance(one, dict):
                parts = [one.get(name, "") for name in names]
                taken.append(shape(*[p if type(p) is str else self.text(field, p) for p in parts]))
            elif or_text and isinstance(one, str):
                taken.append(one)
            else:
                self._no_mapping(field)
        return taken

    def _items(self, field: str, value: Tree) -> list[Tree]:
        """A value that is no list is a list of one."""
        if isinstance(value, list):
            return value
        if isinstance(value, str) and absent(value):
            return []
        self._wrong(field, "expected a list", "write a list, one item a line: - …")
        return [value]

    def _no_text(self, field: str) -> None:
        if "DateTime" in field or field == "expires":
            self._wrong(field, "expected a date", f"write {EXAMPLE}")
        else:
            self._wrong(field, "expected text", "write text")

    def _no_mapping(self, field: str) -> None:
        self._wrong(field, "expected a mapping", "write a mapping, one field a line: name: …")

    def _wrong(self, field: str, expected: str, remedy: str) -> None:
        level = Level.ERROR if field in _VITAL else Level.WARNING
        self.found.append(Found(self.names.get(field, field), expected, remedy, level))


_SHAPED: Mapping[str, Callable[[_Shapes, str, Tree], object]] = {
    "topics": _Shapes.texts,
    "tags": _Shapes.texts,
    "provider": _Shapes.provider,
    "images": _Shapes.images,
    "related": _Shapes.related,
    "actions": _Shapes.actions,
}
_FIELDS = tuple(
    (name, attribute, _SHAPED.get(name))
    for name, attribute in zip(FIELD_NAMES, RawRecord.__struct_fields__, strict=True)
)
