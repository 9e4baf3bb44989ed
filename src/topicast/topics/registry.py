"""``topics.json``: the registry of addresses, and the pin of what ids are made of.

It is written by each build and read by the next (specification sections 2 and 6). What cannot be
read whole is not read at all: an address guessed anew would be another address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec

from topicast.config import FORMAT_NAMES
from topicast.identity import Identity, is_authority, is_since
from topicast.problems import BuildError, quote
from topicast.topics.addresses import is_address
from topicast.topics.names import fold, is_name

_Count = Annotated[int, msgspec.Meta(ge=0)]


class Row(msgspec.Struct, frozen=True):
    """One topic that has, or had, an entry.

    ``parent`` is a slug, ``url`` the topic's public address, ``updated`` the feed's date
    (RFC 3339; "" where none is known), ``feeds`` the address of each feed by format.
    """

    name: str
    slug: str
    parent: str | None = None
    url: str = ""
    entries: _Count = 0
    updated: str = ""
    feeds: dict[str, str] = {}


class Registry(msgspec.Struct, frozen=True):
    """All of ``topics.json``; ``entries`` and ``updated`` are those of all topics together.

    ``rows`` are by slug. ``Registry()`` is that of a tree that has none yet. ``preview`` says that
    it is one of a preview: names of topics in it may be of unpublished records only.
    """

    pin: Identity | None = None
    entries: int = 0
    updated: str = ""
    rows: tuple[Row, ...] = ()
    preview: bool = False


class _File(msgspec.Struct):
    """The file's own shape."""

    topics: list[Row]
    authority: str | None = None
    since: int | None = None
    entries: _Count = 0
    updated: str = ""
    preview: bool = False


def read_registry(data: bytes, path: str) -> Registry:
    """The registry from the bytes of ``topics.json``; ``path`` is how errors name it.

    Keys that are not known are passed over. Raises BuildError where anything else is not as
    ``write_registry`` leaves it: merge conflicts, a wrong type, a key, address or name twice.
    """

    def fail(what: str) -> BuildError:
        return BuildError(
            f"{path}: {what}; restore the file from version control: it keeps the addresses of"
            " the feeds (--force starts afresh, with new addresses and ids)"
        )

    file = _decoded(data, fail)
    rows = sorted(file.topics, key=lambda row: row.slug)
    _check(rows, file.updated, fail)
    return Registry(_pin(file, fail), file.entries, file.updated, tuple(rows), file.preview)


def write_registry(registry: Registry) -> bytes:
    """The bytes of ``topics.json``: the same for the same registry, in whatever order its rows."""
    pin = registry.pin
    value = {
        **({"preview": True} if registry.preview else {}),
        "authority": pin.authority if pin else None,
        "since": pin.since if pin else None,
        "entries": registry.entries,
        "updated": registry.updated,
        "topics": [_written(row) for row in sorted(registry.rows, key=lambda row: row.slug)],
    }
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _written(row: Row) -> dict[str, object]:
    formats = [name for name in FORMAT_NAMES if name in row.feeds]
    return {**msgspec.structs.asdict(row), "feeds": {name: row.feeds[name] for name in formats}}


def _decoded(data: bytes, fail: Callable[[str], BuildError]) -> _File:
    if any(line.startswith(b"<<<<<<< ") for line in data.splitlines()):
        raise fail("there are conflict markers of a merge in it")
    try:
        # json sees a key that is given twice, of which msgspec would keep the last one.
        value = json.loads(data, object_pairs_hook=_without_repeats)
        return msgspec.convert(value, _File)
    except msgspec.ValidationError as error:
        raise fail(f"not the shape of a registry of topics ({error})") from None
    except json.JSONDecodeError as error:
        raise fail(f"not readable as JSON (line {error.lineno}: {error.msg})") from None
    except (ValueError, RecursionError) as error:
        repeated = isinstance(error, _RepeatedKeyError)
        reason = str(error) if repeated else "not UTF-8, nested too deep or a number too large"
        raise fail(f"not readable as JSON ({reason})") from None


class _RepeatedKeyError(ValueError):
    """A key stands twice in one object."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise _RepeatedKeyError(f"the key {quote(key)} twice in one object")
        value[key] = item
    return value


def _pin(file: _File, fail: Callable[[str], BuildError]) -> Identity | None:
    authority, since = file.authority, file.since
    if authority is None and since is None:
        return None
    if authority is None or since is None or not is_authority(authority) or not is_since(since):
        raise fail('"authority" and "since" are neither both null nor a name and a year')
    return Identity(authority, since)


def _check(rows: Iterable[Row], updated: str, fail: Callable[[str], BuildError]) -> None:
    slugs: set[str] = set()
    names: set[str] = set()
    if not _is_date(updated):
        raise fail(f'"updated" is not a date: {quote(updated)}')
    for row in rows:
        if not is_address(row.slug):
            raise fail(f'not an address: "slug": {quote(row.slug)}')
        if row.slug in slugs:
            raise fail(f"two topics have the address {quote(row.slug)}")
        if not is_name(row.name):
            raise fail(f"the topic {quote(row.slug)} has no usable name")
        if fold(row.name) in names:
            raise fail(f"two rows are of the topic {quote(row.name)}")
        if not _is_date(row.updated):
            raise fail(f'"updated" of {quote(row.slug)} is not a date: {quote(row.updated)}')
        slugs.add(row.slug)
        names.add(fold(row.name))


def _is_date(text: str) -> bool:
    """Whether it is empty or an instant; an empty feed takes its date from here."""
    try:
        return not text or datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
