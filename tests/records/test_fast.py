"""The accelerator says what PyYAML says, or leaves the word to PyYAML."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from second_reading import RECORDS
from topicast.config import Config
from topicast.problems import Problem
from topicast.records import fast
from topicast.records.documents import read_documents
from topicast.records.fast import read_fast
from topicast.records.record import ReadResult, ReadSettings, read_record

SETTINGS = ReadSettings.of(Config())
SEEDS = Path(__file__).parents[2] / "seeds"

pytestmark = pytest.mark.skipif(fast.ryml is None, reason="the extra fast is not installed")


def slowly(path: str, data: bytes) -> list[ReadResult | Problem]:
    return [
        one if isinstance(one, Problem) else read_record(one, path, SETTINGS)
        for one in read_documents(path, data)
    ]


def same_or_left(data: bytes, path: str = "a.md") -> bool:
    """Whether the accelerator took the file; fails where it read another thing than PyYAML."""
    (read,) = read_fast([(path, data)], SETTINGS)
    if read is None:
        return False
    assert slowly(path, data) == [read]
    return True


def front(*lines: str) -> bytes:
    head = ["title: T", "publishedDateTime: 2024-05-01T09:00:00Z", "webUrl: https://example.org/a"]
    return "\n".join(["---", *head, *lines, "---", "Body", ""]).encode("utf-8", "surrogatepass")


def test_the_seeds_read_the_same() -> None:
    files = [path for path in SEEDS.rglob("*") if path.suffix in (".md", ".txt", ".html")]
    taken = [same_or_left(path.read_bytes(), path.name) for path in files]
    assert any(taken)


@pytest.mark.skipif(RECORDS is None, reason="the real records are not here")
def test_every_real_record_reads_the_same() -> None:
    assert RECORDS is not None
    files = [p for part in ("news", "samples", "learning") for p in (RECORDS / part).rglob("*.md")]
    taken = sum(same_or_left(path.read_bytes(), path.name) for path in files)
    assert taken > len(files) * 0.9


SCALARS = """
yes no on off true false True FALSE null Null ~ .nan nan .inf -.inf inf Infinity 1 -1 +1 01 010
0x1F 0o17 0b1 1_000 1.0 1.10 1e3 1E5 .5 5. 1:30 12:30:45 2024-01-01 2024-5 = << - -- ---
2024-01-01T00:00:00Z ... ? : , [ ] { } # & * ! | > ' " % @ ` a:b a: a#b #b #a &a *a !a
!!str |- >- '' "" 'a' "a" a'b a"b http://e.org/?a=1&b=2#c C:\\dir {a} [a] a,b (a)
a/b a\\b a|b a>b a*b a&b a!b a%b a@b a`b a~b $a ^a é ü 日本語 😀
""".split()
INVISIBLE = "\u00a0\u0085\u2028\u2029\ufeff\ufffe\x7f\u200b\u202e"
QUOTED = r"""
\n \t \r \b \f \/ \\ \" \a \e \0 \x41 \u0041 \u0000 \u0001 \u007f \u0085 \u00e9
\u2028 \ud83d\ude00 \ud800 \udc00 \uFFFE \U0001F600 \_ \N \L \P \q
""".split()


@pytest.mark.parametrize("scalar", [*SCALARS, *INVISIBLE])
@pytest.mark.parametrize("field", ["excerpt", "id", "published", "quality", "secured", "length"])
def test_scalars_of_every_kind(scalar: str, field: str) -> None:
    for line in (
        f"{field}: {scalar}",
        f"{field}:  {scalar}",
        f"{field}: {scalar} ",
        f"{field}: x {scalar} y",
    ):
        same_or_left(front(line))
    same_or_left(front("topics:", f"  - {scalar}", f"- {scalar}"))
    same_or_left(front("topics:", f"  - {scalar}", "  - AI"))


@pytest.mark.parametrize("escape", QUOTED)
def test_escapes_of_every_kind(escape: str) -> None:
    same_or_left(front(f'excerpt: "a {escape} b"'))
    same_or_left(front("topics:", f'  - "{escape}"'))


@pytest.mark.parametrize(
    "lines",
    [
        ("published: false", "published: true"),
        ("published: true", "Published: false"),
        ("PUBLISHED: false",),
        ("Draft: true",),
        ("excerpt: a", "excerpt: b"),
        ("secured: a", "secured: b"),
        ("provider:", "  name: a", "  name: b"),
        ("images:", "  - url: a", "    url: b"),
        ("images:", "  - url: a", "    width: 1", "  - url: b", "    width: 2"),
        ("related:", "- title: a", "  webUrl: b", "- title: c", "  webUrl: d", "  title: e"),
        ("topics: AI",),
        ("excerpt: a", "  b"),
        ("excerpt: a", "b"),
        ("excerpt:", "  a"),
        ("provider: a", "  name: b"),
        ("topics:", "  - a", " - b"),
        ("topics:", "- a", "  - b"),
        ("  excerpt: a",),
        ("topics:", "", "  - a", "", "  - b"),
        ("? excerpt", ": a"),
        ("<<: {draft: true}",),
        ("x: &a true", "draft: *a"),
        ("draft: !!bool true",),
        ("\tdraft: true",),
        ("draft:\ttrue",),
        ("draft: true # no",),
        ("# draft: true",),
        ("draft: |", "  true"),
        ("draft: >-", "  true"),
        ("draft: 'true'",),
        ("draft: [true]",),
        ("'draft': true",),
        ('"draft": true',),
        ("draft : true",),
        ("draft:true",),
        ("a: b: c",),
        ("- a",),
        ("...",),
        ("%YAML 1.1",),
    ],
)
def test_shapes_that_two_parsers_could_read_differently(lines: tuple[str, ...]) -> None:
    same_or_left(front(*lines))


@pytest.mark.parametrize(
    "hiding", ["published: false", "draft: true", "removed: true", "deleted: yes"]
)
def test_what_hides_is_never_lost(hiding: str) -> None:
    (read,) = read_fast([("a.md", front(hiding))], SETTINGS)
    assert read is not None and read.record is not None
    assert read.record.unpublished or read.record.withdrawn


@pytest.mark.parametrize("hiding", ["draft: true", "removed: true", "deleted: true"])
def test_published_makes_up_for_nothing_that_hides(hiding: str) -> None:
    for lines in (("published: true", hiding), (hiding, "published: true")):
        (read,) = read_fast([("a.md", front(*lines))], SETTINGS)
        assert read is not None and read.record is not None
        assert read.record.unpublished or read.record.withdrawn


def test_a_record_with_a_problem_is_left_to_the_parser_that_knows_lines() -> None:
    for line in ("updatedDateTime: soon", "published: maybe", "length: long"):
        assert read_fast([("a.md", front(line))], SETTINGS) == [None]


def test_what_is_not_its_business_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    good = front()
    for path, data in (
        ("a.yaml", good),
        ("a.md", good.replace(b"---\n", b"+++\n")),
        ("a.md", good.replace(b"\n", b"\r\n")),
        ("a.md", b"\xef\xbb\xbf" + good),
        ("a.md", good[:-12]),
        ("a.md", good + b"\xff"),
        ("a.md", good + b"\0"),
        ("a.md", front("x: " + "y" * 70_000)),
    ):
        assert read_fast([(path, data)], SETTINGS) == [None]
    assert read_fast([("a.md", good)], SETTINGS) != [None]
    monkeypatch.setattr(fast, "ryml", None)
    assert read_fast([("a.md", good)], SETTINGS) == [None]


def test_it_prints_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    read_fast([("a.md", front("excerpt: a", "  b: c", "topics:", "  - a", " - b"))], SETTINGS)
    assert capfd.readouterr() == ("", "")


NO_TEXT = [b"\xff", b"\xc3", b"\xe2\x80", b"\xed\xa0\x80", b"\xc0\x80", b"\xf8\x88\x80\x80\x80"]
CONTROLS = [bytes([code]) for code in (*range(32), 0x7F) if code != ord("\n")]


@pytest.mark.parametrize("bad", [*NO_TEXT, *CONTROLS])
@pytest.mark.parametrize("field", ["excerpt", "secured", "topics:\n  -", "x:\n  y"])
def test_bytes_that_no_text_has_are_left(bad: bytes, field: str) -> None:
    for value in (b"a%sb" % bad, b'"a%sb"' % bad):
        data = front(f"{field}: @".replace("-:", "-")).replace(b"@", value)
        assert read_fast([("a.md", data)], SETTINGS) == [None]


@pytest.mark.parametrize("lines", [("a: 1", "b: 2"), ("a: 1", "a: 1"), ("x:", "  a: 1", "  a: 1")])
@pytest.mark.parametrize("above", [(), ("x1:",), ("x1:", "  - x2:")])
def test_a_key_that_stands_twice_is_seen_at_any_depth(
    lines: tuple[str, ...], above: tuple[str, ...]
) -> None:
    depth = "    " * len(above)
    data = front(*above, *(depth + line for line in lines))
    taken = read_fast([("a.md", data)], SETTINGS) != [None]
    assert taken == (lines == ("a: 1", "b: 2"))


def mutations(seed: int, count: int) -> Iterator[bytes]:
    """Front matter of usual shape with small things changed in it."""
    chance = random.Random(seed)
    usual = front(
        "published: true",
        "quality: 12",
        'excerpt: "It’s \\"quoted\\" and plain: yes"',
        "provider:",
        "  name: Somebody & Co",
        "  domain: example.org",
        "topics:",
        "  - AI Hardware",
        "  - C++",
        "related:",
        '  - title: "One"',
        "    webUrl: https://example.org/1",
        "    quality: 3",
        "  - title: Two",
        "    webUrl: https://example.org/2",
        'secured: "abc+/="',
    ).decode()
    spare = " \n-:#\"'[]{}&*!|>%@`,?\t~=.0aé\u2028\\"
    for _ in range(count):
        text = usual
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            match chance.randrange(5):
                case 0:
                    text = text[:at] + text[at + 1 :]
                case 1:
                    text = text[:at] + chance.choice(spare) + text[at:]
                case 2:
                    text = text[:at] + chance.choice(spare) + text[at + 1 :]
                case 3:
                    lines = text.split("\n")
                    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
                    text = "\n".join(lines)
                case _:
                    lines = text.split("\n")
                    line = chance.randrange(len(lines))
                    lines[line] = " " * chance.randint(0, 5) + lines[line].lstrip()
                    text = "\n".join(lines)
        yield text.encode()


def test_mutated_records_read_the_same() -> None:
    taken = sum(same_or_left(data) for data in mutations(seed=1, count=4000))
    assert taken > 200  # else it shows little


def test_records_that_are_parsed_together_do_not_bear_on_each_other() -> None:
    """Whatever one of them is, the others read as they do alone, and so does it."""
    lots = [[front(f"id: n{number}") for number in range(30)] for _ in range(150)]
    for chance, (lot, odd) in enumerate(zip(lots, mutations(seed=2, count=150), strict=True)):
        lot[chance % 30] = odd
    both = 0
    for lot in lots:
        files = [(f"{number}.md", data) for number, data in enumerate(lot)]
        alone = [read_fast([file], SETTINGS)[0] for file in files]
        assert read_fast(files, SETTINGS) == alone
        both += None in alone
    assert 0 < both < 150  # some odd ones were taken, some were not


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(["excerpt", "id", "locale", "secured", "slug"]), st.text()))
def test_any_text_in_double_quotes_reads_the_same(values: dict[str, str]) -> None:
    same_or_left(front(*(f"{name}: {json.dumps(text)}" for name, text in values.items())))
