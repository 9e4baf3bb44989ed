"""Plain text: tags, entities, illegal characters, and where a text is cut."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.entries.text import cut, plain, title_text, xml_safe

# XML 1.0, section 2.2, without C1 controls: written out here, not taken from the code.
LEGAL = re.compile("[\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Power Apps & Flow", "Power Apps & Flow"),
        ("A <b>bold</b> title", "A bold title"),
        ("&lt;b&gt; is a tag", "<b> is a tag"),
        ("&amp;amp; twice", "&amp; twice"),
        ("It&#8217;s &quot;here&quot;&nbsp;now", 'It’s "here" now'),
        ("<p>One</p><p>Two<br>Three</p>", "One Two Three"),
        ("<script>alert(1)</script>Hi", "Hi"),
        ("<STYLE>p { color: red }</STYLE >Hi", "Hi"),
        ("<title>x</title>", "x"),
        ("a <!-- <b> --> b <!DOCTYPE x> c", "a b c"),
        ('<a title="x > y">link</a>', "link"),
        ("a < b and 1<2 and x <3 you </3", "a < b and 1<2 and x <3 you </3"),
        ("if a <b then", "if a <b then"),
        ("List<T>", "List"),
        ("<scr\x00ipt>alert(1)</script>Hi", "Hi"),
        ("a&#1;b&#xFFFE;c\x85d\ud800e\ufffff", "abcdef"),
        ("  many\n\t blanks\u3000here ", "many blanks here"),
        ("]]> stays", "]]> stays"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
        ("人工知能 👩‍💻 עברית", "人工知能 👩‍💻 עברית"),
        ("", ""),
    ],
)
def test_plain(written: str, read: str) -> None:
    assert plain(written) == read


@given(ANY_TEXT)
def test_plain_text_is_legal_and_has_single_blanks(text: str) -> None:
    read = plain(text)
    assert LEGAL.fullmatch(read)
    assert read == " ".join(read.split())


@given(st.text("ab<>&;/!-'\"= \x01\nlgtsript#1", max_size=200))
def test_text_that_is_full_of_markup_never_fails(text: str) -> None:
    assert LEGAL.fullmatch(plain(text))


@given(st.text(st.characters(exclude_characters="<&", exclude_categories=("C", "Z"))))
def test_text_without_markup_is_given_back(text: str) -> None:
    assert plain(text) == text


@given(ANY_TEXT)
def test_xml_safe_only_drops(text: str) -> None:
    safe = xml_safe(text)
    assert LEGAL.fullmatch(safe)
    assert safe == "".join(character for character in text if LEGAL.fullmatch(character))


@pytest.mark.parametrize(
    "unit",
    ["<", "<!--", "<a", '<a x="', "<a b", "</", "<script ", "<script>", "<svg>", "<b>", "&", "<!"],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.perf_counter()
    plain(text)
    assert time.perf_counter() - start < 5  # a quadratic reading would take hours


def test_titles_lose_bidi_controls_and_keep_marks() -> None:
    assert title_text("a\u202eb\u2066c\u2069 &#x202A;d") == "abc d"
    assert title_text("שלום\u200f 👩\u200d💻") == "שלום\u200f 👩\u200d💻"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("one two three", 10, "one two…"),
        ("one two three", 8, "one two…"),
        ("人工知能人工知能", 5, "人工知能…"),
        ("a 人工知能人工知能", 7, "a 人工知能…"),
        ("cafe\u0301s", 5, "caf…"),
        ("ab👩\u200d💻cd", 5, "ab…"),
        ("\u0301" * 9, 4, "\u0301" * 3 + "…"),
    ],
)
def test_cut(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_cut_keeps_within_the_limit(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    if len(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@given(st.lists(st.sampled_from(["e\u0301", "a", "\u0915\u093f"]), min_size=20, max_size=40))
def test_cut_leaves_marks_with_their_letters(letters: list[str]) -> None:
    text = "".join(letters)
    rest = text[len(cut(text, 12)) - 1 :]
    assert not unicodedata.category(rest[0]).startswith("M")
