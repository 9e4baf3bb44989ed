"""What a build costs, counted instead of timed: it reads, renders and writes only what changed."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

import topicast.composing
from site_on_disk import NOW, TOML, Site
from topicast.clock import parse_now
from topicast.report import Report

RECORDS, TOPICS, CHANGED = 2000, 40, 10

_recorders: list[list[str]] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _recorders and event == "open":
        for recorder in _recorders:
            recorder.append(os.fsdecode(str(arguments[0])))


sys.addaudithook(_hear)  # for good: the only way to hear of every file that is opened


@contextmanager
def opened() -> Iterator[list[str]]:
    """The paths of all files that are opened meanwhile, by whatever call."""
    recorder: list[str] = []
    _recorders.append(recorder)
    try:
        yield recorder
    finally:
        _recorders.remove(recorder)


def path_of(number: int) -> str:
    return f"{number % 12:02}/r{number}.md"


def topics_of(number: int) -> list[str]:
    return [f"Topic {number % TOPICS:02}"]


def write(site: Site, number: int, **fields: object) -> None:
    """The lower the number, the newer the record: the first 50 are in the window of all topics."""
    day, second = divmod(RECORDS - number, 1000)
    at = f"2024-05-{day + 1:02}T{second // 60:02}:{second % 60:02}:00Z"
    site.record(path_of(number), **{"publishedDateTime": at, "topics": topics_of(number)} | fields)


class Counted:
    """A site of many records, and what its last build composed and opened."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.composed: set[str] = set()
        self.opened: list[str] = []

    def build(self, **options: object) -> Report:
        composed: set[str] = set()
        compose = topicast.composing.compose

        def noted(format: object, feed: object, fragments: object) -> bytes:
            composed.add(feed.folder.removeprefix("https://feeds.example.org/"))  # type: ignore[attr-defined]
            return compose(format, feed, fragments)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch, opened() as files:
            patch.setattr(topicast.composing, "compose", noted)
            report = topicast.build(self.site.root / "topicast.toml", **{"now": NOW} | options)  # type: ignore[arg-type]
        self.composed, self.opened = composed, files
        return report

    def read(self) -> list[str]:
        """The records that were opened, from SEEDS on, each by its path or by its name alone.

        Their folders are opened to be listed, and to open what is in them.
        """
        prefix = f"{self.site.seeds}/"
        named = re.compile(r"r(\d+)\.md")
        files = (p for p in self.opened if p.startswith(prefix) and not os.path.isdir(p))
        paths = [path.removeprefix(prefix) for path in files]
        return sorted(
            [*paths, *(path_of(int(p[1])) for p in map(named.fullmatch, self.opened) if p)]
        )

    def looked_at(self) -> set[str]:
        """The files of the tree that were opened, and are still there."""
        prefix = f"{self.site.feeds}/"
        paths = {p.removeprefix(prefix) for p in self.opened if p.startswith(prefix)}
        return {path for path in paths if not path.rpartition("/")[2].startswith(".")}

    def left(self) -> dict[str, tuple[int, int]]:
        """The inode and mtime of every file of the site."""
        files = (path for path in sorted(self.site.root.rglob("*")) if path.is_file())
        return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """Built once; each test leaves it built."""
    counted = Counted(Site(tmp_path_factory.mktemp("counting") / "site"))
    for number in range(RECORDS):
        write(counted.site, number)
    report = counted.build()
    assert (report.records, report.parsed, report.shown) == (RECORDS, RECORDS, RECORDS)
    return counted


def folders(topics: set[str]) -> set[str]:
    return {f"{topic.lower().replace(' ', '-')}/" for topic in topics}


def test_ten_of_two_thousand(many: Counted) -> None:
    changed = range(0, 5 * CHANGED, 5)  # of ten topics, all in the window of all topics too
    for number in changed:
        write(many.site, number, title="Another title")
    report = many.build()

    assert many.read() == sorted(map(path_of, changed))
    assert report.parsed == CHANGED
    assert report.rendered == CHANGED
    touched = folders({topic for number in changed for topic in topics_of(number)})
    assert len(touched) == 8
    assert many.composed == {"", *touched}
    assert {path[: path.rfind("/") + 1] for path in report.written} == {"", *touched}
    assert len(report.unchanged) > 2 * (TOPICS - len(touched))
    nested = {path for path in many.looked_at() if "/" in path}
    assert {path[: path.rfind("/") + 1] for path in nested} == touched


def test_nothing_changed(many: Counted) -> None:
    before = many.left()
    report = many.build()
    assert (report.parsed, report.rendered, report.changed) == (0, 0, False)
    assert many.read() == []
    assert many.composed == set()
    assert many.looked_at() <= {"manifest.json", "topics.json", "feeds.opml"}
    assert many.left() == before


