"""The fields of a record that may leave it, with their types: ``RawRecord`` (section 3).

Names are those in the files. The types are strict, so that a fast parser can decode JSON straight
into them and hand over what does not fit; ``raw`` fills them from any tree. Fields that are not
here, ``secured`` among them, are never taken out of a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

_DATE = "ISO 8601, in full. Without a zone it is in [site] timezone; without a time it is midnight."


def _about(title: str, description: str, **more: Any) -> Meta:
    return Meta(title=title, description=description, extra_json_schema=more or None)


SWITCH_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""What a switch may say, in any case."""

Switch: TypeAlias = bool | str | UnsetType


class RawImage(msgspec.Struct):
    """A picture."""

    url: Annotated[str, _about("Address", "Absolute, or from the root of the website.")] = ""
    width: Annotated[int | str, _about("Width", "In pixels.")] = 0
    height: Annotated[int | str, _about("Height", "In pixels.")] = 0
    title: Annotated[str, _about("Title", "What the picture shows.")] = ""
    attribution: Annotated[str, _about("Attribution", "Whom to credit.")] = ""


class RawAuthor(msgspec.Struct):
    """A person."""

    name: Annotated[str, _about("Name", "As readers see it.")] = ""


class RawProvider(msgspec.Struct):
    """Where the record comes from."""

    name: Annotated[str, _about("Name", "The author of the entry where no authors are given.")] = ""
    domain: Annotated[str, _about("Domain", "Its host name.")] = ""
    authors: Annotated[
        list[RawAuthor | str], _about("Authors", "The authors of the entry, or their names.")
    ] = []
    images: Annotated[list[RawImage | str], _about("Images", "Its logo.")] = []


class RawRelated(msgspec.Struct, rename="camel"):
    """Something else to read."""

    title: Annotated[str, _about("Title", "The text of the link.")] = ""
    web_url: Annotated[str, _about("Address", "The page to link to.")] = ""
    original_url: Annotated[str, _about("Original address", "Where there is no webUrl.")] = ""


class RawAction(msgspec.Struct):
    """Something to do; ``type: download`` becomes an enclosure."""

    url: Annotated[str, _about("Address", "The file.")] = ""
    type: Annotated[str, _about("Type", "Only download means something here.")] = ""
    title: Annotated[str, _about("Title", "The name of the file.")] = ""


class RawRecord(msgspec.Struct, kw_only=True, rename="camel"):
    """The front matter of one record, as written. Text that is absent is ``""``."""

    id: Annotated[
        str,
        _about("Id", "What readers know the entry by, for ever: a URI, or any other text."),
    ] = ""
    title: Annotated[str, _about("Title", "Plain text.")] = ""
    excerpt: Annotated[str, _about("Summary", "Plain text; the start of the body by default.")] = ""
    web_url: Annotated[str, _about("Link", "The page of the entry, http or https.")] = ""
    original_url: Annotated[str, _about("Original link", "Where there is no webUrl.")] = ""
    featured_content: Annotated[
        str, _about("Embed", "HTML that shows a page, such as a video's; a link to that page.")
    ] = ""
    slug: Annotated[str, _about("Slug", "Its part of the address in link templates.")] = ""
    published_date_time: Annotated[
        str,
        _about(
            "Published",
            f"{_DATE} The entry is hidden until then. By default the date in the file's name.",
            examples=["2024-05-01T09:00:00Z", "2024-05-01"],
        ),
    ] = ""
    updated_date_time: Annotated[
        str, _about("Updated", _DATE, examples=["2024-05-02T10:30:00+02:00"])
    ] = ""
    expires: Annotated[str, _about("Expires", f"{_DATE} The entry is hidden from then on.")] = ""
    removed_date_time: Annotated[str, _about("Removed at", f"{_DATE} It hides nothing.")] = ""
    published: Annotated[
        Switch, _about("Published", "False hides the record; true by default.")
    ] = UNSET
    draft: Annotated[Switch, _about("Draft", "True hides the record.")] = UNSET
    removed: Annotated[Switch, _about("Removed", "True withdraws it.")] = UNSET
    deleted: Annotated[Switch, _about("Deleted", "True withdraws it.")] = UNSET
    topics: Annotated[
        list[str], _about("Topics", "The feeds that the entry belongs to; its categories.")
    ] = []
    category: Annotated[str, _about("Category", "A further category, on request.")] = ""
    tags: Annotated[list[str], _about("Tags", "Further categories, on request.")] = []
    type: Annotated[str, _about("Type", "A further category, on request.")] = ""
    provider: Annotated[
        RawProvider | UnsetType, Meta(title="Provider", description="Where the record comes from.")
    ] = UNSET
    images: Annotated[list[RawImage | str], _about("Images", "Pictures, or their addresses.")] = []
    related: Annotated[list[RawRelated], _about("Related", "What else to read.")] = []
    actions: Annotated[list[RawAction], _about("Actions", "Files to download.")] = []
    length: Annotated[
        str, _about("Length", "ISO 8601 duration of the video or the file.", examples=["PT1H2M3S"])
    ] = ""
    locale: Annotated[str, _about("Language", "BCP 47 code.", examples=["en", "pt-BR"])] = ""


FIELD_NAMES: tuple[str, ...] = RawRecord.__struct_encode_fields__
"""The names as they stand in files."""


def absent(text: str) -> bool:
    """Whether the text of an optional field is as good as none: nothing, ``~`` or ``null``."""
    # Most are nothing, or begin with another letter: asked of every field of every record.
    if not text:
        return True
    if text[0] not in _ABSENT_STARTS:
        return False
    return text.strip().casefold() in {"", "~", "null"}


def given(text: str) -> str:
    """``text``, or "" where it is ``absent``."""
    # The first letter is asked here too, which spares most texts a second call.
    return "" if text and text[0] in _ABSENT_STARTS and absent(text) else text


def present(texts: Sequence[str]) -> list[str]:
    """Those of ``texts`` that are not ``absent``."""
    return [text for text in texts if text and (text[0] not in _ABSENT_STARTS or not absent(text))]


_BLANKS = [*range(9, 14), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]
_BLANKS += [0x2028, 0x2029, 0x202F, 0x205F, 0x3000]  # all that ``str.isspace`` knows
_ABSENT_STARTS = frozenset("~nN").union(map(chr, _BLANKS))


def json_schema(names: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one record's front matter. Unknown fields are allowed.

    ``names`` gives the names that a dialect has for ours; they may be written instead.
    """
    _, parts = msgspec.json.schema_components([RawRecord], ref_template="#/$defs/{name}")
    record = parts.pop("RawRecord")
    fields = record["properties"]
    fields["title"]["minLength"] = 1
    del fields["title"]["default"]
    for field, type_ in get_type_hints(RawRecord).items():
        if type_ == Switch:  # any case: a pattern of JSON Schema has no flag for that
            fields[field]["anyOf"] = [{"type": "boolean"}, {"type": "string", "pattern": _SWITCH}]
    for ours, theirs in (names or {}).items():
        fields.update({name: fields[ours] for name in theirs if name not in fields})
    titles = ("title", *(names or {}).get("title", ()))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **record,
        "title": "Record",
        "description": "The front matter of one record, in YAML, TOML or JSON.",
        "anyOf": [{"required": [name]} for name in titles],
        "$defs": parts,
    }


_SWITCH = "^({})$".format(
    "|".join("".join(f"[{c.upper()}{c}]" for c in word) for word in SWITCH_WORDS)
)
