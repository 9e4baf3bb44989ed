"""No two entries have one id, whatever the records are called, and in whatever order they come."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from site_on_disk import TOML, Site

TAG = "tag:feeds.example.org,2026:"
NFC, NFD = "\N{LATIN SMALL LETTER E WITH ACUTE}.md", "e\N{COMBINING ACUTE ACCENT}.md"
ENCODED = "%C3%A9"


def ids(site: Site) -> dict[str, str]:
    """The id of each entry by its title."""
    feed = (site.feeds / "atom.xml").read_text("utf-8")
    found = re.findall(r"<entry>.*?<id>(.*?)</id>.*?<title[^>]*>(.*?)</title>", feed, re.DOTALL)
    return {title: id.removeprefix(TAG) for id, title in found}


def write(site: Site, records: dict[str, dict[str, object]]) -> None:
    """Records titled by their paths, the earlier ones published earlier."""
    for day, (path, fields) in enumerate(records.items(), 1):
        date = f"2024-05-{day:02}T00:00:00Z"
        site.record(path, title=path, webUrl=f"https://example.com/{day}", **_dated(date, fields))


def _dated(date: str, fields: dict[str, object]) -> dict[str, object]:
    return {"publishedDateTime": date} | fields


CASES: dict[str, tuple[dict[str, dict[str, object]], dict[str, str]]] = {
    "the earlier keeps the stem, the other takes its path": (
        {"x/a.md": {}, "a.md": {}},
        {"x/a.md": "a", "a.md": "a.md"},
    ),
    "a stem goes before a path": (
        {"x/a.md": {}, "a.md": {}, "y/a.md.txt": {}},
        {"x/a.md": "a", "a.md": "/a.md", "y/a.md.txt": "a.md"},
    ),
    "an id goes before a path": (
        {"x/a.md": {}, "a.md": {}, "b.md": {"id": "a.md"}},
        {"x/a.md": "a", "a.md": "/a.md", "b.md": "a.md"},
    ),
    "so does a URI": (
        {"b.md": {}, "x/b.md": {}, "c.md": {"id": f"{TAG}x/b.md"}},
        {"b.md": "b", "x/b.md": "/x/b.md", "c.md": "x/b.md"},
    ),
    "two paths that are one in NFC": (
        {f"x/{NFC}": {}, NFD: {}, NFC: {}},
        {f"x/{NFC}": ENCODED, NFD: f"{ENCODED}.md", NFC: f"/{ENCODED}.md"},
    ),
    "two such paths that lost to different records": (
        {"a.md": {"id": "1"}, NFC: {"id": "1"}, "b.md": {"id": "2"}, NFD: {"id": "2"}},
        {"a.md": "1", NFC: f"{ENCODED}.md", "b.md": "2", NFD: f"/{ENCODED}.md"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_id_is_one_entrys(site: Site, case: str) -> None:
    records, expected = CASES[case]
    write(site, records)
    assert site.build().set_aside == 0
    assert ids(site) == expected


def test_where_no_id_is_left_the_record_is_set_aside(site: Site) -> None:
    write(site, {"b.md": {}, "x/b.md": {}})
    write(site, {"c.md": {"id": f"{TAG}x/b.md"}, "d.md": {"id": f"{TAG}/x/b.md"}})
    report = site.build()
    assert report.set_aside == 1
    (problem,) = (one for one in report.problems if one.path == "x/b.md")
    assert (problem.field, problem.remedy) == ("id", "write id:")
    assert ids(site) == {"b.md": "b", "c.md": "x/b.md", "d.md": "/x/b.md"}


@pytest.mark.parametrize("case", CASES)
def test_ids_do_not_depend_on_what_came_first(tmp_path: Path, case: str) -> None:
    records, expected = CASES[case]
    for number, order in enumerate(itertools.permutations(records)):
        site = Site(tmp_path / str(number))
        write(site, records)
        aside = tmp_path / f"aside{number}"
        site.seeds.rename(aside)
        for path in order:  # one more in each build
            (site.seeds / path).parent.mkdir(parents=True, exist_ok=True)
            (aside / path).rename(site.seeds / path)
            site.build(jobs=1)
        assert ids(site) == expected


TWINS = TOML + '[feeds]\nduplicates = "newest"\n'


def test_of_twins_that_were_updated_together_the_later_one_is_shown(site: Site) -> None:
    site.configure(TWINS)
    same = {"webUrl": "https://example.com/x", "updatedDateTime": "2025-01-01T00:00:00Z"}
    site.record("a.md", publishedDateTime="2024-05-01T00:00:00Z", **same)
    site.record("b.md", publishedDateTime="2024-05-02T00:00:00Z", **same)
    site.build()
    assert site.titles() == ["Title of b"]


@pytest.mark.parametrize("case", CASES)
def test_an_id_that_is_let_go_is_taken_again(site: Site, case: str) -> None:
    records, _ = CASES[case]
    write(site, records)
    for path in records:
        site.build(jobs=1)
        (site.seeds / path).unlink()
        site.build(jobs=1)
        changed = site.tree()
        site.build(jobs=1, full=True)
        assert site.tree() == changed
        write(site, records)


@pytest.mark.parametrize(
    "wrong", [{"expires": "soon"}, {"published": "maybe"}, {"title": " "}, {"title": "<br>"}]
)
def test_an_error_hands_no_id_to_another_record(site: Site, wrong: dict[str, object]) -> None:
    def earlier(**fields: object) -> None:
        site.record("x/a.md", **({"title": "Earlier", "webUrl": "https://example.com/1"} | fields))

    earlier()
    site.record("y/a.md", title="Later", publishedDateTime="2024-06-01", webUrl="https://e.org/2")
    site.build()
    before = ids(site)
    assert before == {"Earlier": "a", "Later": "y/a.md"}
    earlier(**wrong)
    report = site.build()
    assert (report.shown, report.set_aside, len(report.problems)) == (1, 1, 1)
    assert ids(site) == {"Later": "y/a.md"}
    assert site.build(full=True).written == ()
    earlier()
    site.build()
    assert ids(site) == before


def item(title: str, link: str, month: int) -> str:
    date = f"2024-{month:02}-01T00:00:00Z"
    url = f"https://example.com/{link}"
    return f'{{"title": "{title}", "webUrl": "{url}", "publishedDateTime": "{date}"}}\n'


def test_items_with_one_link_keep_their_ids_wherever_they_stand(site: Site) -> None:
    days = {"a": (1, 2), "b": (3, 4), "c": (5, 5), "d": (5, 5)}
    pairs = [
        item(f"{link}{n}", link, day) for link, two in days.items() for n, day in enumerate(two)
    ]
    site.write("all.jsonl", "".join(pairs))
    assert site.build().shown == 8
    before = ids(site)
    assert before["a0"] == "https%3A%2F%2Fexample.com%2Fa"
    assert re.fullmatch(r"all\.jsonl%23[0-9a-f]{16}", before["a1"])
    assert len(set(before.values())) == 8
    more = [item("N", "n", 6), *(item(f"e{n}", "e", 5) for n in range(2))]
    site.write("all.jsonl", "".join(more + pairs))
    assert site.build().shown == 11
    assert ids(site).items() > before.items()


def test_many_items_of_one_day_may_have_one_link(site: Site) -> None:
    talks = [item(f"Talk {number}", "conference", 5) for number in range(20)]
    site.write("all.jsonl", "".join(talks))
    report = site.build()
    assert (report.shown, report.problems) == (20, ())
    before = ids(site)
    assert len(set(before.values())) == 20
    site.write("all.jsonl", "".join([*talks[:7], item("Another", "conference", 5), *talks[7:]]))
    assert site.build().shown == 21
    assert ids(site).items() > before.items()


def test_an_item_is_known_by_its_link_and_not_by_what_is_written_around_it(site: Site) -> None:
    def embedded(width: int) -> str:
        frame = f'<iframe src=\\"https://www.youtube.com/embed/abcdefghij1\\" width=\\"{width}\\">'
        return (
            f'{{"title": "V", "publishedDateTime": "2024-01-01", "featuredContent": "{frame}"}}\n'
        )

    def passed_over(url: str) -> str:
        links = f'"webUrl": "{url}", "originalUrl": " https://example.com/o "'
        return f'{{"title": "P", "publishedDateTime": "2024-01-02", {links}}}\n'

    for width, url in ((560, "mailto:a@example.com"), (640, "ftp://example.com/o")):
        site.write("all.jsonl", embedded(width) + passed_over(url))
        site.build()
        assert ids(site) == {
            "V": "https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3Dabcdefghij1",
            "P": "https%3A%2F%2Fexample.com%2Fo",
        }


def test_undated_items_with_one_link_are_no_error(site: Site) -> None:
    undated = '{"title": "T", "webUrl": "https://example.com/a"}\n'
    site.write("all.jsonl", undated * 5)
    report = site.build()
    assert (report.hidden.undated, report.set_aside) == (5, 0)


def test_of_items_that_are_the_same_in_all_a_few_are_shown(site: Site) -> None:
    site.write("all.jsonl", item("T", "a", 1) * 5)
    report = site.build()
    assert (report.shown, report.set_aside) == (3, 2)
    assert [problem.line for problem in report.problems] == [4, 5]
    assert all("write id:" in problem.remedy for problem in report.problems)
