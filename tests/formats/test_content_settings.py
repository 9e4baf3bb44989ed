"""``content``: how much of an entry a feed shows; an entry is rendered once per setting."""

from __future__ import annotations

import pytest

from site_on_disk import TOML, Site

BODY = "<p>The whole <b>story</b></p>"


def test_a_feed_shows_all_of_an_entry_or_what_it_is_about(site: Site) -> None:
    site.configure(TOML + '[feeds]\nall_content = "summary"\n[topics.AI]\ncontent = "summary"\n')
    site.record("a.html", BODY, topics=["AI", "Other"])

    site.build()

    shown = {
        path: b"whole &lt;b&gt;story" in site.tree()[path]
        for path in ("rss.xml", "ai/rss.xml", "ai/atom.xml", "other/rss.xml", "other/atom.xml")
    }
    assert shown == {
        "rss.xml": False,
        "ai/rss.xml": False,
        "ai/atom.xml": False,
        "other/rss.xml": True,
        "other/atom.xml": True,
    }


@pytest.mark.parametrize("written", ["", '[feeds]\ncontent = "full"\n'])
def test_everything_is_shown_unless_less_is_asked_for(site: Site, written: str) -> None:
    site.configure(TOML + written)
    site.record("a.html", BODY)

    site.build()

    assert all(
        b"whole &lt;b&gt;story" in site.tree()[path]
        for path in ("rss.xml", "atom.xml", "ai/rss.xml", "ai/atom.xml")
    )


def test_a_setting_that_changes_gives_the_feeds_of_a_build_from_nothing(site: Site) -> None:
    site.record("a.html", BODY, topics=["AI", "Other"])
    site.record("b.html", "<p>Second</p>", topics=["AI"])
    site.build()
    site.configure(TOML + '[feeds]\ncontent = "summary"\n[topics.Other]\ncontent = "full"\n')

    site.build()

    assert site.tree() == site.fresh()
    site.record("b.html", "<p>Second, edited</p>", topics=["Other"])
    site.build()
    assert site.tree() == site.fresh()
    assert b"Second, edited" in site.tree()["other/rss.xml"]
