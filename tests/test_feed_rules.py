"""That ``feedcheck`` bites: each rule broken once in feeds that are good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feedcheck import check_tree, faults_of, twin_faults
from site_on_disk import TOML, Site

BASE = "https://feeds.example.org"
RULES = {
    # Of both.
    "not well-formed": [("rss", "</channel>", ""), ("atom", "</feed>", "")],
    "no XML declaration": [("rss", r"\A.*\n", ""), ("atom", r"\A.*\n", "")],
    "document type": [("atom", "<feed ", "<!DOCTYPE feed []><feed ")],
    "bad character U+0085": [("rss", "<title>", "<title>\x85"), ("atom", "A summary", "&#x85;")],
    "bad date": [
        ("rss", "Wed, 01 May 2024 09", "Thu, 01 May 2024 09"),
        ("rss", "01 May 2024 09:00:00 .0000", "01 May 2024 09:00:00"),
        ("rss", "01 May 2024 09", "31 Apr 2024 09"),
        ("atom", "2024-05-01T09:00:00Z", "2024-05-01T09:00:00"),
        ("atom", "2024-05-01T09", "2024-05-01 09"),
        ("atom", "2024-05-01T09", "2024-04-31T09"),
    ],
    "is no URI": [
        ("rss", "https://example.com/b", "https://example.com/ b"),
        ("rss", "https://example.com/b", "https://example.com/é"),
        ("atom", "https://example.com/b", "https://example.com/%e9"),
        ("atom", "https://example.com/b", "/b"),
    ],
    "is no http(s) address": [
        ("rss", "<link>https:", "<link>ftp:"),
        ("atom", "https://example.com/b", "https:///b"),
        ("atom", "https://example.com/b", "mailto:a@example.com"),
    ],
    "id not unique": [("rss", ",2026:b<", ",2026:a<"), ("atom", ",2026:b<", ",2026:a<")],
    "id is no URI": [("rss", "tag:[^<]*:b<", "b<"), ("atom", "tag:[^<]*:b<", "tag:x: b<")],
    "not in the order": [
        ("rss", "<pubDate>Wed, 01 May 2024", "<pubDate>Mon, 01 May 2000"),
        ("atom", "<published>2024-05-01", "<published>2000-05-01"),
    ],
    "not the newest": [
        ("rss", "<lastBuildDate>Sat, 01 Jun 2024", "<lastBuildDate>Tue, 01 Jan 2030"),
        ("atom", "<updated>2024-06-01", "<updated>2030-01-01"),
    ],
    "the self link is not": [
        ("rss", 'ai/rss.xml" rel="self"', 'rss.xml" rel="self"'),
        ("rss", 'rel="self"', 'rel="related"'),
        ("atom", 'ai/atom.xml" rel="self"', 'atom.xml" rel="self"'),
        ("atom", "(?s)<link[^>]*self[^>]*>", r"\g<0>\g<0>"),
    ],
    "language 'English'": [("rss", ">en<", ">English<"), ("atom", '"en"', '"English"')],
    "more than one": [
        ("rss", "<docs>.*</docs>", r"\g<0>\g<0>"),
        ("rss", "<link>https://example.com/b</link>", r"\g<0>\g<0>"),
        ("atom", "<summary.*</summary>", r"\g<0>\g<0>"),
        ("atom", "<generator>.*</generator>", r"\g<0>\g<0>"),
    ],
    # Of RSS.
    "the version of RSS": [("rss", 'version="2.0"', 'version="0.91"')],
    "not one channel": [("rss", "</channel>", "</channel><channel/>")],
    "0 title in channel": [("rss", "<title>.*</title>", "")],
    "2 link in channel": [("rss", "(?s)<link>.*?</link>", r"\g<0>\g<0>")],
    "0 description in channel": [("rss", "<description>.*</description>", "")],
    "the self link has another type": [("rss", "application/rss.xml", "text/xml")],
    "channel elements after items": [("rss", "</channel>", "<ttl>60</ttl></channel>")],
    "0 guid in item": [("rss", "<guid .*</guid>", "")],
    "2 pubDate in item": [("rss", "<pubDate>.*</pubDate>", r"\g<0>\g<0>")],
    "blank description in item": [("rss", "A summary", " ")],
    "a guid without isPermaLink": [("rss", ' isPermaLink="false"', "")],
    "blank category": [("rss", "<category>AI", "<category>")],
    "an item with neither": [
        ("rss", "<link>https://example.com/b</link>", ""),
    ],
    "content before description": [
        (
            "rss",
            "(?s)(<description>Excerpt of a</desc.*?>)(.*?)(<content:encoded>.*?</content.*?>)",
            r"\3\2\1",
        )
    ],
    "an author without": [("rss", "</guid>", "</guid><author>Ada</author>")],
    "dc:date beside": [("rss", "</guid>", "</guid><dc:date>2024</dc:date>")],
    "an enclosure without": [
        ("rss", "</guid>", '</guid><enclosure url="https://a.org/b" type="a/b"/>'),
        ("rss", "</guid>", '</guid><enclosure url="https://a.org/b" length="0"/>'),
    ],
    # Of Atom.
    "neither RSS nor Atom": [("atom", "http://www.w3.org/2005/Atom", "urn:other")],
    "0 id in feed": [("atom", "<id>.*</id>", "")],
    "2 title in feed": [("atom", "<title.*</title>", r"\g<0>\g<0>")],
    "0 updated in feed": [("atom", "<updated>.*</updated>", "")],
    "blank title in entry": [("atom", ">Title of b<", "><")],
    "0 published in entry": [("atom", "<published>.*</published>", "")],
    "0 name in author": [("atom", "<name>.*</name>", "")],
    "blank summary": [("atom", "A summary", " ")],
    "an entry without an author": [("atom", "(?s)<author>.*</author>", "")],
    "not one alternate of the feed": [("atom", "<link[^>]*alternate[^>]*>", "")],
    "more than one alternate": [
        ("atom", '<link href="https://example.com/b"[^>]*>', r"\g<0>\g<0>")
    ],
    "a link without rel": [("atom", ' rel="alternate"', "")],
    "updated before published": [("atom", "<updated>2024-05", "<updated>2024-04")],
    "an entry with neither link": [("atom", '<link href="https://example.com/b"[^>]*>', "")],
    "an entry with neither summary": [("atom", "<summary.*</summary>", "")],
    "type 'CDATA' of content": [("atom", '<content type="html"', '<content type="CDATA"')],
    "markup in title": [("atom", "Title of b", "<b>b</b>")],
    "blank term": [("atom", 'term="AI"', 'term=" "')],
    # Of content.
    "empty content": [("rss", "<content:encoded>.*<", "<content:encoded><")],
    "unsafe <script>": [("atom", "&lt;p&gt;", "&lt;script/&gt;&lt;p&gt;")],
    "unsafe attribute onclick": [("rss", "&lt;p&gt;", "&lt;p onclick=1&gt;")],
    "unsafe attribute style": [("atom", "&lt;p&gt;", "&lt;p style=a&gt;")],
    "src in content is no URI": [("rss", "&lt;p&gt;", "&lt;img src=/a.png&gt;")],
}
BROKEN = [
    pytest.param(expected, kind, old, new, id=f"{expected}-{kind}-{number}")
    for expected, ways in RULES.items()
    for number, (kind, old, new) in enumerate(ways, 1)
]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feed of three: one that was updated, one with a link, one with content."""
    site = Site(tmp_path_factory.mktemp("rules") / "site")
    site.record("c.md", publishedDateTime="2024-06-01T09:00:00Z")
    site.record("b.md", excerpt="A summary")
    site.record("a.html", "<p>Body</p>", webUrl=None, publishedDateTime="2024-04-01T09:00:00Z")
    site.build()
    return site.feeds


