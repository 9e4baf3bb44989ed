"""Bad input, and what it gets: set aside and named, while all other records are published.

Every bad record holds a canary in each field that must never be seen: those that are secret or
unknown, and, since a record that is set aside is not published, all the others too.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import etree

from command_line import NOW, CommandLine, Ran, installed
from site_on_disk import TOML, Site

CANARY = "canary"
SECRET = "canary-"
SECRETS = """\
secured: {token: canary-secured, canary-key: 1}
quality: canary-quality
heat: canary-heat
internal: {notes: [canary-unknown]}"""
FIELDS = {
    "title": "canary title",
    "excerpt": "canary excerpt",
    "publishedDateTime": "2024-05-02T09:00:00Z",
    "webUrl": "https://example.com/canary",
    "topics": "[canary topic]",
    "provider": "{name: canary, apiKey: canary-provider}",
    "images": "[{url: https://example.com/canary.png, licenceKey: canary-image}]",
    "related": "[{title: canary, webUrl: https://example.com/canary, score: canary-related}]",
    "actions": "[{type: download, url: https://example.com/canary.zip, token: canary-action}]",
}
LAST = 1 + len(FIELDS) + len(SECRETS.splitlines())  # the line above what a case adds


def front(*lines: str, without: str = "", body: str = "canary body") -> str:
    """A record that is good but for ``lines`` at the end of its front matter."""
    fields = [f"{name}: {value}" for name, value in FIELDS.items() if name != without]
    fields += [f"filler: {CANARY}"] if without else []  # so that what is added stays on its line
    return "\n".join(["---", *fields, SECRETS, *lines, "---", body, ""])


def bomb() -> str:
    """Nine lists of nine aliases each: 9^9 values, if somebody wrote them out."""
    names = "abcdefghi"
    lines = [f"a: &a [{','.join(['canary'] * 9)}]"]
    for before, name in pairwise(names):
        lines.append(f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]")
    return front(*lines)


class Bad(NamedTuple):
    """A file that is set aside, and what is said of it, from the line number on."""

    file: str
    data: str | bytes
    said: str


DEEP = "nested deeper than 100 levels; write it flatter"
TWICE = "a key is given twice in one mapping; keep one of the two"
SWITCH = "write true or false"
DATE = "write 2024-05-01T09:00:00Z"
LOOK = "check quotes and indentation here and on the line above"

BAD = {
    # Bytes
    "latin-1": Bad(
        "b.md",
        front(body="caf\xe9").encode("latin-1"),
        f"{LAST + 2}: not UTF-8; save the file as UTF-8",
    ),
    "utf-16": Bad(
        "b.json", '{"title": "canary"}'.encode("utf-16"), "1: not UTF-8; save the file as UTF-8"
    ),
    "nul in a field": Bad(
        "b.md",
        front("x: canary\0canary"),
        f"{LAST + 1}: a NUL character; save the file as UTF-8, without NUL characters",
    ),
    "nul in the body": Bad(
        "b.md",
        front(body="canary\0canary"),
        f"{LAST + 2}: a NUL character; save the file as UTF-8, without NUL characters",
    ),
    "control character": Bad(
        "b.md",
        front("x: canary\x01canary"),
        f"{LAST + 1}: a control character; take the character out",
    ),
    "U+FFFE": Bad(
        "b.md", front("x: canary\ufffe"), f"{LAST + 1}: a control character; take the character out"
    ),
    # Shapes
    "never closed": Bad(
        "b.md",
        front().rpartition("---")[0],
        "1: a front matter that is never closed; write a line --- after the last field",
    ),
    "never closed, TOML": Bad(
        "b.md",
        '+++\ntitle = "canary"\n',
        "1: a front matter that is never closed; write a line +++ after the last field",
    ),
    "a list": Bad(
        "b.md",
        "---\n- canary\n- title: canary\n---\n",
        "2: a list where a mapping belongs; write fields: `title: …` and so on",
    ),
    "text": Bad(
        "b.md",
        "---\ncanary\n---\n",
        "2: text where a mapping belongs; write fields: `title: …` and so on",
    ),
    "nothing": Bad("b.md", "---\n---\ncanary\n", "1: title: expected a title; write title: …"),
    "over 1 MB": Bad(
        "b.md",
        front("x: " + "canary " * 200_000),
        "1: a front matter over 1 MB; move the text below the front matter",
    ),
    # YAML
    "a tag that calls code": Bad(
        "b.md",
        front("x: !!python/object/apply:os.system ['touch canary']"),
        f"{LAST + 1}: x: a tag (!!python) that calls code; leave the tag out",
    ),
    "a title that calls code": Bad(
        "b.md",
        front("title: !!python/object/apply:os.system ['touch canary']", without="title"),
        f"{LAST + 1}: title: a tag (!!python) that calls code; leave the tag out",
    ),
    "an unknown tag": Bad(
        "b.md",
        front("x: !canary canary"),
        f"{LAST + 1}: x: a tag (!) that YAML does not define; leave the tag out",
    ),
    "an alias bomb": Bad(
        "b.md",
        bomb(),
        f"{LAST + 6}: f: aliases (*) that make far too many values of a few;"
        " write the value out instead of the alias",
    ),
    "an alias to itself": Bad(
        "b.md",
        front("x: &x [canary, *x]"),
        f"{LAST + 1}: x: an alias (*) to nothing that can be read;"
        " write the value out instead of the alias",
    ),
    "a merge key": Bad(
        "b.md",
        front("<<: {published: false, x: canary}"),
        f"{LAST + 1}: a merge key (<<); write the keys out that it brings",
    ),
    "a tab": Bad(
        "b.md",
        "---\ntitle: canary\n\tx: canary\n---\n",
        "3: not readable as YAML: found a tab character that violates indentation;"
        " indent with spaces, not tabs",
    ),
    "an open quote": Bad(
        "b.md",
        front('x: "canary'),
        f"{LAST + 1}: not readable as YAML: found unexpected end of stream;"
        " close the quote or the bracket that was opened here",
    ),
    "a colon too many": Bad(
        "b.md",
        front("x: canary: canary"),
        f"{LAST + 1}: not readable as YAML: mapping values are not allowed in this context;"
        ' put quotes around a value that holds ": "',
    ),
    # 100,000 brackets, which end PyYAML's process where they reach it
    "flow brackets": Bad("b.md", front("x: " + "[" * 100_000), f"{LAST + 1}: {DEEP}"),
    "closed flow brackets": Bad(
        "b.md", front("x: " + "[" * 100_000 + "]" * 100_000), f"{LAST + 1}: {DEEP}"
    ),
    "flow mappings": Bad("b.md", front("x: " + "{canary: " * 100_000), f"{LAST + 1}: {DEEP}"),
    "block lists": Bad("b.md", front("x:", "- " * 100_000 + "canary"), f"{LAST + 2}: {DEEP}"),
    "block mappings": Bad(
        "b.md", front("x:", *(f"{' ' * n}a:" for n in range(1, 700))), f"{LAST + 101}: {DEEP}"
    ),
    "brackets in YAML": Bad("b.yaml", "[" * 100_000, f"1: {DEEP}"),
    "blocks in YAML": Bad("b.yml", "- " * 100_000 + "canary", f"1: {DEEP}"),
    "brackets in JSON": Bad("b.json", "[" * 100_000, f"1: {DEEP}"),
    "mappings in JSON": Bad("b.json", '{"title":' * 100_000, f"1: {DEEP}"),
    "brackets in a line of JSON": Bad("b.jsonl", "[" * 100_000, f"1: {DEEP}"),
    "brackets in TOML": Bad("b.md", f"+++\ntitle = {'[' * 100_000}\n+++\n", f"1: {DEEP}"),
    # Keys given twice
    "title twice": Bad("b.md", front("title: canary"), f"{LAST + 1}: title: {TWICE}"),
    "secured twice": Bad("b.md", front("secured: canary"), f"{LAST + 1}: secured: {TWICE}"),
    "published twice, false first": Bad(
        "b.md", front("published: false", "published: true"), f"{LAST + 2}: published: {TWICE}"
    ),
    "published twice, true first": Bad(
        "b.md", front("published: true", "published: false"), f"{LAST + 2}: published: {TWICE}"
    ),
    "Published and published": Bad(
        "b.md", front("Published: false", "published: true"), f"{LAST + 2}: published: {TWICE}"
    ),
    "published twice, TOML": Bad(
        "b.md",
        '+++\ntitle = "canary"\npublished = false\npublished = true\n+++\n',
        f"4: published: {TWICE}",
    ),
    "published twice, JSON": Bad(
        "b.json",
        '{"title": "canary", "published": false, "published": true}',
        f"1: published: {TWICE}",
    ),
    # Fields
    "no title": Bad("b.md", front(without="title"), "2: title: expected a title; write title: …"),
    "an empty title": Bad(
        "b.md",
        front("title:", without="title"),
        f"{LAST + 1}: title: expected a title; write title: …",
    ),
    "a title that is a list": Bad(
        "b.md",
        front("title: [canary]", without="title"),
        f"{LAST + 1}: title: expected text; write text",
    ),
    "a title of a script": Bad(
        "b.md",
        front("title: <script>canary</script>", without="title"),
        f"{LAST + 1}: title: nothing is left of it without tags and control characters;"
        " write a title in words",
    ),
    "an id that is a mapping": Bad(
        "b.md", front("id: {canary: canary}"), f"{LAST + 1}: id: expected text; write text"
    ),
    "a senseless date": Bad(
        "b.md",
        front("publishedDateTime: next spring", without="publishedDateTime"),
        f"{LAST + 1}: publishedDateTime: expected a date, got 'next spring'; {DATE}",
    ),
    "a month too many": Bad(
        "b.md",
        front("publishedDateTime: 2024-13-01T00:00:00Z", without="publishedDateTime"),
        f"{LAST + 1}: publishedDateTime: expected a date, got '2024-13-01T00:00:00Z'; {DATE}",
    ),
    "an incomplete date": Bad(
        "b.md",
        front("publishedDateTime: 2024-05", without="publishedDateTime"),
        f"{LAST + 1}: publishedDateTime: expected a full date with year, month and day,"
        f" got '2024-05'; {DATE}",
    ),
    "a date that is a list": Bad(
        "b.md",
        front("publishedDateTime: [canary]", without="publishedDateTime"),
        f"{LAST + 1}: publishedDateTime: expected a date; {DATE}",
    ),
    "a date in a novel": Bad(
        "b.md",
        front("expires: " + "when the cows come home " * 9),
        f"{LAST + 1}: expires: expected a date,"
        f" got 'when the cows come home when the cows c…'; {DATE}",
    ),
    "a senseless updatedDateTime": Bad(
        "b.md",
        front("updatedDateTime: soon"),
        f"{LAST + 1}: updatedDateTime: expected a date, got 'soon'; {DATE}",
    ),
    "published: 0": Bad(
        "b.md",
        front("published: 0"),
        f"{LAST + 1}: published: expected true or false, got '0'; {SWITCH}",
    ),
    "published: maybe": Bad(
        "b.md",
        front("published: maybe"),
        f"{LAST + 1}: published: expected true or false, got 'maybe'; {SWITCH}",
    ),
    "published: nothing": Bad(
        "b.md", front("published:"), f"{LAST + 1}: published: expected true or false; {SWITCH}"
    ),
    "published: a list": Bad(
        "b.md",
        front("published: [canary]"),
        f"{LAST + 1}: published: expected true or false; {SWITCH}",
    ),
    "draft: 1": Bad(
        "b.md", front("draft: 1"), f"{LAST + 1}: draft: expected true or false, got '1'; {SWITCH}"
    ),
    "deleted: null": Bad(
        "b.json",
        '{"title": "canary", "deleted": null}',
        f"1: deleted: expected true or false, got 'null'; {SWITCH}",
    ),
    "unpublished, and a date": Bad(
        "b.md",
        front("published: false", "expires: canary"),
        f"{LAST + 2}: expires: expected a date; {DATE}",
    ),
    "unclear, and a date": Bad(
        "b.md",
        front("published: maybe", "draft: true", "expires: canary"),
        f"{LAST + 1}: published: expected true or false; {SWITCH}",
    ),
    # Other languages
    "TOML": Bad(
        "b.md",
        "+++\ntitle = canary\n+++\n",
        "2: not readable as TOML: Invalid value; check the quotes and the brackets of this line",
    ),
    "JSON": Bad(
        "b.json",
        '{\n"title": "canary"\n"x": "canary"}',
        "3: not readable as JSON: Expecting ',' delimiter;"
        " check commas, quotes and brackets here and just before",
    ),
}


@pytest.fixture
def seen(site: Site, run: CommandLine) -> Callable[[Ran], str]:
    """Everything that came of a site: what was said, every file of the trees, and the catalog."""

    def everything(ran: Ran) -> str:
        files = [
            path.read_bytes().decode("utf-8", "replace")
            for folder in ("feeds", "preview", ".topicast")
            for path in (site.root / folder).rglob("*")
            if path.is_file()
        ]
        return "\n".join([ran.out, ran.err, *files])

    return everything


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_record_that_cannot_be_used_is_set_aside_and_named(
    bad: Bad, site: Site, run: CommandLine, seen: Callable[[Ran], str]
) -> None:
    site.record("good.md")
    site.write(bad.file, bad.data)
    said = f"seeds/{bad.file}:{bad.said}"

    built = run(site.root, "build", *NOW, "--report", "-")
    assert built.code == 3
    assert f"error: {said}" in built.lines()
    assert json.loads(built.out)["set_aside"] == 1
    assert built.seconds < 1.0
    assert site.titles() == site.titles("rss.xml") == ["Title of good"]
    assert CANARY not in seen(built)

    again = run(site.root, "build", *NOW)
    assert (again.code, f"error: {said}" in again.lines()) == (3, True)

    linted = run(site.root, "lint")
    assert linted.code == 1
    assert f"error: {said}" in linted.out.splitlines()
    explained = run(site.root, "explain", f"seeds/{bad.file}", *NOW)
    assert explained.code == 0
    assert explained.out.startswith(f"seeds/{bad.file}: set aside: ")
    assert f"error: {said}" in explained.out
    preview = run(site.root, "build", "--include-unpublished", *NOW)
    assert (preview.code, f"error: {said}" in preview.lines()) == (3, True)
    assert CANARY not in linted.said + explained.said + seen(preview)
    assert not list(site.root.rglob("canary*"))


BARE = "2: webUrl: neither a link nor content; write a webUrl, or a text below the front matter"


@pytest.mark.parametrize(
    ("file", "body"), [("b.md", ""), ("b.html", "<script>canary-</script><p> </p>"), ("b.txt", " ")]
)
def test_a_record_with_neither_link_nor_content_is_set_aside(
    file: str, body: str, site: Site, run: CommandLine, seen: Callable[[Ran], str]
) -> None:
    site.record("good.md")
    site.write(file, front(without="webUrl", body=body))
    built = run(site.root, "build", *NOW)
    assert (built.code, built.lines()[0]) == (3, f"error: seeds/{file}:{BARE}")
    assert site.titles() == ["Title of good"]
    assert SECRET not in seen(built)
    assert run(site.root, "build", *NOW).lines()[0] == f"error: seeds/{file}:{BARE}"
    # One that nobody may see yet needs neither.
    site.write(file, front("draft: true", without="webUrl", body=body))
    assert run(site.root, "build", *NOW).code == 0


# What cannot be read as a file


def fifo(site: Site) -> None:
    os.mkfifo(site.seeds / "b.md")


def huge(site: Site) -> None:
    with site.write("b.md", front()).open("ab") as file:
        file.truncate(50 * 1024 * 1024)


def loop(site: Site) -> None:
    (site.seeds / "b.md").symlink_to("b.md")


def nowhere(site: Site) -> None:
    (site.seeds / "b.md").symlink_to("gone.md")


def outside(site: Site) -> None:
    (site.root / "private.md").write_text(front())
    (site.seeds / "b.md").symlink_to("../private.md")


def folder_outside(site: Site) -> None:
    (site.root / "private").mkdir()
    (site.root / "private" / "b.md").write_text(front())
    (site.seeds / "b").symlink_to("../private")


def not_utf_8(site: Site) -> None:
    Path(os.fsdecode(os.fsencode(site.seeds) + b"/caf\xe9.md")).write_text(front())


def folder_not_utf_8(site: Site) -> None:
    folder = Path(os.fsdecode(os.fsencode(site.seeds) + b"/caf\xe9"))
    folder.mkdir()
    (folder / "b.md").write_text(front())


def link_not_utf_8(site: Site) -> None:
    Path(os.fsdecode(os.fsencode(site.seeds) + b"/caf\xe9.md")).symlink_to("good.md")


UNREADABLE: dict[str, tuple[Callable[[Site], None], str]] = {
    "fifo": (fifo, "b.md: is no plain file; remove it, or exclude it"),
    "50 MB": (huge, "b.md: is over 16 MB; split it, or exclude it"),
    "a link in a circle": (
        loop,
        "b.md: a symbolic link that leads nowhere or in a circle; put the file itself here",
    ),
    "a link to nothing": (
        nowhere,
        "b.md: a symbolic link that leads nowhere or in a circle; put the file itself here",
    ),
    "a link to the outside": (
        outside,
        "b.md: a symbolic link that leads outside of the records; put the file itself here",
    ),
    "a folder of the outside": (
        folder_outside,
        "b: a symbolic link that leads outside of the records; put the folder itself here",
    ),
    "a name that is not UTF-8": (
        not_utf_8,
        "caf\\xe9.md: a file name that is not UTF-8; rename the file",
    ),
    "a folder's name that is not UTF-8": (
        folder_not_utf_8,
        "caf\\xe9: a folder name that is not UTF-8; rename the folder",
    ),
    "a link's name that is not UTF-8": (
        link_not_utf_8,
        "caf\\xe9.md: a file name that is not UTF-8; rename the file",
    ),
}


@pytest.mark.parametrize(("make", "said"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_set_aside_and_named(
    make: Callable[[Site], None],
    said: str,
    site: Site,
    run: CommandLine,
    seen: Callable[[Ran], str],
) -> None:
    site.record("good.md")
    make(site)
    for _ in range(2):
        built = run(site.root, "build", *NOW, "--report", "-")
        assert (built.code, built.lines()[0]) == (3, f"error: seeds/{said}")
        assert json.loads(built.out)["set_aside"] == 1
        assert built.seconds < 1.0
        assert CANARY not in seen(built)
    assert site.titles() == ["Title of good"]
    assert run(site.root, "lint").code == 1
    for name in os.listdir(site.seeds):
        explained = run(site.root, "explain", f"seeds/{name}", *NOW)
        assert explained.code == 0
        assert ("set aside" in explained.out) == (name != "good.md")


def test_a_folder_that_loops_is_not_followed(site: Site, run: CommandLine) -> None:
    site.record("a/good.md")
    (site.seeds / "a" / "up").symlink_to("..")
    built = run(site.root, "build", *NOW)
    assert built.code == 0
    said = "a symbolic link to a folder, which is not followed"
    assert built.lines()[0] == f"warning: seeds/a/up: {said}; put the folder itself here"
    assert site.titles() == ["Title of good"]
    explained = run(site.root, "explain", "seeds/a/up/a/good.md", *NOW)
    assert explained.out.startswith(f"seeds/a/up/a/good.md: no record: {said}\n")


def test_a_file_without_permission_is_set_aside(
    site: Site, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.record("good.md")
    site.write("b.md", front())
    real = os.open

    def refuse(path: Any, *arguments: Any, **named: Any) -> int:
        if os.fspath(path).endswith("b.md"):  # root is refused nothing by a mode
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refuse)
    built = run(site.root, "build", *NOW)
    said = "error: seeds/b.md: cannot be read: Permission denied; check its permissions"
    assert (built.code, built.lines()[0]) == (3, said)
    monkeypatch.undo()
    assert run(site.root, "build", *NOW, "--config", str(site.root / "topicast.toml")).code == 0


# Files of many records: one bad record never takes another with it

MANY = {
    "stream": (
        "b.yaml",
        "title: One\n{ok}one\n---\ntitle: [canary\n---\ntitle: Three\n{ok}three\n---\n- canary\n",
        ["One", "Three"],
        [
            "5: not readable as YAML: did not find expected ',' or ']';"
            " check quotes and indentation here and on the line above",
            "11: text where a mapping belongs; write fields: `title: …` and so on",
        ],
    ),
    "lines": (
        "b.jsonl",
        '{{"title": "One", {json}one"}}\n{{"title": "canary"\n["canary"]\n\n'
        '{{"title": "canary", "published": "perhaps", {json}canary"}}\n'
        '{{"title": "Six", {json}six"}}',
        ["One", "Six"],
        [
            "2: not readable as JSON: Expecting ',' delimiter;"
            " check commas, quotes and brackets here and just before",
            "3: a list where a mapping belongs; write fields: `title: …` and so on",
            "5: published: expected true or false, got 'perhaps'; write true or false",
        ],
    ),
    "list": (
        "b.json",
        '[{{"title": "One", {json}one"}},\n{{"title": "canary", "title": "canary"}},\n7,\n'
        '{{"title": "canary", "publishedDateTime": "2024-05-01T00:00:00Z"}}]',
        ["One"],
        [
            "2: title: a key is given twice in one mapping; keep one of the two",
            "3: text where a mapping belongs; write fields: `title: …` and so on",
            "4: id: one of many records in a file, without a link of its own;"
            " write id: and any text",
        ],
    ),
}


@pytest.mark.parametrize(("file", "data", "titles", "said"), MANY.values(), ids=MANY.keys())
def test_a_bad_record_takes_no_other_of_its_file_with_it(
    file: str, data: str, titles: list[str], said: list[str], site: Site, run: CommandLine
) -> None:
    ok = "publishedDateTime: 2024-05-01T00:00:00Z\nwebUrl: https://example.com/"
    json_ok = '"publishedDateTime": "2024-05-01T00:00:00Z", "webUrl": "https://example.com/'
    site.write(file, data.format(ok=ok, json=json_ok))
    built = run(site.root, "build", *NOW, "--report", "-")
    assert built.code == 3
    assert built.lines()[:-1] == [f"error: seeds/{file}:{one}" for one in said]
    assert json.loads(built.out)["set_aside"] == len(said)
    assert sorted(site.titles()) == titles
    assert CANARY not in built.said
    explained = run(site.root, "explain", f"seeds/{file}", *NOW)
    assert explained.out.count(": shown: ") == len(titles)
    others = re.search("have an error: ([0-9]+)\n", explained.out)  # of which nothing was read
    aside = explained.out.count(": set aside: it has an error") + int(others[1] if others else 0)
    assert aside == len(said)


# What is taken, with a warning or without


def warnings(ran: Ran) -> list[str]:
    return [line for line in ran.lines() if line.startswith("warning: ")]


def test_dates_without_zone_are_warned_of_once_a_build(site: Site, run: CommandLine) -> None:
    site.configure(TOML.replace('timezone = "UTC"\n', ""))
    for name in "abc":
        site.record(f"{name}.md", publishedDateTime="2024-05-01T09:00:00")
    site.record("2024-05-02-d.md", publishedDateTime=None)
    said = "a date without a zone is taken as UTC"
    for _ in range(2):
        built = run(site.root, "build", *NOW, "-v", "--report", "-")
        assert built.code == 0
        first = f"seeds/2024-05-02-d.md: {said} (in 4 records); set [site] timezone"
        assert warnings(built) == [f"warning: {first}"]
        assert len(json.loads(built.out)["problems"]) == 1
    linted = run(site.root, "lint")
    assert (linted.code, linted.out.count(said)) == (0, 4)
    assert run(site.root, "lint", "--strict").code == 1
    site.configure(TOML.replace('"UTC"', '"Europe/Berlin"'))
    built = run(site.root, "build", *NOW)
    assert (built.code, warnings(built)) == (0, [])
    assert [entry.published for entry in site.feed().entries] == [
        "2024-05-01T22:00:00Z",
        *["2024-05-01T07:00:00Z"] * 3,
    ]


def test_a_topic_given_as_text_is_a_list_of_one(site: Site, run: CommandLine) -> None:
    site.record("a.md", topics="AI, and more")
    said = "warning: seeds/a.md:6: topics: expected a list; write a list, one item a line: - …"
    built = run(site.root, "build", *NOW)
    assert (built.code, warnings(built)) == (0, [said])
    assert site.titles("ai-and-more/atom.xml") == ["Title of a"]
    linted = run(site.root, "lint")
    assert (linted.code, linted.out) == (0, said + "\n")


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", " java\nscript:alert(1)", "mailto:a@b.example"],
)
def test_a_bad_link_is_passed_over(link: str, site: Site, run: CommandLine) -> None:
    site.record("a.md", "A body.", webUrl=link)
    site.record("b.md", webUrl=link, originalUrl="https://example.com/original")
    built = run(site.root, "build", *NOW)
    assert built.code == 0
    assert [line.partition(": ")[2][:20] for line in warnings(built)] == [
        "seeds/a.md:5: webUrl",
        "seeds/b.md:5: webUrl",
    ]
    atom = etree.fromstring((site.feeds / "atom.xml").read_bytes())
    ns = {"a": "http://www.w3.org/2005/Atom"}
    hrefs = atom.xpath("a:entry/a:link/@href", namespaces=ns)
    assert hrefs == ["https://example.com/original"]
    assert b"script:" not in (site.feeds / "rss.xml").read_bytes()
    site.record("a.md", webUrl=link)
    assert run(site.root, "build", *NOW).code == 3


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://example.com/ü?q=ß#é", "https://example.com/%C3%BC?q=%C3%9F#%C3%A9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("HTTPS://EXAMPLE.com:443/%c3%bc", "https://example.com/%C3%BC"),
        ("/a page", "https://www.example.org/a%20page"),
        ("https://example.com/?a=1&b=2", "https://example.com/?a=1&b=2"),
    ],
)
def test_an_address_is_made_one_that_feeds_can_carry(written: str, link: str, site: Site) -> None:
    site.record("a.md", webUrl=written)
    assert site.build().exit_code == 0
    for feed in ("atom.xml", "rss.xml"):
        assert [entry.link for entry in site.feed(feed).entries] == [link]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\x00b\x01c\x1f\x85d", "abcd"),
        ("a\ufffeb\uffffc", "abc"),
        ("a\ud800b\udfffc", "abc"),
        ("a ]]> b", "a ]]> b"),
        ("<script>alert(1)</script>Hello <b>you</b>", "Hello you"),
        ("<![CDATA[x]]> y", "y"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
        ("&#0;&#x1F;&#xD800;x", "��x"),
        ("<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;", "&x;"),
    ],
)
def test_text_that_xml_cannot_hold_harms_no_feed(written: str, shown: str, site: Site) -> None:
    site.record("good.md")
    fields = {
        "title": written,
        "excerpt": written,
        "topics": [written],
        "provider": {"name": written},
        "publishedDateTime": "2024-05-02T00:00:00Z",
        "webUrl": f"https://example.com/?{written}",
        "body": written,
    }
    site.write("a.json", json.dumps(fields))
    assert site.build().exit_code == 0
    for feed in site.feeds.rglob("*.xml"):
        etree.fromstring(feed.read_bytes())
    rss, atom = (
        etree.fromstring((site.feeds / name).read_bytes()) for name in ("rss.xml", "atom.xml")
    )
    assert rss.findtext("channel/item/title") == shown
    assert atom.findtext("{*}entry/{*}title") == shown
    assert atom.findtext("{*}entry/{*}summary") == shown


TOPICS = [
    "../../etc/passwd",
    "/",
    "..",
    "a\\b",
    "x" * 400,
    "con",
    "NUL",
    "archive",
    "index.html",
    "manifest.json",
    "C",
    "C++",
    "C#",
    "c",
    "",
    "   ",
    "\x00",
    "人工知能",
    ".",
    ".git",
    "rss.xml",
]


def test_whatever_a_topic_is_called_its_feed_is_in_a_folder_of_its_own(site: Site) -> None:
    site.write(
        "a.json",
        json.dumps(
            {
                "title": "A",
                "publishedDateTime": "2024-05-02T00:00:00Z",
                "topics": TOPICS,
                "webUrl": "/a",
            }
        ),
    )
    report = site.build()
    assert [str(problem) for problem in report.problems] == [
        "a.json:1: topics: expected a name in each item; remove the empty ones"
    ]
    registry = json.loads((site.feeds / "topics.json").read_bytes())
    slugs = {row["name"]: row["slug"] for row in registry["topics"]}
    assert [slugs[name] for name in ("C", "C++", "C#")] == ["c", "c-plus-plus", "c-sharp"]
    assert len(slugs) == len(set(slugs.values())) == 17
    for name, slug in slugs.items():
        assert slug.replace("-", "").isalnum() and slug.isascii() and len(slug) <= 80
        assert slug.lower() == slug not in ("con", "nul", "archive")
        assert site.feed(f"{slug}/rss.xml").feed.title == f"{name} · Test Site"
    written = {path.relative_to(site.root).parts[0] for path in site.root.rglob("*")}
    assert written == {"topicast.toml", "seeds", "feeds", ".topicast"}
    assert all(len(path.relative_to(site.feeds).parts) <= 2 for path in site.feeds.rglob("*"))


def test_two_records_with_one_stem_both_stay(site: Site, run: CommandLine) -> None:
    site.record(
        "a/post.md", webUrl="https://example.com/a", publishedDateTime="2024-05-01T00:00:00Z"
    )
    site.record(
        "b/post.md", webUrl="https://example.com/b", publishedDateTime="2023-05-01T00:00:00Z"
    )
    assert run(site.root, "build", *NOW).code == 0
    ids = {entry.link: entry.id for entry in site.feed().entries}
    assert ids == {
        "https://example.com/b": "tag:feeds.example.org,2026:post",
        "https://example.com/a": "tag:feeds.example.org,2026:a/post.md",
    }
    linted = run(site.root, "lint")
    assert (linted.code, linted.out) == (
        0,
        "warning: seeds/a/post.md:2: id: the same stem as b/post.md, so its path is its id;"
        " write id: and any text\n",
    )


def test_of_two_records_with_one_id_one_is_set_aside(site: Site, run: CommandLine) -> None:
    site.record("a.md", id="urn:x:1", publishedDateTime="2024-05-02T00:00:00Z")
    site.record("b.md", id="urn:x:1", publishedDateTime="2024-05-01T00:00:00Z")
    said = "error: seeds/a.md:7: id: b.md has the same id; write another id"
    built = run(site.root, "build", *NOW)
    assert (built.code, built.lines()[0]) == (3, said)
    assert site.titles() == ["Title of b"]
    assert run(site.root, "explain", "seeds/a.md", *NOW).out.startswith("seeds/a.md: set aside")
    # The line is looked for again when the file has changed, though not what is shown of it.
    site.record("a.md", filler="x", id="urn:x:1", publishedDateTime="2024-05-02T00:00:00Z")
    assert run(site.root, "build", *NOW).lines()[0] == said.replace(":7:", ":8:")
    # A hidden one is no hindrance.
    site.record("b.md", id="urn:x:1", publishedDateTime="2024-05-01T00:00:00Z", draft="true")
    built = run(site.root, "build", *NOW)
    assert (built.code, site.titles()) == (3, ["Title of a"])


def test_two_records_with_one_link(site: Site, run: CommandLine) -> None:
    link = "https://example.com/one"
    site.record("a.md", webUrl=link, publishedDateTime="2024-05-01T00:00:00Z")
    site.record(
        "b.md",
        webUrl=link,
        publishedDateTime="2024-04-01T00:00:00Z",
        updatedDateTime="2024-06-01T00:00:00Z",
    )
    assert run(site.root, "build", *NOW).code == 0
    assert site.titles() == ["Title of a", "Title of b"]
    linted = run(site.root, "lint")
    said = "warning: seeds/a.md:5: webUrl: the same link as b.md; keep one of the two\n"
    assert (linted.code, linted.out) == (0, said)

    site.configure(TOML + '[feeds]\nduplicates = "newest"\n')
    assert run(site.root, "build", *NOW).code == 0
    assert site.titles() == ["Title of b"]
    explained = run(site.root, "explain", "seeds/a.md", *NOW)
    assert explained.out.startswith("seeds/a.md: duplicate: a newer record has the same link")
    # Before the newer version counts, the other is shown.
    assert run(site.root, "build", "--now", "2024-05-15T00:00:00Z").code == 0
    assert site.titles() == ["Title of a"]


# What ends the build, and leaves the old feeds


def test_a_circle_of_parents_is_a_configuration_error(site: Site, run: CommandLine) -> None:
    site.record("a.md")
    run(site.root, "build", *NOW)
    before = site.tree()
    (site.root / "topics.yaml").write_text(
        "- name: AI\n  parent: Science\n- name: Science\n  parent: AI\n"
    )
    built = run(site.root, "build", *NOW)
    assert built.code == 2
    assert built.err.startswith("topicast: topics.yaml:1: parent: ")
    assert site.tree() == before


CONFLICT = b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n"


def test_a_registry_with_conflict_markers_is_never_guessed_anew(
    site: Site, run: CommandLine
) -> None:
    site.record("a.md")
    run(site.root, "build", *NOW)
    registry = site.feeds / "topics.json"
    good = registry.read_bytes()
    registry.write_bytes(CONFLICT)
    before = site.tree()
    for command in (["build"], ["build", "--full"], ["topics"], ["explain", "seeds/a.md"]):
        built = run(site.root, *command, *NOW)
        assert built.code == 1
        assert built.err.startswith(
            f"topicast: {registry}: there are conflict markers of a merge in it; restore the file"
        )
        assert site.tree() == before
    assert run(site.root, "build", "--force", *NOW).code == 0
    assert registry.read_bytes() == good


def pipe_in_the_tree(site: Site, name: str) -> tuple[dict[str, bytes], Path]:
    """The tree of a site that was built, and a pipe that stands in it since."""
    site.record("a.md")
    site.build()
    before, pipe = site.tree(), site.feeds / name
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    return before, pipe


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_in_the_place_of_the_registry_holds_nothing_up_and_gives_way_to_force(
    site: Site, run: CommandLine
) -> None:
    before, registry = pipe_in_the_tree(site, "topics.json")
    for command in ("build", "topics"):
        ran = run(site.root, command, *NOW)
        said = f"topicast: {registry}: cannot be read: it is not a regular file; the old feeds"
        assert (ran.code, ran.err[: len(said)]) == (1, said)
    assert run(site.root, "build", "--force", *NOW).code == 0
    assert site.tree() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_in_the_place_of_a_killed_runs_list_holds_nothing_up(
    site: Site, run: CommandLine
) -> None:
    _, pipe = pipe_in_the_tree(site, ".manifest.json.topicast-tmp")
    site.record("b.md")
    assert run(site.root, "build", *NOW).code == 0
    assert not pipe.exists()


def test_a_link_in_the_place_of_a_folder_is_seen_though_nothing_changed(
    site: Site, run: CommandLine
) -> None:
    site.record("a.md", topics=["AI"])
    assert run(site.root, "build", *NOW).code == 0
    (site.feeds / "ai").rename(site.root / "elsewhere")
    (site.feeds / "ai").symlink_to(site.root / "elsewhere")
    for flags in ([], ["--check"], ["--full"]):
        refused = run(site.root, "build", *flags, *NOW)
        assert refused.code == 1
        assert "ai is a symbolic link in the output folder" in refused.err


def test_a_link_in_the_place_of_the_registry_gives_way_to_force(
    site: Site, run: CommandLine
) -> None:
    site.record("a.md", topics=["C++"])
    assert run(site.root, "build", *NOW).code == 0
    before, registry = site.tree(), site.feeds / "topics.json"
    registry.rename(site.root / "theirs.json")
    registry.symlink_to("../theirs.json")
    refused = run(site.root, "build", *NOW)
    assert refused.code == 1 and "(a symbolic link); move it away" in refused.err
    assert run(site.root, "topics", *NOW).code == 0
    assert run(site.root, "build", "--force", *NOW).code == 0
    assert site.tree() == before
    assert not registry.is_symlink()


def test_a_tree_below_a_file_is_a_wrong_folder_and_no_broken_tree(
    site: Site, run: CommandLine
) -> None:
    site.record("a.md")
    (site.root / "file").write_text("mine")
    built = run(site.root, "build", "--out", "file/feeds", *NOW)
    assert built.code == 1
    assert built.err.startswith(f"topicast: {site.root}/file/feeds: Not a directory; the feeds")
    assert (site.root / "file").read_text() == "mine"


def test_a_registry_that_is_gone_is_never_guessed_anew(site: Site, run: CommandLine) -> None:
    site.record("a.md")
    run(site.root, "build", *NOW)
    (site.feeds / "topics.json").unlink()
    before = site.tree()
    built = run(site.root, "build", *NOW)
    assert (built.code, site.tree()) == (1, before)
    assert "topics.json is missing" in built.err
    assert run(site.root, "build", "--force", *NOW).code == 0


@pytest.mark.parametrize("data", [CONFLICT, b"\xff", b"[]", b'{"files": {"../x": ""}}', b""])
def test_an_unreadable_manifest_ends_the_build(data: bytes, site: Site, run: CommandLine) -> None:
    site.record("a.md")
    run(site.root, "build", *NOW)
    manifest = site.feeds / "manifest.json"
    good = manifest.read_bytes()
    manifest.write_bytes(data)
    before = site.tree()
    built = run(site.root, "build", *NOW)
    assert (built.code, site.tree()) == (1, before)
    assert built.err.startswith(f"topicast: {manifest}: it is not ")
    assert run(site.root, "build", "--force", *NOW).code == 0
    assert manifest.read_bytes() == good


def test_a_strangers_file_stays_and_one_in_the_way_ends_the_build(
    site: Site, run: CommandLine
) -> None:
    site.record("a.md")
    (site.feeds / "ai").mkdir(parents=True)
    (site.feeds / "CNAME").write_text("feeds.example.org")
    (site.feeds / "ai" / "rss.xml").write_text("mine")
    before = site.tree()
    built = run(site.root, "build", *NOW)
    assert (built.code, site.tree()) == (1, before)
    said = f"topicast: {site.feeds}: ai/rss.xml is in the output folder where a feed must go"
    assert built.err.startswith(said)
    assert run(site.root, "build", "--force", *NOW).code == 0
    assert site.titles("ai/rss.xml") == ["Title of a"]
    assert (site.feeds / "CNAME").read_text() == "feeds.example.org"


def test_records_that_are_not_there_end_the_build(site: Site, run: CommandLine) -> None:
    site.seeds.rmdir()
    built = run(site.root, "build", *NOW)
    assert built.code == 1
    assert f"{site.seeds}: cannot be read: No such file or directory" in built.err
    assert not site.feeds.exists()


def test_bad_input_is_met_by_the_installed_command_too(site: Site) -> None:
    site.record("good.md")
    for number, bad in enumerate(BAD.values()):
        suffix = Path(bad.file).suffix
        site.write(f"bad-{number:02}{suffix}", bad.data)
    ran = installed(site.root, "build", *NOW, "--jobs", "2")
    assert ran.code == 3
    for number, bad in enumerate(BAD.values()):
        suffix = Path(bad.file).suffix
        assert f"error: seeds/bad-{number:02}{suffix}:{bad.said}" in ran.lines()
    assert ran.lines()[-1].startswith(f"feeds: {len(BAD) + 1} records")
    assert CANARY not in ran.said
    assert site.titles() == ["Title of good"]
