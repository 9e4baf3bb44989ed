"""The four switches that say whether a record may be seen, and how they add up (section 3).

In doubt nothing is published: what cannot be read as true or false sets the record aside, and of
several that say something, one that hides is enough.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Set
from typing import Any

import msgspec

from topicast.problems import Found, quote
from topicast.records.schema import FIELD_NAMES, SWITCH_WORDS, RawRecord
from topicast.records.tree import Tree

# The value of each that hides the record.
HIDING: Mapping[str, bool] = {"published": False, "draft": True, "removed": True, "deleted": True}

GATE_DATES: Mapping[str, str] = {"publisheddatetime": "publishedDateTime", "expires": "expires"}
"""The dates that say when a record may be seen, by their ``switch_name``."""

_TOLD = HIDING.keys() | GATE_DATES.keys()
PARTS: Mapping[str, Set[str]] = {
    "provider": _TOLD,
    # Other records and pictures may have dates of their own.
    **dict.fromkeys(("images", "related", "actions"), HIDING.keys()),
}
"""The fields that are mappings, or lists of them, with the names that would say nothing in one."""

_PROVIDERS = ("authors", "images")  # the parts that a provider has
_OUR_NAMES = frozenset(FIELD_NAMES)
# Format characters, marks on the letter before, controls and what is no character, and the letters
# and the sign that are blank.
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def oddly_written(names: Set[str]) -> bool:
    """Whether one of ``names`` is a switch's or that of a date of the gate, but not as is ours."""
    # Most names are ours, and folding one costs more than looking it up.
    return not _TOLD.isdisjoint(map(switch_name, names - _OUR_NAMES))


def mappings_in(trees: Iterable[Mapping[str, Any]], fields: Iterable[str]) -> list[dict[str, Any]]:
    """The mappings that these fields of the trees are, or hold in a list; a provider's too."""
    parts: list[Any] = []
    for tree in trees:
        for field in fields:
            if field in tree:
                part = tree[field]
                if part.__class__ is dict:
                    parts.append(part)
                    parts += mappings_in([part], _PROVIDERS)
                elif part.__class__ is list:
                    parts += part
    return [part for part in parts if part.__class__ is dict]


def may_hide(trees: Collection[Mapping[str, Any]]) -> bool:
    """Whether one of these records has a name in one of its parts that would say nothing there."""
    for field, astray in PARTS.items():
        names = frozenset[str]().union(*mappings_in(trees, (field,)))
        if not astray.isdisjoint(map(switch_name, names)):
            return True
    return False


def switch_name(written: str) -> str:
    """A name as it is compared with those of switches: as people see it, in any case.

    A zero-width space that was pasted with it must not publish a draft.
    """
    if not (written.isascii() and written.isprintable()):
        written = "".join(filter(_is_seen, unicodedata.normalize("NFKC", written)))
    return written.strip().casefold()


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and character not in _BLANK


def read_switch(value: Tree | bool) -> bool | None:
    """True or false as written, in any case; None for all else."""
    if value is True or value is False:
        return value
    return SWITCH_WORDS.get(value.strip().casefold()) if isinstance(value, str) else None


def doubt(name: str, value: Tree) -> int:
    """How much the value of a switch speaks against showing: 0 nothing, 1 it hides, 2 unreadable.

    Where one switch is written under two names, the one with the most counts.
    """
    read = read_switch(value)
    return 2 if read is None else int(read is HIDING[name])


class State(msgspec.Struct, frozen=True):
    """What the switches say together."""

    unpublished: bool
    withdrawn: bool
    found: tuple[Found, ...] = ()  # errors: the state is not clear


def read_state(raw: RawRecord, names: Mapping[str, str]) -> State:
    """The state of a record. ``names`` gives the written name of a field where it is another."""
    if raw.published is True and raw.draft is raw.removed is raw.deleted is msgspec.UNSET:
        return _SHOWN  # the usual case
    hidden: set[str] = set()
    unclear: list[tuple[str, bool | str]] = []
    for name, hides in HIDING.items():
        value = getattr(raw, name)
        if value is msgspec.UNSET:
            continue
        read = read_switch(value)
        if read is None:
            unclear.append((name, value))
        elif read is hides:
            hidden.add(name)
    if not hidden and not unclear:
        return _SHOWN
    return State(
        unpublished="published" in hidden or "draft" in hidden,
        withdrawn="removed" in hidden or "deleted" in hidden,
        found=tuple([_unclear(names.get(name, name), value, hidden) for name, value in unclear]),
    )


_SHOWN = State(unpublished=False, withdrawn=False)


def _unclear(field: str, value: bool | str, hidden: set[str]) -> Found:
    got = "" if hidden or not value else f", got {quote(str(value))}"
    return Found(field, f"expected true or false{got}", "write true or false")
