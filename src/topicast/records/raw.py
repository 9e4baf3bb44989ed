"""``Translation`` → ``RawRecord``: what fits is taken, what does not is passed over and named.

Only shapes are looked at here (text, list, mapping); what a text means is the work of ``record``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import UNSET, UnsetType

from topicast.problems import Found, Level
from topicast.records.dates import EXAMPLE
from topicast.records.dialects import Translation
from topicast.records.schema import (
    RawAction,
    RawAuthor,
    RawImage,
    RawProvider,
    RawRecord,
    RawRelated,
    Switch,
    absent,
)
from topicast.records.tree import Tree

T = TypeVar("T")

# Without these a record would be shown under another name, at another time or for ever.
_VITAL = {"id", "title", "publishedDateTime", "updatedDateTime", "expires"}


def raw_record(translation: Translation) -> tuple[RawRecord, list[Found]]:
    """The record with its fields in shape, and what had to be passed over."""
    take = _Shapes(translation)
    raw = RawRecord(
        id=take.text("id"),
        title=take.text("title"),
        excerpt=take.text("excerpt"),
        web_url=take.text("webUrl"),
        original_url=take.text("originalUrl"),
        featured_content=take.text("featuredContent"),
        slug=take.text("slug"),
        published_date_time=take.text("publishedDateTime"),
        updated_date_time=take.text("updatedDateTime"),
        expires=take.text("expires"),
        removed_date_time=take.text("removedDateTime"),
        published=take.switch("published"),
        draft=take.switch("draft"),
        removed=take.switch("removed"),
        deleted=take.switch("deleted"),
        topics=take.items("topics", take.words),
        category=take.text("category"),
        tags=take.items("tags", take.words),
        type=take.text("type"),
        provider=take.provider(),
        images=take.items("images", take.image),
        related=take.items("related", take.related),
        actions=take.items("actions", take.action),
        length=take.text("length"),
        locale=take.text("locale"),
    )
    return raw, list(dict.fromkeys(take.found))


class _Shapes:
    """Takes fields of a tree in the shape that they should have."""

    def __init__(self, translation: Translation) -> None:
        self.tree = translation.tree
        self.names = translation.names
        self.found: list[Found] = []

    def text(self, field: str) -> str:
        return self.words(field, self.tree.get(field, "")) or ""

    def words(self, field: str, value: Tree) -> str | None:
        if isinstance(value, str):
            return value
        if "DateTime" in field or field == "expires":
            self._wrong(field, "expected a date", f"write {EXAMPLE}")
        else:
            self._wrong(field, "expected text", "write text")
        return None

    def switch(self, field: str) -> Switch:
        """As text; what is none is ``""``, which no switch may be."""
        if field not in self.tree:
            return UNSET
        value = self.tree[field]
        return value if isinstance(value, str) else ""

    def items(self, field: str, item: Callable[[str, Tree], T | None]) -> list[T]:
        return self.list_in(field, self.tree.get(field, ""), item)

    def list_in(self, field: str, value: Tree, item: Callable[[str, Tree], T | None]) -> list[T]:
        """The items that have a shape; a value that is no list is a list of one."""
        if isinstance(value, str) and absent(value):
            return []
        if not isinstance(value, list):
            self._wrong(field, "expected a list", "write a list, one item a line: - …")
            value = [value]
        taken = (item(field, one) for one in value)
        return [one for one in taken if one is not None]

    def mapping(self, field: str, value: Tree) -> Mapping[str, Tree] | None:
        if isinstance(value, dict):
            return value
        self._wrong(field, "expected a mapping", "write a mapping, one field a line: name: …")
        return None

    def image(self, field: str, value: Tree) -> RawImage | str | None:
        if isinstance(value, str):
            return value
        if (image := self.mapping(field, value)) is None:
            return None
        return RawImage(
            url=self._part(field, image, "url"),
            width=self._part(field, image, "width"),
            height=self._part(field, image, "height"),
            title=self._part(field, image, "title"),
            attribution=self._part(field, image, "attribution"),
        )

    def related(self, field: str, value: Tree) -> RawRelated | None:
        if (related := self.mapping(field, value)) is None:
            return None
        return RawRelated(
            title=self._part(field, related, "title"),
            web_url=self._part(field, related, "webUrl"),
            original_url=self._part(field, related, "originalUrl"),
        )

    def action(self, field: str, value: Tree) -> RawAction | None:
        if (action := self.mapping(field, value)) is None:
            return None
        return RawAction(
            url=self._part(field, action, "url"),
            type=self._part(field, action, "type"),
            title=self._part(field, action, "title"),
        )

    def author(self, field: str, value: Tree) -> RawAuthor | str | None:
        if isinstance(value, str):
            return value
        author = self.mapping(field, value)
        return None if author is None else RawAuthor(self._part(field, author, "name"))

    def provider(self) -> RawProvider | UnsetType:
        value = self.tree.get("provider", "")
        if isinstance(value, str) and absent(value):
            return UNSET
        if (provider := self.mapping("provider", value)) is None:
            return UNSET
        return RawProvider(
            name=self._part("provider", provider, "name"),
            domain=self._part("provider", provider, "domain"),
            authors=self.list_in("provider", provider.get("authors", ""), self.author),
            images=self.list_in("provider", provider.get("images", ""), self.image),
        )

    def _part(self, field: str, mapping: Mapping[str, Tree], name: str) -> str:
        return self.words(field, mapping.get(name, "")) or ""

    def _wrong(self, field: str, expected: str, remedy: str) -> None:
        level = Level.ERROR if field in _VITAL else Level.WARNING
        self.found.append(Found(self.names.get(field, field), expected, remedy, level))
