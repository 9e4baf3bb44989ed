"""The one gate: decides when a record may be seen. Everything that is published is behind it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from topicast.records.model import Micros, Record

NEVER: Micros = 2**62  # after every date that a record can have


class State(StrEnum):
    """What a record is at one instant, by the gate alone."""

    SHOWN = "shown"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"
    UNDATED = "undated"
    EMBARGOED = "embargoed"
    EXPIRED = "expired"


REASONS = {
    State.SHOWN: "it is published, and its date has come",
    State.UNPUBLISHED: "published is false or draft is true",
    State.WITHDRAWN: "removed or deleted is true",
    State.UNDATED: "it has no publishedDateTime, nor a date in its file name",
    State.EMBARGOED: "publishedDateTime is ahead",
    State.EXPIRED: "it expired",
}
"""Why a record is in a state, for people."""

# Asked for with every record, and a member of an enumeration is looked up slowly in Python 3.11.
_SHOWN, _EMBARGOED, _EXPIRED = State.SHOWN, State.EMBARGOED, State.EXPIRED


class Visibility(msgspec.Struct, frozen=True, array_like=True):
    """When a record may be seen: from ``opens`` until before ``closes``.

    ``state`` is SHOWN where time alone decides; any other state holds whatever the time, and
    then ``opens`` is NEVER.
    """

    state: State
    opens: Micros
    closes: Micros

    def at(self, now: Micros) -> State:
        """The state at ``now``."""
        return state_at(self.state, self.opens, self.closes, now)


def state_at(state: State, opens: Micros, closes: Micros, now: Micros) -> State:
    """What a record is at ``now``, by the parts of its ``Visibility``."""
    if state is not _SHOWN:
        return state
    if closes <= now:
        return _EXPIRED
    return _EMBARGOED if opens > now else _SHOWN


def visibility(record: Record, *, preview: bool) -> Visibility:
    """When ``record`` may be seen. ``preview`` lets the unpublished through, not the withdrawn."""
    if record.withdrawn:
        return Visibility(State.WITHDRAWN, NEVER, NEVER)
    if record.unpublished and not preview:
        return Visibility(State.UNPUBLISHED, NEVER, NEVER)
    if record.published is None:
        return Visibility(State.UNDATED, NEVER, NEVER)
    closes = NEVER if record.expires is None else record.expires
    return Visibility(_SHOWN, record.published, closes)


class Tombstone(msgspec.Struct, frozen=True, array_like=True):
    """That a record was withdrawn: it may be told from ``opens`` until before ``closes``."""

    when: Micros
    opens: Micros
    closes: Micros

    def at(self, now: Micros) -> Micros:
        """``when`` where it may be told at ``now``, else NEVER."""
        return self.when if self.opens <= now < self.closes else NEVER


def tombstone(record: Record) -> Tombstone | None:
    """What may be told of a withdrawn record; None where it was never public, or has no date.

    It is told while the gate would let the record through, had it not been withdrawn; in a preview
    too it must not tell of what was unpublished. A record that was withdrawn before it was due was
    never seen.
    """
    when = record.updated if record.removed_at is None else record.removed_at
    if not record.withdrawn or when is None:
        return None
    without = visibility(msgspec.structs.replace(record, withdrawn=False), preview=False)
    if without.state is not State.SHOWN or when < without.opens:
        return None
    return Tombstone(when, max(without.opens, when), without.closes)


def updated_at(published: Micros, updated: Micros, now: Micros) -> Micros:
    """The ``updated`` that counts at ``now``: one ahead of now counts from then on."""
    return updated if published <= updated <= now else published
