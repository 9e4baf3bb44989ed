"""``topics.yaml``: what is read from it, and what is wrong with it where."""

from __future__ import annotations

import time

import pytest

from topicast.problems import ConfigError
from topicast.topics.taxonomy import Taxonomy, read_taxonomy


def taxonomy(text: str) -> Taxonomy:
    return read_taxonomy([("topics.yaml", text.encode())])


def test_a_row_is_read_as_text() -> None:
    text = """\
- name: "  Power\\tApps "
  _id: power
  shortname: 1.10
  description: |
    Apps without
    code.
  aliases: [PowerApps, No]
  keywords: {anything: [else]}
"""
    (row,) = taxonomy(text).rows
    assert (row.name, row.slug, row.shortname) == ("Power Apps", "power", "1.10")
    assert (row.description, row.aliases) == ("Apps without code.", ("PowerApps", "No"))


def test_nothing_is_needed_but_a_name() -> None:
    text = "- name: A\n- {name: B, parent: , _id: , aliases: }\n- {name: C, parent: null}\n"
    assert [row.name for row in taxonomy(text).rows] == ["A", "B", "C"]
    assert taxonomy(text).ancestors("c") == ()
    assert taxonomy("").rows == taxonomy("# nothing yet\n").rows == ()


def test_a_folder_of_files_each_with_one_mapping_or_a_list() -> None:
    files = [
        ("topics/00.yaml", b"name: Power Apps\n_id: power-apps"),
        (
            "topics/01.yaml",
            b"\xef\xbb\xbf- name: Canvas apps\n  parent: power-apps\n- name: Portals\n",
        ),
        ("topics/02.yaml", b"name: X\n---\nname: Y\nparent: canvas  APPS\n"),
    ]
    read = read_taxonomy(files)
    assert [row.name for row in read.rows] == ["Power Apps", "Canvas apps", "Portals", "X", "Y"]
    assert read.ancestors("y") == ("canvas apps", "power apps")


def test_names_and_aliases_lead_to_the_topic_however_they_are_written() -> None:
    read = taxonomy("- {name: Dataverse, aliases: Common Data Service}\n")
    (row,) = read.rows
    assert read.canonical("dataverse") == read.canonical("common data service") == row
    assert read.canonical("other") is None


def test_a_parent_may_be_named_by_name_alias_or_id() -> None:
    text = "- {name: A, _id: a-1, aliases: [Old A]}\n- {name: B, parent: %s}\n"
    for parent in ("a", "OLD a", "a-1"):
        assert taxonomy(text % parent).ancestors("b") == ("a",)


def test_a_topic_called_null_can_be_a_parent() -> None:
    assert taxonomy('- name: "Null"\n- {name: B, parent: null}\n').ancestors("b") == ("null",)


def test_one_name_twice_in_one_row_is_no_harm() -> None:
    assert taxonomy("- {name: Power Apps, aliases: [power apps, PowerApps, powerapps]}\n").rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- name: A\n- _id: b\n", r"topics\.yaml:2: name: a topic without a name"),
        ("- name: '  '\n", r"topics\.yaml:1: name: a topic without a name"),
        ("- name: [A]\n", r"topics\.yaml:1: name: not a text"),
        ('- name: "a\\x01b"\n', r"topics\.yaml:1: name: .*control characters"),
        ('- {name: A, description: "\\uFFFE"}\n', r"topics\.yaml:1: description: "),
        ("- name: A\n- name: ' a'\n", r"topics\.yaml:2: name: 'a' .*topics\.yaml:1 too"),
        ("- {name: A, aliases: [b]}\n- name: B\n", r"topics\.yaml:2: name: 'B' .*:1 too"),
        (
            "- {name: A, aliases: [c]}\n- {name: B, aliases: [C]}\n",
            r"topics\.yaml:2: aliases: 'C' .*:1 too",
        ),
        ("- {name: A, aliases: {b: c}}\n", r"topics\.yaml:1: aliases: not a list"),
        ("- {name: A, aliases: [[b]]}\n", r"topics\.yaml:1: aliases: not a list"),
        ("- {name: A, _id: x}\n- {name: B, _id: x}\n", r":2: _id: the topic at topics\.yaml:1"),
        ("- {name: A, _id: Power Apps}\n", r":1: _id: 'Power Apps' is no address"),
        ("- {name: A, _id: ../a}\n", r":1: _id: "),
        ("- {name: A, _id: archive}\n", r":1: _id: "),
        ("- name: A\n- {name: B, parent: X}\n", r":2: parent: no topic has the name or _id 'X'"),
        ("- {name: A, parent: a}\n", r":1: parent: parents go in a circle: 'A' → 'A'"),
        (
            "- {name: Z, parent: C}\n- {name: A, parent: B}\n- {name: B, parent: C}\n"
            "- {name: C, parent: A}\n",
            r":4: parent: parents go in a circle: 'C' → 'A' → 'B' → 'C'",
        ),
        ("just text\n", r"topics\.yaml:1: a mapping belongs here"),
        ("- name: A\n- B\n", r"topics\.yaml:2: a mapping belongs here"),
        ("- name: A\n  name: B\n", r"topics\.yaml:2: name: .*twice"),
        ("- name: A\n- !!python/object/apply:os.system [ls]\n", r"topics\.yaml:2: "),
        ("- name: A\n- name: 'B\n", r"topics\.yaml:\d: "),
        ("- name: A\x00\n", r"topics\.yaml:1: "),
    ],
)
def test_what_is_wrong_names_file_and_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        taxonomy(text)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def _one_above_the_other(count: int) -> str:
    rows = [f"- {{name: T{number}, parent: T{number - 1}}}\n" for number in range(1, count)]
    return "".join(["- name: T0\n", *rows])


def test_a_circle_of_many_is_called_one() -> None:
    rows = [f"- {{name: T{number}, parent: T{(number + 1) % 150}}}\n" for number in range(150)]
    with pytest.raises(ConfigError, match="parents go in a circle: 'T0' → 'T1'"):
        taxonomy("".join(rows))


def test_a_hundred_topics_may_stand_above_one() -> None:
    assert len(taxonomy(_one_above_the_other(101)).ancestors("t100")) == 100
    with pytest.raises(ConfigError, match=r"topics\.yaml:102: parent: more than 100 topics stand"):
        taxonomy(_one_above_the_other(102))


def test_a_file_that_is_not_utf8_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"topics\.yaml:2: not UTF-8"):
        read_taxonomy([("topics.yaml", b"- name: A\n- name: \xff\n")])


@pytest.mark.parametrize(
    "bomb",
    [
        "name: " + "[" * 100_000,
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n"
            for n in range(12)
        ),
    ],
)
def test_a_bomb_is_an_error_at_once(bomb: str) -> None:
    start = time.monotonic()
    with pytest.raises(ConfigError, match=r"topics\.yaml"):
        taxonomy(bomb)
    assert time.monotonic() - start < 5
