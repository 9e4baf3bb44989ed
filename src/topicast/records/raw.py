"""``Translation`` → ``RawRecord``: what fits is taken, what does not is passed over and named.

Only shapes are looked at here (text, list, mapping); what a text means is the work of ``record``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

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
from topicast.records.switches import HIDING
from topicast.records.tree import Tree

T = TypeVar("T")
S = TypeVar("S", bound=Struct)

# Without these a record would be shown under another name, at another time or for ever.
_VITAL = {"id", "title", "publishedDateTime", "updatedDateTime", "expires"}


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
        return value if type(value) is str else self.words(field, value) or ""

    def words(self, field: str, value: Tree) -> str | None:
        if isinstance(value, str):
            return value
        if "DateTime" in field or field == "expires":
            self._wrong(field, "expected a date", f"write {EXAMPLE}")
        else:
            self._wrong(field, "expected text", "write text")
        return None

    def texts(self, field: str, value: Tree) -> list[str]:
        return self._items(field, value, self.words)

    def images(self, field: str, value: Tree) -> list[RawImage | str]:
        return self._items(field, value, self._image)

    def related(self, field: str, value: Tree) -> list[RawRelated]:
        return self._items(field, value, self._related)

    def actions(self, field: str, value: Tree) -> list[RawAction]:
        return self._items(field, value, self._action)

    def provider(self, field: str, value: Tree) -> RawProvider | UnsetType:
        if isinstance(value, str) and absent(value):
            return UNSET
        if not isinstance(value, dict):
            self._no_mapping(field)
            return UNSET
        return RawProvider(
            name=self.text(field, value.get("name", "")),
            domain=self.text(field, value.get("domain", "")),
            authors=self._items(field, value.get("authors", ""), self._author),
            images=self.images(field, value.get("images", "")),
        )

    def _items(self, field: str, value: Tree, item: Callable[[str, Tree], T | None]) -> list[T]:
        """The items that have a shape; a value that is no list is a list of one."""
        if not isinstance(value, list):
            if isinstance(value, str) and absent(value):
                return []
            self._wrong(field, "expected a list", "write a list, one item a line: - …")
            value = [value]
        return [taken for one in value if (taken := item(field, one)) is not None]

    def _image(self, field: str, value: Tree) -> RawImage | str | None:
        return value if isinstance(value, str) else self._struct(RawImage, field, value)

    def _author(self, field: str, value: Tree) -> RawAuthor | str | None:
        return value if isinstance(value, str) else self._struct(RawAuthor, field, value)

    def _related(self, field: str, value: Tree) -> RawRelated | None:
        return self._struct(RawRelated, field, value)

    def _action(self, field: str, value: Tree) -> RawAction | None:
        return self._struct(RawAction, field, value)

    def _struct(self, shape: type[S], field: str, value: Tree) -> S | None:
        """A mapping as a struct that has nothing but texts."""
        if not isinstance(value, dict):
            self._no_mapping(field)
            return None
        return shape(
            *[
                one if type(one := value.get(name, "")) is str else self.text(field, one)
                for name in shape.__struct_encode_fields__
            ]
        )

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
