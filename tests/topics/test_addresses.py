"""Addresses: what a name is spelled as, and when it carries a hash."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.topics.addresses import address, hashed, is_address
from topicast.topics.names import fold

SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def short_hash(name: str) -> str:
    return hashlib.sha256(fold(name).encode()).hexdigest()[:8]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("Ｃ＃", "c-sharp"),
        (".NET", "dot-net"),
        ("NET", "net"),
        ("Microsoft .NET 8", "microsoft-dot-net-8"),
        ("ASP.NET", "asp-net"),
        ("Q&A", "q-and-a"),
        ("Node.js", "node-js"),
        ("#PowerApps", "hash-powerapps"),
        ("É#", "e-sharp"),
        ("100%", "100-percent"),
        ("a@b", "a-at-b"),
        ("Power Apps", "power-apps"),
        ("A/B_c – d", "a-b-c-d"),
        ("../../etc/passwd", "etc-passwd"),
        ("Don’t", "don-t"),
        ("Économie", "economie"),
        ("Straße", "strasse"),
        ("ø", "o"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("Əli", "eli"),
        ("Ænima", "aenima"),
        ("x²", "x2"),
        ("&amp; &#38;", "and-amp-and-hash-38"),
    ],
)
def test_names_are_spelled_out(name: str, slug: str) -> None:
    assert address(name) == slug


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("人工知能", "topic"),
        ("Привет", "topic"),
        ("😀", "topic"),
        ("😀 rock", "rock"),
        ("rock❤roll", "rock-roll"),
        ("日本語 x", "x"),
        ("٣", "topic"),
        ("1️⃣", "1"),
        ("", "topic"),
        ("---", "topic"),
        ("..", "topic"),
        ("$", "topic"),
        ("archive", "archive"),
        ("CON", "con"),
        ("com¹", "com1"),
        ("LPT9", "lpt9"),
        ("word " * 80, "-".join(["word"] * 12)),
        ("a" * 400, "a" * 60),
    ],
)
def test_what_is_lost_too_long_or_reserved_carries_a_hash(name: str, words: str) -> None:
    assert address(name) == hashed(name) == f"{words}-{short_hash(name)}"


def test_sixty_letters_are_an_address_and_one_more_is_cut_between_words() -> None:
    assert address("a" * 60) == "a" * 60
    assert address("a" * 61).startswith("a" * 60 + "-")
    # As many whole words as there is room for, the last of them to the letter.
    words = f"aaa {'b' * 56} {'c' * 20}"
    assert address(words) == hashed(words)
    assert address(words).rpartition("-")[0] == f"aaa-{'b' * 56}"


def test_the_hash_can_be_lengthened_and_stays_short_enough() -> None:
    assert hashed("C", 16).startswith(hashed("C"))
    for digits in range(8, 65, 8):
        assert is_address(hashed("word " * 80, digits))


@pytest.mark.parametrize(
    "text",
    ["", "A", "a_b", "a--b", "-a", "a-", "a/b", "..", "é", "a\n", "archive", "con", "a" * 73],
)
def test_what_may_not_be_an_address(text: str) -> None:
    assert not is_address(text)


names = st.text() | st.text(alphabet="aAé.#+& -_/人😀\u0301\u200d\u00ad$")


@given(names)
def test_any_name_has_an_address(name: str) -> None:
    slug = address(name)
    assert is_address(slug)
    assert SHAPE.fullmatch(slug)
    assert is_address(hashed(name))


@given(names)
def test_all_spellings_of_a_topic_have_one_address(name: str) -> None:
    assert address(fold(name)) == address(f" {name}\n") == address(name)
    assert hashed(fold(name)) == hashed(name)


@given(st.text(st.characters(categories=["Lo", "So", "Nl"], min_codepoint=0x400), min_size=1))
def test_names_in_other_scripts_do_not_fall_on_one_address(name: str) -> None:
    assert address(name) != address(name + "人")
