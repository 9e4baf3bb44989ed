"""Bytes → documents: every kind of file, and every way in which one can be bad."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from topicast.problems import Problem
from topicast.records import yamlquick, yamltext
from topicast.records.documents import read_documents
from topicast.records.locate import line_of
from topicast.records.tree import Document


def read(path: str, text: str | bytes, **options: bool) -> list[Document | Problem]:
    return list(read_documents(path, text.encode() if isinstance(text, str) else text, **options))


def tree(path: str, text: str | bytes, **options: bool) -> object:
    [document] = read(path, text, **options)
    assert isinstance(document, Document), document
    return document.tree


def problem(path: str, text: str | bytes, **options: bool) -> Problem:
    [found] = read(path, text, **options)
    assert isinstance(found, Problem), found
    return found


def outline(found: list[Document | Problem]) -> list[object]:
    """Documents as (item, title), problems as their line."""
    return [
        (one.item, one.tree["title"]) if isinstance(one, Document) else one.line for one in found
    ]


def front(yaml_text: str) -> str:
    return f"---\n{yaml_text}\n---\nbody\n"


@pytest.fixture(params=["libyaml", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.setattr(yamltext, "Loader", yaml.BaseLoader)
        monkeypatch.setattr(yamlquick, "HAS_LIBYAML", False)


# Front matter


def test_front_matter_and_body() -> None:
    [document] = read("a/b.md", "---\ntitle: A\n---\n\nThe *body*\n---\nof it\n")
    assert document == Document(
        item=0, tree={"title": "A"}, body="\nThe *body*\n---\nof it\n", body_kind="markdown"
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [("a.md", "markdown"), ("a.Markdown", "markdown"), ("a.HTML", "html"), ("a.txt", "text")],
)
def test_the_suffix_says_what_the_body_is(path: str, kind: str) -> None:
    [document] = read(path, "---\ntitle: A\n---\nx")
    assert isinstance(document, Document)
    assert (document.body, document.body_kind) == ("x", kind)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff---\ntitle: A\n---\n",
        "---\r\ntitle: A\r\n---\r\n",
        "--- \t\ntitle: A\n---  \n",
        "---\ntitle: A\n---",
        "+++\ntitle = 'A'\n+++\n",
        "\ufeff+++ \r\ntitle = 'A'\r\n+++ ",
    ],
)
def test_byte_order_marks_line_ends_and_blanks_after_the_fence(text: str) -> None:
    assert tree("a.md", text) == {"title": "A"}


@pytest.mark.parametrize("text", ["", "title: A\n", "text\n---\ntitle: A\n---\n", "----\na: 1\n"])
def test_a_file_without_front_matter_is_no_document(text: str) -> None:
    assert read("a.md", text) == []


def test_an_empty_front_matter_is_an_empty_mapping() -> None:
    assert tree("a.md", "---\n---\nx") == {}
    assert tree("a.md", "---\n# only a remark\n---\nx") == {}


@pytest.mark.parametrize("text", ["---\ntitle: A\n", "---", "+++\na = 1\n---\n"])
def test_front_matter_that_is_never_closed(text: str) -> None:
    found = problem("a.md", text)
    assert (found.line, found.expected) == (1, "a front matter that is never closed")
    assert text[:3] in found.remedy


@pytest.mark.parametrize(
    ("text", "found", "line"), [("\n- a", "a list", 3), ("hello", "text", 2), ("[]", "a list", 1)]
)
def test_front_matter_that_is_no_mapping(text: str, found: str, line: int) -> None:
    one = problem("a.md", front(text))
    assert (one.expected, one.line) == (f"{found} where a mapping belongs", line)


def test_toml_is_text_too() -> None:
    text = (
        "title = 'A'\nn = 1.10\nd = 2024-05-01\nt = 2024-05-01T10:00:00Z\nl = [true, 2]\n[p.q]\nx=1"
    )
    assert tree("a.md", f"+++\n{text}\n+++\n") == {
        "title": "A",
        "n": "1.10",
        "d": "2024-05-01",
        "t": "2024-05-01T10:00:00+00:00",
        "l": ["true", "2"],
        "p": {"q": {"x": "1"}},
    }


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("published = true\npublished = false", 3, "published"),
        ("[a]\nx = 1\nx = 2", 4, ""),
        ("[a]\n[a]", 3, ""),
        ("a = {b = 1, b = 2}", 2, "a"),
    ],
)
def test_toml_keys_given_twice(text: str, line: int, field: str) -> None:
    found = problem("a.md", f"+++\n{text}\n+++\n")
    assert (found.expected, found.line) == ("a key is given twice in one mapping", line)
    assert found.field == field


@pytest.mark.parametrize(
    "value", ["[" * 100_000, "1" * 5000, "'" + "x" * 90, "{" + "a." * 100_000 + "b = 1}"]
)
def test_toml_that_cannot_be_read(value: str) -> None:
    start = time.process_time()
    found = problem("a.md", f"+++\nsecured = {value}\n+++\n")
    assert "x" * 10 not in str(found)
    assert time.process_time() - start < 2


def test_headers_of_pelican() -> None:
    text = "Title: A: b\r\ndate: 2024-05-01\r\nTags: a,\r\n    b\r\n\r\nBody: x\r\n"
    [document] = read("a.md", text, headers=True)
    assert isinstance(document, Document)
    assert document.tree == {"Title": "A: b", "date": "2024-05-01", "Tags": "a, b"}
    assert document.body == "Body: x\r\n"
    assert read("a.md", text) == []
    assert tree("a.md", front("title: A"), headers=True) == {"title": "A"}
    assert read("a.md", "Just a text: here\n", headers=True) == []


def test_a_header_may_not_be_given_twice_nor_look_like_text() -> None:
    twice = problem("a.md", "Title: A\nStatus: draft\nstatus: published\n\nx", headers=True)
    assert (twice.line, twice.field) == (3, "status")
    assert problem("a.md", "Title: A\nStatus draft\n\nx", headers=True).line == 2


# YAML


@pytest.mark.usefixtures("parser")
def test_scalars_are_text_as_written() -> None:
    text = "a: No\nb: 1.10\nc: 2024-01-01\nd:\ne: ~\nf: 'x'\ng: !!str 010\nh: [true, {i: 0x1F}]"
    assert tree("a.md", front(text)) == {
        "a": "No",
        "b": "1.10",
        "c": "2024-01-01",
        "d": "",
        "e": "~",
        "f": "x",
        "g": "010",
        "h": ["true", {"i": "0x1F"}],
    }


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "line", "field", "expected"),
    [
        ("published: false\na: 1\npublished: true", 4, "published", "given twice"),
        ("Published: false\npublished: true", 3, "published", "given twice"),
        ("\u200bpublished: false\npublished: true", 3, "published", "given twice"),
        ("DRAFT: true\na: 1\nb: 2\ndraft: false", 5, "draft", "given twice"),
        ("a:\n  b: 1\n  b: 2", 4, "a", "given twice"),
        ("a: &x {b: 1}\nc:\n  <<: *x", 4, "c", "merge key"),
        ("a: 1\n? [b]\n: c", 3, "", "where a key belongs"),
        ("a: 1\nb: !!python/object/apply:os.system [x]", 3, "b", "calls code"),
        ("a: !!binary eA==", 2, "a", "does not belong"),
        ("a: !include x.yaml", 2, "a", "does not define"),
        ("a: !!int [1]", 2, "a", "does not belong"),
        ("a: *b", 2, "a", "alias"),
        ("a: &a [1, *a]", 2, "a", "alias"),
        ("a: b: c", 2, "", "not readable"),
        ("a: 1\nb: 'c\nd: e", 3, "", "not readable"),
        ("a: 1\nb c\nd: e", 3, "", "not readable"),
        ("a: [b", 2, "", "not readable"),
        ("a:\n\t- b", 3, "", "not readable"),
        ("a: 1\n\nb: \x01", 4, "", "control character"),
        ("a: 1\n...\n--- # more\nb: 1", 1, "", "several"),
    ],
)
def test_yaml_that_is_refused(text: str, line: int, field: str, expected: str) -> None:
    found = problem("a.md", front(text))
    assert (found.line, found.field) == (line, field)
    assert expected in found.expected
    assert found.remedy


def test_names_of_switches_have_no_case_and_other_names_have() -> None:
    assert tree("a.md", front("Draft: true\ntitle: A\nTitle: B")) == {
        "Draft": "true",
        "title": "A",
        "Title": "B",
    }


def test_messages_name_nothing_below_the_top_and_no_value() -> None:
    for text in ("secured: {hunter2: 1, hunter2: 2}", "a: !hunter2 hunter2", "b: 'hunter2"):
        assert "hunter2" not in str(problem("a.md", front(text)))
    assert "hunter2" not in str(problem("a.json", '{"a": {"hunter2": 1, "hunter2": 2}}'))


@pytest.mark.usefixtures("parser")
def test_a_hundred_levels_are_read_and_one_more_is_not() -> None:
    assert isinstance(read("a.md", front("a: " + "[" * 99 + "]" * 99))[0], Document)
    assert "100 levels" in problem("a.md", front("a: " + "[" * 100 + "]" * 100)).expected


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "{" * 100_000,
        "- " * 30_000,
        "? " * 100_000,
        "".join(" " * level + "a:\n" for level in range(1200)),
    ],
    ids=["brackets", "braces", "dashes", "marks", "indented"],
)
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    start = time.process_time()  # of this process alone: the machine may be busy
    assert "100 levels" in problem("a.md", front(text)).expected
    assert time.process_time() - start < 3  # half of it; coverage slows the parser in Python


def test_nesting_by_aliases_counts() -> None:
    chain = "a0: &a0 []\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 150))
    assert "100 levels" in problem("a.md", front(chain)).expected


def bomb(width: int, levels: int) -> str:
    lines = [f"a0: &a0 [{', '.join('x' * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_aliases_are_shared_and_a_bomb_of_them_is_refused() -> None:
    small = tree("a.md", front(bomb(9, 4)))
    assert isinstance(small, dict)
    assert small["a1"][0] is small["a0"]
    many = read("a.yaml", "\n---\n".join([bomb(9, 4)] * 60))
    assert "aliases" in str(many[-1])  # the limit is for the file
    start = time.process_time()
    assert "aliases" in problem("a.md", front(bomb(9, 30))).expected
    assert "aliases" in problem("a.yaml", bomb(9, 30)).expected
    assert time.process_time() - start < 1


def test_a_fault_is_not_carried_on_by_an_alias() -> None:
    text = "- &a {title: a, published: 0, published: 1}\n- *a\n"
    text += "- title: c\n  b: &b x\n- title: d\n  b: *b"
    assert outline(read("a.yaml", text)) == [1, 2, (2, "c"), (3, "d")]


def test_a_front_matter_of_too_many_values() -> None:
    assert "100000" in problem("a.md", front("a: [" + "a," * 200_000 + "]")).expected


# Whole files


def test_a_stream_of_documents() -> None:
    found = read("a.yaml", "# registry\n---\ntitle: a\n---\ntitle: b\n...\n---\n---\ntitle: c\n")
    assert outline(found) == [(0, "a"), (1, "b"), (2, "c")]
    assert [one.many for one in found if isinstance(one, Document)] == [False, True, True]


def test_directives_stay_with_their_document() -> None:
    text = "%YAML 1.1\n# x\n---\ntitle: a\n...\n%TAG !y! tag:yaml.org,2002:\n---\ntitle: !y!str b\n"
    assert outline(read("a.yaml", text)) == [(0, "a"), (1, "b")]


def test_one_bad_document_takes_no_other_with_it() -> None:
    bad = [b"title: 'x", b"a: b: c", b"t: \xff", b"t: \x00", b"t: \x01", b"[" * 200, b"t: 1\nt: 2"]
    good = b"title: ok"
    parts = [part for one in bad for part in (one, good)]
    found = read("a.yml", b"title: ok\n---\n" + b"\n---  \n".join(parts) + b"\n")
    assert outline(found) == [
        (0, "ok"),
        3,
        (2, "ok"),
        7,
        (4, "ok"),
        11,
        (6, "ok"),
        15,
        (8, "ok"),
        19,
        (10, "ok"),
        23,
        (12, "ok"),
        28,
        (14, "ok"),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "- title: a\n- {b: 1, b: 2}\n- title: c\n- x\n- published: 1\n  Published: 0\n"),
        (
            "a.json",
            '[{"title": "a"},\n{"b": 1, "b": 2},\n{"title": "c"},\n"x",\n'
            '{"published":\n true,\n"Published": false}]',
        ),
    ],
)
def test_one_bad_item_takes_no_other_with_it(path: str, text: str) -> None:
    found = read(path, text)
    last = 6 if path == "a.yaml" else 7
    assert outline(found) == [(0, "a"), 2, (2, "c"), last, 4]
    assert all(one.many for one in found if isinstance(one, Document))
    assert [one.field for one in found if isinstance(one, Problem)] == ["b", "Published", ""]


def test_items_before_a_syntax_error_of_json_are_kept() -> None:
    text = '[{"title": "a"},\n {"title": "b"},\n {"title": ]'
    assert outline(read("a.json", text)) == [(0, "a"), (1, "b"), 3]
    assert outline(read("a.json", '[{"title": "a"}\n')) == [(0, "a"), 2]


def test_json_is_text_too() -> None:
    text = '\ufeff{"a": 1.10, "b": [true, false, null, NaN], "c": {"d": -1e5}, '
    text += '"e": "a\\ud800b\\ud83d\\ude00"}'
    assert tree("a.JSON", text) == {
        "a": "1.10",
        "b": ["true", "false", "null", "NaN"],
        "c": {"d": "-1e5"},
        "e": "ab😀",
    }


def test_json_depth() -> None:
    assert isinstance(read("a.json", '{"a": ' + "[" * 99 + "]" * 99 + "}")[0], Document)
    assert "levels" in problem("a.json", '{"a": ' + "[" * 100 + "]" * 100 + "}").expected
    assert "levels" in problem("a.json", '{"a": ' + "[" * 100_000).expected


def test_of_many_items_that_cannot_be_read_the_first_are_named() -> None:
    found = read("a.jsonl", '{"title": "a"}\n' + "{\n" * 1_000)
    problems = [one for one in found if isinstance(one, Problem)]
    assert [problem.line for problem in problems[:-1]] == list(range(2, 102))
    assert problems[-1].expected == "900 more of its items cannot be read"
    assert getattr(problems[-1], "items", 1) == 900
    assert len(found) == 102


def test_json_lines() -> None:
    text = (
        b'\xef\xbb\xbf{"title": "a"}\r\n\n{"title": \xff}\n[1]\n{"title": "d"\n\x00\n{"title": "f"}'
    )
    found = read("a.jsonl", text)
    assert outline(found) == [(0, "a"), 3, 5, 6, (5, "f"), 4]
    assert [one.many for one in found if isinstance(one, Document)] == [True, True]


@pytest.mark.parametrize(
    ("path", "text"),
    [("a.yaml", t) for t in ("", "# x", "hello", "- a\n- b", "---\n---\n", "[]")]
    + [("a.json", t) for t in ("[]", "[1, 2]", "3", '"x"')]
    + [("a.jsonl", t) for t in ("", "\n\n", "1\n2\n")]
    + [("a.png", "---\na: 1\n---\n"), (".md", "---\na: 1\n---\n")],
)
def test_what_is_no_record_at_all(path: str, text: str) -> None:
    assert read(path, text) == []


# Bytes


@pytest.mark.parametrize(
    ("data", "line", "expected"),
    [
        (b"---\ntitle: a\n---\n\nx\xff", 5, "not UTF-8"),
        (b"---\ntitle: \xe9t\xe9\n---\n", 2, "not UTF-8"),
        ("---\ntitle: a\n---\n".encode("utf-16"), 1, "not UTF-8"),
        (b"---\ntitle: a\n---\nx\n\x00", 5, "a NUL character"),
        (b"---\n" + b"a: b\n" * 210_000 + b"---\n", 1, "a front matter over 1 MB"),
        (b"---\na: " + "é".encode() * 600_000 + b"\n---\n", 1, "a front matter over 1 MB"),
        (b"x" * 17_000_000, 0, "a file over 16 MB"),
    ],
    ids=["body", "latin-1", "utf-16", "nul", "front", "front in bytes", "file"],
)
def test_bytes_that_are_refused(data: bytes, line: int, expected: str) -> None:
    found = problem("a.md", data)
    assert (found.line, found.expected) == (line, expected)


@pytest.mark.parametrize("data", [b"caf\xe9, a note in Latin-1\n", b"\x89PNG\0\0"])
def test_bytes_without_front_matter_are_no_record_either(data: bytes) -> None:
    assert [*read_documents("a.txt", data)] == []


def test_control_characters_in_a_body_are_kept() -> None:
    [document] = read("a.md", "---\ntitle: a\n---\n\x01\x0c\x85x")
    assert isinstance(document, Document)
    assert document.body == "\x01\x0c\x85x"


def test_a_long_body_is_no_long_front_matter() -> None:
    assert tree("a.md", front("title: a") + "x" * 2_000_000) == {"title": "a"}


# Finding the line


FRONT = (
    b"---\na: 1\nimages:\n  - url: x\n    w: 1\n  - w: 2\n    URL: 3\nprovider:\n  name: z\n---\n"
)


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("a", 2),
        ("images[0].url", 4),
        ("images[1]", 6),
        ("images[1].url", 7),
        ("images[7].url", 3),
        ("provider.name", 9),
        ("provider.domain", 8),
        ("title", 2),
        ("", 2),
        ("[[", 2),
    ],
)
def test_the_line_of_a_field(field: str, line: int) -> None:
    assert line_of(FRONT, "x.md", 0, field) == line


@pytest.mark.parametrize(
    ("path", "text", "item", "field", "line"),
    [
        ("a.yaml", "- a: 1\n- b: 1\n  a: 2\n---\nb: 1\na: 3\n", 1, "a", 3),
        ("a.yaml", "- a: 1\n- b: 1\n  a: 2\n---\nb: 1\na: 3\n", 2, "a", 6),
        ("a.yaml", "a: [\n---\na: 1\n", 1, "a", 3),
        ("a.yaml", "a: [\n---\na: 1\n", 0, "a", 1),
        ("a.yaml", "a: 1\n", 1, "a", 0),
        ("a.json", '[{"a": 1},\n{"b": 1,\n"a": [{"u": 1},\n{"u": 2}]}]', 1, "a[1].u", 4),
        ("a.json", '[{"a": 1},\n{"b": 1}]', 0, "b", 1),
        ("a.json", "[", 0, "a", 1),
        ("a.jsonl", '{"a": 1}\n\n{"b": 1}\n', 1, "b", 3),
        ("a.md", "+++\na = 1\n[p]\nx = 1\n[[i]]\nu = 1\n[[i]]\nu = 2\n+++\n", 0, "i[1].u", 8),
        ("a.md", "Title: x\nDate: y\n\nbody\n", 0, "date", 2),
        ("a.md", "no front matter", 0, "a", 0),
    ],
)
def test_the_line_in_other_files(path: str, text: str, item: int, field: str, line: int) -> None:
    assert line_of(text.encode(), path, item, field) == line


# Whatever stands in a file

SUFFIXES = st.sampled_from(["a.md", "a.html", "a.yaml", "a.json", "a.jsonl"])
PIECES = [
    "---\n",
    "+++\n",
    "a: ",
    "title",
    ": ",
    "- ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ",",
    '"',
    "'",
]
PIECES += [
    "&a ",
    "*a",
    "<<",
    "!!str ",
    "!x ",
    "? ",
    "|\n",
    "\r\n",
    "\\ud800",
    "\0",
    "\ufeff",
    "= 1",
]
NOISE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join)


@settings(max_examples=200, deadline=None)
@given(SUFFIXES, NOISE.map(lambda text: text.encode("utf-8", "surrogatepass")), st.booleans())
def test_nothing_raises(path: str, data: bytes, headers: bool) -> None:
    for fenced in (data, b"---\n" + data + b"\n---\n", b"+++\n" + data + b"\n+++\n"):
        for one in read_documents(path, fenced, headers=headers):
            if isinstance(one, Problem):
                assert one.line >= 1
                assert str(one).isprintable()
            else:
                for field in [*one.tree, "a[0].b", "title"]:
                    assert 0 <= line_of(fenced, path, one.item, field) <= fenced.count(b"\n") + 1


LEAVES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")
)
KEYS = LEAVES.map(lambda key: f"k{key}")
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_trees_come_back(value: dict[str, object]) -> None:
    assert tree("a.json", json.dumps(value)) == value
    written = yaml.safe_dump(value, allow_unicode=True, default_style='"')
    assert tree("a.yaml", written) == value
    assert tree("a.md", front(written)) == value
