"""Names: which of them are one topic."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.topics.names import best_spelling, fold, is_name, tidy


@pytest.mark.parametrize(
    "spelling",
    ["power apps", "POWER APPS", "  Power\tApps ", "Power\u00a0\u3000Apps", "Power\n\nApps"],
)
def test_case_and_white_space_do_not_make_another_topic(spelling: str) -> None:
    assert fold(spelling) == fold("Power Apps")


def test_bidi_controls_are_no_part_of_a_name() -> None:
    assert tidy("\u202eAI \u2066x\u2069") == "AI x"
    assert fold("\u202eAI") == fold("ai")
    assert not is_name("\u202e")


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert fold("E\u0301conomie") == fold("\u00e9conomie") == "\u00e9conomie"


@pytest.mark.parametrize(
    ("one", "other"), [("C", "C#"), ("Q&A", "QA"), ("Power Apps", "PowerApps")]
)
def test_other_differences_do(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_the_spelling_that_sorts_first_is_shown_tidied() -> None:
    assert best_spelling(["power apps", "Power  apps ", "Power Apps"]) == "Power Apps"
    assert best_spelling({" e\u0301t\u00e9"}) == "\u00e9t\u00e9"


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "a\x9fb", "\ud800", "\ufffe"])
def test_what_no_feed_can_show_is_no_name(text: str) -> None:
    assert not is_name(text)


@given(st.text())
def test_folding_is_stable_and_does_not_depend_on_the_form(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert unicodedata.is_normalized("NFC", folded)
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert fold(tidy(text)) == folded
    assert fold(f"\t{text}\u2003") == folded
