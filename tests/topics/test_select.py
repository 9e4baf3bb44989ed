"""Which topics have feeds."""

from __future__ import annotations

import pytest

from topicast.topics.select import is_published


@pytest.mark.parametrize(
    ("include", "exclude", "published"),
    [
        ([], [], True),
        (["power apps"], [], True),
        (["POWER*"], [], True),
        (["power-a*"], [], True),
        (["ai *"], [], False),
        (["ai *", "*apps"], [], True),
        ([], ["power*"], False),
        (["*"], ["power-apps"], False),
        ([], ["power"], True),
    ],
)
def test_globs(include: list[str], exclude: list[str], published: bool) -> None:
    assert is_published("Power  Apps", "power-apps", include, exclude) is published


def test_a_name_with_brackets_can_be_written_as_it_is() -> None:
    assert not is_published("Notes [old]", "notes-old", [], ["Notes [old]"])
