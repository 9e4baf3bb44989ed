"""OPML 2.0: the list of all feeds, nested as the topics are."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from format_samples import make_feed
from hypothesis import given, settings
from hypothesis import strategies as st

from opmlcheck import opml_faults
from site_on_disk import TOML, Site
from topicast.formats.opml import Outline, opml

TAXONOMY = """\
- name: AI
  description: Machines that learn
- name: Chips
  parent: AI
- name: Memory
  parent: Chips
- name: Hidden
- name: Below Hidden
  parent: Hidden
"""


def read(data: bytes) -> ElementTree.Element:
    assert opml_faults(data) == ()
    return ElementTree.fromstring(data)


def nested(parent: ElementTree.Element) -> list[object]:
    """Names, each with a list of what is below it."""
    return [
        [one.get("text"), nested(one)] if len(one) else one.get("text")
        for one in parent.iterfind("outline")
    ]


def listed(site: Site) -> list[object]:
    body = read(site.tree()["feeds.opml"]).find("body")
    assert body is not None
    return nested(body)


def test_all_topics_come_first_and_others_are_nested_as_in_the_taxonomy(site: Site) -> None:
    (site.root / "topics.yaml").write_text(TAXONOMY)
    site.configure(TOML + '[topics]\nexclude = ["Hidden"]\n')
    site.record("a.md", topics=["Memory", "Zebra", "Below Hidden"])

    site.build()

    assert listed(site) == [
        "Test Site",
        ["AI", ["AI", ["Chips", ["Chips", "Memory"]]]],
        "Below Hidden",
        "Zebra",
    ]


def test_what_is_said_of_a_feed(site: Site) -> None:
    (site.root / "topics.yaml").write_text(TAXONOMY)
    site.configure(TOML + '[topics.AI]\nlanguage = "de"\n')
    site.record("a.md", topics=["AI"])

    site.build()

    outlines = [one.attrib for one in read(site.tree()["feeds.opml"]).iter("outline")]
    assert outlines[1] == {
        "type": "rss",
        "text": "AI",
        "title": "AI · Test Site",
        "xmlUrl": "https://feeds.example.org/ai/rss.xml",
        "htmlUrl": "https://feeds.example.org/ai/",
        "description": "Machines that learn",
        "language": "de",
    }


@pytest.mark.parametrize(
    ("formats", "address"),
    [
        ('["opml", "atom", "json"]', "https://feeds.example.org/atom.xml"),
        ('["json", "opml"]', "https://feeds.example.org/feed.json"),
        ('["atom"]', None),
        ('["opml"]', None),  # there is no feed to list
    ],
)
def test_the_feed_that_is_listed(site: Site, formats: str, address: str | None) -> None:
    site.record("a.md")
    site.build()
    site.configure(TOML + f"[feeds]\nformats = {formats}\n")

    site.build()

    outline = site.tree().get("feeds.opml")
    assert (outline is None) == (address is None)
    if outline is not None:
        first = next(read(outline).iter("outline"))
        assert first.get("xmlUrl") == address


def test_a_topic_that_becomes_empty_leaves_the_list(site: Site) -> None:
    site.record("a.md", topics=["AI"])
    site.record("b.md", topics=["Music"])
    site.build()
    assert listed(site) == ["Test Site", "AI", "Music"]

    site.record("b.md", topics=["AI"])
    site.build()

    assert listed(site) == ["Test Site", "AI"]
    assert site.tree() == site.fresh()


def test_a_preview_says_so(site: Site) -> None:
    site.record("a.md", published="false")

    site.build(include_unpublished=True)

    root = read(site.tree("preview")["feeds.opml"])
    assert root.findtext("head/title") == "Test Site (preview)"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(name=st.text(), title=st.text(min_size=1), description=st.text())
def test_any_text_gives_a_list_that_parses(name: str, title: str, description: str) -> None:
    feed = make_feed(title=title, description=description)
    below = Outline(name, feed, "https://example.org/b/rss.xml")
    topic = Outline(name, feed, "https://example.org/a/rss.xml", (below,))
    other = Outline(name, feed, "https://example.org/c/rss.xml")
    top = Outline("All", make_feed(), "https://example.org/rss.xml", (topic, other))

    outlines = list(read(opml(top)).iter("outline"))

    assert len(outlines) == 5
    assert len({one.get("text") for one in outlines[1:]}) == 1