def test_later_and_nothing_changed(many: Counted) -> None:
    before = many.left()
    report = many.build(now=parse_now("2026-02-01T00:00:00Z"))
    assert (report.parsed, report.rendered, report.changed) == (0, 0, False)
    assert many.left() == before


def test_a_check_writes_nothing(many: Counted) -> None:
    write(many.site, 3, title="Seen by a check only")
    before = many.left()
    report = many.build(check=True)
    assert (report.parsed, report.rendered, report.changed) == (1, 1, True)
    assert many.left() == before
    many.build()


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"heat": "7"}, id="heat"),
        pytest.param({"secured": {"note": "x"}}, id="secured"),
        pytest.param({"quality": "1.0", "surprise": "y"}, id="quality and an unknown field"),
    ],
)
def test_an_edit_that_nobody_can_see(many: Counted, edit: dict[str, object]) -> None:
    write(many.site, 7)
    many.build()
    before = {path: left for path, left in many.left().items() if "/feeds/" in path}
    write(many.site, 7, **edit)
    report = many.build()
    assert (report.parsed, report.rendered, report.changed) == (1, 0, False)
    assert many.composed == set()
    assert {path: left for path, left in many.left().items() if "/feeds/" in path} == before


def test_a_touch_is_read_and_not_parsed(many: Counted) -> None:
    site = many.site
    site.write(path_of(11), (site.seeds / path_of(11)).read_bytes())
    report = many.build()
    assert many.read() == [path_of(11)]
    assert (report.parsed, report.rendered, report.changed) == (0, 0, False)


def test_an_edit_below_every_window_renders_nothing(many: Counted) -> None:
    last = RECORDS - 1
    try:
        many.site.configure(_with_limit(5))
        many.build()
        write(many.site, last, title="An old record")
        report = many.build()
        assert (report.parsed, report.rendered, report.changed) == (1, 0, False)
    finally:
        many.site.configure(_with_limit(50))
        many.build()


def _with_limit(limit: int) -> str:
    return f"{TOML}[feeds]\nlimit = {limit}\n"


def test_an_embargo_that_ends_reads_nothing(many: Counted) -> None:
    write(many.site, 20, publishedDateTime="2026-03-01T00:00:00Z")
    assert many.build().hidden.embargoed == 1
    report = many.build(now=parse_now("2026-03-01T00:00:00Z"))
    assert many.read() == []
    assert (report.parsed, report.rendered, report.hidden.embargoed) == (0, 1, 0)
    assert many.composed == {"", *folders({"Topic 20"})}
    write(many.site, 20)
    many.build()


@pytest.mark.parametrize(
    ("bad", "options"),
    [
        pytest.param({"title": None}, {}, id="no title"),
        pytest.param({"webUrl": None}, {}, id="neither link nor content"),
        pytest.param({"id": "https://example.com/one"}, {"twice": True}, id="one id twice"),
    ],
)
def test_a_bad_record_is_not_read_again(
    many: Counted, bad: dict[str, object], options: dict[str, bool]
) -> None:
    write(many.site, 30, **bad)
    if options:
        write(many.site, 31, **bad)
    first = many.build()
    assert (first.set_aside, first.exit_code) == (1, 3)
    again = many.build()
    assert many.read() == []
    assert (again.problems, again.exit_code, again.changed) == (first.problems, 3, False)
    for number in (30, 31):
        write(many.site, number)
    many.build()


def test_each_entry_is_rendered_once_however_many_feeds_hold_it(site: Site) -> None:
    for number in range(5):
        site.record(f"r{number}.md", topics=[f"Topic {each}" for each in range(20)])
    assert site.build().rendered == 5


@pytest.mark.parametrize(("topics", "rendered"), [(["A", "B"], 0), (["A"], 1)])
def test_what_one_feed_stops_printing_is_kept_while_another_prints_it(
    site: Site, topics: list[str], rendered: int
) -> None:
    site.configure(_with_limit(2))
    site.record("old.md", topics=topics)
    site.record("new.md", topics=["A"], publishedDateTime="2024-06-01T00:00:00Z")
    site.build()
    newest = site.record("newest.md", topics=["A"], publishedDateTime="2024-07-01T00:00:00Z")
    assert site.build().rendered == 1
    newest.unlink()
    assert site.build().rendered == rendered


