"""What feeds say of themselves beyond their names: pictures, hubs, how long they may be kept."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from site_on_disk import TOML, Site

A = "{http://www.w3.org/2005/Atom}"
HUBS = ["https://hub.example.org/", "https://other.example.org/?x=1"]
WEBSUB = f"[websub]\nhubs = {json.dumps(HUBS)}\n"


def built(site: Site, toml: str = "", **options: bool) -> tuple[etree._Element, etree._Element]:
    """The channel and the Atom feed of all topics."""
    site.configure(TOML + toml)
    site.record("a.md")
    site.build(**options)
    tree = site.tree("preview" if options else "feeds")
    return etree.fromstring(tree["rss.xml"])[0], etree.fromstring(tree["atom.xml"])


def links(parent: etree._Element, rel: str) -> list[str | None]:
    return [link.get("href") for link in parent.findall(A + "link") if link.get("rel") == rel]


def test_hubs_are_in_every_format(site: Site) -> None:
    channel, feed = built(site, WEBSUB)

    assert links(channel, "hub") == links(feed, "hub") == HUBS
    said = json.loads(site.tree()["ai/feed.json"])["hubs"]
    assert said == [{"type": "WebSub", "url": hub} for hub in HUBS]


def test_a_preview_names_no_hub(site: Site) -> None:
    built(site, WEBSUB, include_unpublished=True)

    assert b"hub.example.org" not in b"".join(site.tree("preview").values())


def test_how_long_readers_may_keep_a_feed(site: Site) -> None:
    assert built(site, "[feeds]\nttl = 90\n")[0].findtext("ttl") == "90"
    assert built(site)[0].find("ttl") is None


def test_icon_and_logo_from_the_root_of_the_website_or_from_elsewhere(site: Site) -> None:
    _, feed = built(site, 'icon = "/i.png"\nlogo = "https://x.org/l.png"\n')

    assert feed.findtext(A + "icon") == "https://www.example.org/i.png"
    assert feed.findtext(A + "logo") == "https://x.org/l.png"
    said = json.loads(site.tree()["feed.json"])
    assert said["icon"] == "https://x.org/l.png"
    assert said["favicon"] == "https://www.example.org/i.png"


@pytest.mark.parametrize(
    ("size", "is_shown"),
    [
        ("logo_width = 144\nlogo_height = 400\n", True),
        ("logo_width = 145\nlogo_height = 40\n", False),
        ("logo_width = 144\nlogo_height = 401\n", False),
        ("logo_width = 144\n", False),
        ("", False),
    ],
)
def test_rss_shows_a_logo_that_is_known_to_be_small_enough(
    site: Site, size: str, is_shown: bool
) -> None:
    channel, _ = built(site, f'logo = "/l.png"\n{size}')

    image = channel.find("image")
    assert (image is not None) == is_shown
    if image is not None:
        assert {child.tag: child.text for child in image} == {
            "url": "https://www.example.org/l.png",
            "title": "Test Site",
            "link": "https://feeds.example.org/",
            "width": "144",
            "height": "400",
        }


def test_a_format_that_is_not_written_any_more_loses_its_files(site: Site) -> None:
    built(site)
    assert {"rss.xml", "atom.xml", "feed.json", "feeds.opml"} <= site.tree().keys()

    site.configure(TOML + '[feeds]\nformats = ["atom"]\n')
    report = site.build()

    assert site.tree().keys() == {"atom.xml", "ai/atom.xml", "manifest.json", "topics.json"}
    assert {"feed.json", "ai/feed.json", "feeds.opml"} <= set(report.removed)
    (row,) = json.loads(site.tree()["topics.json"])["topics"]
    assert row["feeds"] == {"atom": "https://feeds.example.org/ai/atom.xml"}


def test_topics_json_lists_each_feed(site: Site) -> None:
    built(site)

    (row,) = json.loads(site.tree()["topics.json"])["topics"]
    assert row["feeds"] == {
        "rss": "https://feeds.example.org/ai/rss.xml",
        "atom": "https://feeds.example.org/ai/atom.xml",
        "json": "https://feeds.example.org/ai/feed.json",
    }
