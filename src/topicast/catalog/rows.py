"""A record as the catalog has it: what decides about it. What readers see of it lies beside."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from zlib import crc32

import msgspec

from topicast.gate import NEVER, State, Tombstone, state_at, updated_at
from topicast.problems import Problem
from topicast.records.model import Micros

_pack = msgspec.msgpack.Encoder().encode


class Standing(StrEnum):
    """What became of a record: the gate's states, and what other records can do to it."""

    SHOWN = "shown"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"
    UNDATED = "undated"
    EMBARGOED = "embargoed"
    EXPIRED = "expired"
    TWIN = "duplicate"  # of a newer record with the same link
    ASIDE = "set aside"


# Asked for with every record, and a member of an enumeration is looked up slowly in Python 3.11.
_SHOWN, _WITHDRAWN = State.SHOWN, State.WITHDRAWN


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One record. Of one that is never seen nothing is in it but its path, dates and hashes."""

    item: int
    state: State  # SHOWN where time alone decides
    sort: Micros  # published, NEVER where undated: who keeps a stem or an id
    opens: Micros
    closes: Micros
    key: bytes  # of its identity: records with one key contend for it
    by_uri: bool  # its ``id`` is a URI: no second record can have it
    many: bool  # an item of a file of many
    tail: bytes  # what tells such an item from others with its link; else b""
    # What follows is there only for a record that may be seen, now or later, and of a withdrawn one
    # that may be told of: id, topics and tombstone.
    updated: Micros = 0
    id: str = ""  # the id that it has if it keeps the key
    link: bytes = b""  # hash of the link; b"" without one
    bare: bool = False  # neither link nor content: set aside once the gate would let it through
    topics: tuple[str, ...] = ()  # names as written
    tombstone: Tombstone | None = None
    refused: bool = False  # set aside by an error; it is here for its id, which nobody else gets

    def at(self, now: Micros) -> Standing:
        """What it is at ``now``, by the gate and by having something to show."""
        if self.refused:
            return Standing.ASIDE
        state = state_at(self.state, self.opens, self.closes, now)
        if state is _SHOWN and self.bare:
            return Standing.ASIDE
        return _STANDINGS[state]

    def updated_at(self, now: Micros) -> Micros:
        """Its date as feeds have it: of a withdrawn one its tombstone's, NEVER without one."""
        if self.state is _WITHDRAWN:
            return NEVER if self.tombstone is None else self.tombstone.at(now)
        return updated_at(self.sort, self.updated, now)

    def due_after(self, now: Micros) -> list[Micros]:
        """The instants after ``now`` at which something about it changes by itself."""
        if self.state is _SHOWN:
            if self.opens <= now and self.updated <= now and self.closes >= NEVER:
                return []  # most records of an archive
            instants, last = {self.opens, self.updated, self.closes}, self.closes
        elif self.tombstone is not None:
            instants, last = {self.tombstone.opens, self.tombstone.closes}, self.tombstone.closes
        else:
            return []
        return [at for at in instants if now < at <= last and at < NEVER]


_STANDINGS = {state: Standing(state.value) for state in State}
unpack_row = msgspec.msgpack.Decoder(Row).decode


class Finished(msgspec.Struct, frozen=True, array_like=True):
    """A row ready to be stored, as it stands if no other record contends with it."""

    item: int
    key: bytes
    link: bytes
    standing: Standing
    id: str
    updated: Micros
    later: int  # -published: what feeds are sorted by
    topics: tuple[str, ...]
    due: list[Micros]
    row: bytes  # packed
    record: bytes  # packed; b"" where it is never seen
    checksum: int  # of these two


def finish(row: Row, record: bytes, now: Micros) -> Finished:
    """``row`` as it stands at ``now``."""
    packed = _pack(row)
    return Finished(
        item=row.item,
        key=row.key,
        link=row.link,
        standing=row.at(now),
        id=row.id,
        updated=row.updated_at(now),
        later=-row.sort,
        topics=row.topics,
        due=row.due_after(now),
        row=packed,
        record=record,
        checksum=checksum_of(packed, record),
    )


def checksum_of(row: bytes, record: bytes) -> int:
    """What shows that one of the two is not what was stored."""
    return crc32(record, crc32(row))


class FileRows(msgspec.Struct, frozen=True, array_like=True):
    """What one file gave. ``rows`` is None where its digest is the known one."""

    path: str
    stamp: bytes
    digest: bytes
    rows: list[Finished] | None
    problems: list[Problem]
    set_aside: int = 0  # how many of its records have an error and no row
    fast: bool = False  # the accelerator parsed it


def short_hash(text: str) -> bytes:
    """Eight bytes that stand for a text that need not, or must not, be in the catalog."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def digest_of(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