def test_an_entry_keeps_what_one_feed_prints_of_it_when_another_prints_less(site: Site) -> None:
    limits = "[topics.A]\nlimit = 9\n"
    less = '[topics.B]\ncontent = "summary"\n'
    site.configure(f'{TOML}[feeds]\nlimit = 1\nformats = ["rss"]\n{limits}{less}')
    site.record("old.md", "All of it.", topics=["A", "B"])
    newer = site.record("new.md", topics=["B"], publishedDateTime="2024-06-01T00:00:00Z")
    site.record("newest.md", topics=["C"], publishedDateTime="2025-06-01T00:00:00Z")
    assert site.build().rendered == 3
    newer.unlink()
    assert site.build().rendered == 1  # the old one for B
    site.record("another.md", topics=["A"], publishedDateTime="2024-06-01T00:00:00Z")
    assert site.build().rendered == 1  # that alone: A has the old one still


# Tables that grow with the records.
GROWING = {"record", "shown", "member", "fragment", "due", "grave", "problem", "by_path"}


@contextmanager
def asked() -> Iterator[list[str]]:
    """What catalogs are asked meanwhile, as SQL."""
    queries: list[str] = []
    connect = sqlite3.connect

    def heard(*arguments: Any, **more: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*arguments, **more)
        db.set_trace_callback(queries.append)
        return db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", heard)
        yield queries


def scanned(site: Site, queries: list[str]) -> list[str]:
    """Those of ``queries`` that go through all rows of a table that grows with the records.

    Twice a build goes through all problems, because it tells all of them.
    """
    (file,) = site.root.glob(".topicast/*.sqlite")
    found = []
    with closing(sqlite3.connect(file)) as db:
        for query in queries:
            if query.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = [row[3].split() for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
                if any(step[0] == "SCAN" and step[1] in GROWING for step in plan):
                    found.append(query)
    told = [query for query in found if "FROM problem" in query]
    assert len(told) == 2
    return [query for query in found if query not in told]


def test_what_changed_is_compared_with_others_without_a_look_at_all(site: Site) -> None:
    site.configure(f'{TOML}[feeds]\nduplicates = "newest"\ntombstones = true\narchives = true\n')
    for number in range(40):  # in pairs of one link, and of one stem
        link = f"https://example.com/{number // 2}"
        site.record(f"{number % 2}/r{number // 2}.md", webUrl=link, topics=[f"T{number % 3}"])
        site.record(f"bare/r{number // 2}-{number % 2}.md", webUrl=None, id=f"tag:a,2000:{number}")
    site.record("due.md", publishedDateTime="2099-01-01T00:00:00Z")
    with asked() as queries:
        site.build()
    assert len(queries) > 100
    assert len(scanned(site, queries)) == 2  # which stems, and which links, are there twice

    (site.seeds / "0/r1.md").unlink()
    site.record("1/r2.md", webUrl="https://example.com/3", topics=["T1"])
    site.record("0/r5.md", removed="true", removedDateTime="2024-06-01T00:00:00Z")
    site.record("1/r6.md", published="false")
    site.record("bare/r7-0.md", webUrl="https://example.com/bare", id="tag:a,2000:15")
    with asked() as queries:
        site.build(now=parse_now("2099-01-02T00:00:00Z"))
    assert len(queries) > 50
    assert scanned(site, queries) == []


def test_a_file_of_many_is_read_once_more_for_the_lines_of_all_its_problems(site: Site) -> None:
    bare = [f'{{"id": "{n}", "title": "T", "publishedDateTime": "2024-05-01"}}' for n in range(30)]
    file = site.write("many.jsonl", "\n".join(bare) + "\n")
    with opened() as files:
        report = site.build()
    assert [problem.line for problem in report.problems] == [*range(1, 31)]
    assert len([path for path in files if path.endswith(file.name)]) == 2
    with opened() as files:
        assert site.build().problems == report.problems
    assert not [path for path in files if path.endswith(file.name)]


def test_lint_reads_a_file_once_more_for_the_lines_of_all_that_it_advises(site: Site) -> None:
    for name, day in (("a.jsonl", 1), ("b.jsonl", 2)):
        items = [
            {
                "title": "T",
                "webUrl": f"https://example.com/{number}",
                "publishedDateTime": f"2024-05-0{1 + (number + day) % 2}",
            }
            for number in range(30)
        ]
        site.write(name, "".join(f"{json.dumps(each)}\n" for each in items))
    with opened() as files:
        problems = topicast.lint(site.root / "topicast.toml", now=NOW)
    assert len([problem for problem in problems if problem.field == "webUrl"]) == 30
    assert {problem.path for problem in problems} >= {"a.jsonl", "b.jsonl"}
    for name in ("a.jsonl", "b.jsonl"):
        assert len([path for path in files if path.endswith(name)]) == 2
