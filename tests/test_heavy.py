"""Feeds that are larger than readers take well: build and lint say so, and what helps."""

from __future__ import annotations

import pytest

from site_on_disk import TOML, Site
from topicast.problems import Problem
from topicast.survey import lint

LONG = "<p>" + "word " * 60_000 + "</p>"  # 300 KB


def problems(site: Site) -> list[Problem]:
    return lint(str(site.root / "topicast.toml"))


@pytest.fixture
def heavy(site: Site) -> Site:
    site.record("a.html", LONG, topics=["C++", "Q&A"])
    site.record("b.html", LONG + "<p>more</p>" * 9, topics=["C++"])
    return site


def test_a_build_names_each_feed_and_the_setting_that_helps(heavy: Site) -> None:
    report = heavy.build()

    one, other = sorted(report.notes)
    assert one.startswith("the feed of all topics has 587 KB (")
    assert one.endswith('; set [feeds] all_content = "summary", or a smaller limit')
    assert other.startswith('the feed of the topic "C++" has 587 KB (c-plus-plus/')
    assert other.endswith('; set [topics."C++"] content = "summary", or a smaller limit')


def test_what_is_said_of_a_feed_that_did_not_change_is_said_again(heavy: Site) -> None:
    first = heavy.build()
    again = heavy.build()
    heavy.record("c.md", topics=["Q&A"])
    other = heavy.build(check=True)

    assert not again.written
    assert first.notes == again.notes
    assert len(other.notes) == 2


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[feeds]\nall_content = "summary"\n', ['the topic "C++"']),
        ('[topics."C++"]\ncontent = "summary"\n', ["all topics"]),
        ('[feeds]\ncontent = "summary"\n', []),
        ("[feeds]\nlimit = 1\n", []),
    ],
)
def test_the_settings_help(heavy: Site, toml: str, said: list[str]) -> None:
    heavy.configure(TOML + toml)

    assert [note.split(" has ")[0] for note in heavy.build().notes] == [
        f"the feed of {name}" for name in said
    ]


def test_of_a_feed_of_summaries_the_limit_helps(site: Site) -> None:
    site.configure(TOML + '[feeds]\ncontent = "summary"\nlimit = 300\n')
    for name in range(220):
        site.record(f"{name}.md", excerpt="word " * 500)

    first, second = sorted(site.build().notes)

    assert first.endswith("; set a smaller [feeds] limit")
    assert second.endswith('; set a smaller [topics."AI"] limit')


def test_of_many_feeds_the_heaviest_are_named(site: Site) -> None:
    site.record("a.html", LONG * 2, topics=[f"Topic {n}" for n in range(5)])

    *named, rest = site.build().notes

    assert len(named) == 3
    assert rest.startswith("3 more feeds have more than 512 KB; ")


def test_lint_names_the_largest_entry(heavy: Site) -> None:
    found = [one for one in problems(heavy) if "KB" in one.expected]

    assert [one.path for one in found] == ["b.html", "b.html"]
    assert {one.remedy for one in found} == {
        'set [feeds] all_content = "summary", or a smaller limit',
        'set [topics."C++"] content = "summary", or a smaller limit',
    }


def test_a_body_of_5_mb_is_kept_whole(site: Site) -> None:
    site.record("a.html", "<p>" + "word " * 1_000_000 + "the end</p>")

    assert any("KB" in note for note in site.build().notes)
    for path in ("rss.xml", "atom.xml", "feed.json"):
        assert b"word the end" in site.tree()[path]
