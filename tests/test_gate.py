"""The gate to the microsecond: from its first instant a record is shown, at its last it is not."""

from __future__ import annotations

import pytest

from topicast.gate import NEVER, State, Tombstone, state_at, updated_at, visibility
from topicast.records.model import Record

OPENS, CLOSES = 1_000, 2_000


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (OPENS - 1, State.EMBARGOED),
        (OPENS, State.SHOWN),
        (CLOSES - 1, State.SHOWN),
        (CLOSES, State.EXPIRED),
        (CLOSES + 1, State.EXPIRED),
    ],
)
def test_it_opens_at_its_date_and_closes_when_it_expires(now: int, state: State) -> None:
    record = Record(path="a.md", title="T", published=OPENS, expires=CLOSES)
    assert visibility(record, preview=False).at(now) is state
    assert visibility(record, preview=True).at(now) is state


@pytest.mark.parametrize("expires", [OPENS, OPENS - 1])
def test_what_expires_before_it_opens_is_never_shown(expires: int) -> None:
    for now in (0, expires - 1, expires, OPENS, OPENS + 1):
        assert state_at(State.SHOWN, OPENS, expires, now) is not State.SHOWN


@pytest.mark.parametrize("preview", [False, True])
def test_no_instant_opens_what_is_withdrawn(preview: bool) -> None:
    for unpublished in (False, True):
        record = Record(
            path="a.md", title="T", published=OPENS, withdrawn=True, unpublished=unpublished
        )
        for now in (0, OPENS, NEVER - 1):
            assert visibility(record, preview=preview).at(now) is State.WITHDRAWN


def test_only_a_preview_shows_what_is_unpublished() -> None:
    record = Record(path="a.md", title="T", published=OPENS, unpublished=True)
    assert visibility(record, preview=False).at(OPENS) is State.UNPUBLISHED
    assert visibility(record, preview=True).at(OPENS) is State.SHOWN
    assert visibility(record, preview=True).at(OPENS - 1) is State.EMBARGOED


def test_an_update_counts_from_its_instant_on() -> None:
    assert updated_at(OPENS, CLOSES, CLOSES - 1) == OPENS
    assert updated_at(OPENS, CLOSES, CLOSES) == CLOSES
    assert updated_at(OPENS, OPENS, OPENS) == OPENS
    assert updated_at(OPENS, OPENS - 1, CLOSES) == OPENS  # before it was published


def test_a_tombstone_is_told_from_its_first_instant_until_before_its_last() -> None:
    tombstone = Tombstone(OPENS, OPENS, CLOSES)
    told = [tombstone.at(now) for now in (OPENS - 1, OPENS, CLOSES - 1, CLOSES)]
    assert told == [NEVER, OPENS, OPENS, NEVER]