@pytest.mark.parametrize(("expected", "kind", "old", "new"), BROKEN)
def test_each_rule_bites(good: Path, expected: str, kind: str, old: str, new: str) -> None:
    feed = (good / "ai" / f"{kind}.xml").read_text("utf-8")
    broken, count = re.subn(old, new, feed, count=1)
    assert count == 1 and broken != feed

    faults = faults_of(broken.encode(), f"{BASE}/ai/{kind}.xml")

    assert any(expected in fault for fault in faults), faults


def test_what_is_not_utf8_is_not_well_formed(good: Path) -> None:
    feed = (good / "ai" / "rss.xml").read_text("utf-8").replace("A summary", "é")

    assert "not well-formed" in faults_of(feed.encode("latin-1"), f"{BASE}/ai/rss.xml")[0]


def test_rss_and_atom_must_say_the_same(good: Path) -> None:
    rss, atom = ((good / "ai" / name).read_bytes() for name in ("rss.xml", "atom.xml"))
    assert twin_faults(rss, atom, "") == ()

    assert twin_faults(rss.replace(b"Title of b", b"Another"), atom, "")
    assert twin_faults(rss.replace(b"example.com/b", b"example.com/x"), atom, "")
    assert twin_faults(rss.replace(b":b</guid>", b":x</guid>"), atom, "")
    assert twin_faults(re.sub(rb"(?s)<item>.*?</item>", b"", rss, count=1), atom, "")


def test_a_tree_is_held_to_its_public_address(good: Path) -> None:
    check_tree(good, BASE, ["ai/rss.xml", "ai/atom.xml", "topics.json"])
    with pytest.raises(AssertionError, match=r"ai/rss\.xml: the self link is not"):
        check_tree(good, "https://elsewhere.example", ["ai/rss.xml"])


def test_every_tree_of_a_site_is_checked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedcheck.RFC3339", re.compile("never"))
    site.record("a.md", title="Not seen by an earlier test")
    with pytest.raises(AssertionError, match="bad date in updated"):
        site.build()


def test_a_publisher_with_an_address_behind_the_name_is_named_without_it(site: Site) -> None:
    site.configure(TOML + 'author = "Ed <ed@example.org>"\n')
    site.record("a.md")
    site.build()
    assert "<name>Ed</name>" in (site.feeds / "atom.xml").read_text("utf-8")
