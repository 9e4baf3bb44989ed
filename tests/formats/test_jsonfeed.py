"""JSON Feed 1.1: the feed and its items."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from format_samples import HOUR, MAY_1, SETTINGS, fragment, make_feed, make_item

from topicast.entries.model import Enclosure
from topicast.formats import FORMATS, compose, render_lot
from topicast.records.model import Image, Related

JSON = FORMATS["json"]


def item(**changes: Any) -> dict[str, Any]:
    settings = msgspec.structs.replace(SETTINGS, embeds=("vimeo.com",))
    ((printed,),) = render_lot([make_item(**changes)], settings, ["json"])
    read: dict[str, Any] = json.loads(printed)
    return read


def test_a_whole_feed() -> None:
    one = make_item(updated=MAY_1 + HOUR, language="de", title='"人工" <b>')

    printed = compose(JSON, make_feed(), [fragment(JSON, one), fragment(JSON, make_item())])

    assert printed.decode().partition("    },\n    {\n")[0] == (
        """\
{
  "version": "https://jsonfeed.org/version/1.1",
  "title": "AI · Example",
  "home_page_url": "https://example.org/feeds/ai/",
  "feed_url": "https://example.org/feeds/ai/feed.json",
  "description": "About machines",
  "authors": [
    {
      "name": "Example"
    }
  ],
  "language": "en",
  "items": [
    {
      "id": "tag:example.org,2026:a",
      "url": "https://example.org/a?b=1&c=2",
      "title": "\\"人工\\" <b>",
      "summary": "1 < 2 & 3",
      "content_text": "1 < 2 & 3",
      "date_published": "2024-05-01T12:00:00Z",
      "date_modified": "2024-05-01T13:00:00Z",
      "authors": [
        {
          "name": "Ada"
        },
        {
          "name": "Bob"
        }
      ],
      "tags": [
        "AI",
        "Q & A"
      ],
      "language": "de",
      "_topicast": {
        "provider": {
          "name": "Provider"
        }
      }
"""
    )
    assert printed.endswith(b"    }\n  ]\n}\n")
    assert len(json.loads(printed)["items"]) == 2


def test_an_empty_feed_is_whole() -> None:
    assert json.loads(compose(JSON, make_feed(), []))["items"] == []


def test_what_is_not_known_of_a_feed_is_not_said() -> None:
    feed = json.loads(compose(JSON, make_feed(description="", language="", author=""), []))

    assert feed.keys() == {"version", "title", "home_page_url", "feed_url", "authors", "items"}
    assert feed["authors"] == [{"name": "AI · Example"}]


@pytest.mark.parametrize(
    ("icon", "logo", "shown"),
    [
        ("i.png", "l.png", {"icon": "https://x.org/l.png", "favicon": "https://x.org/i.png"}),
        ("i.png", "", {"icon": "https://x.org/i.png", "favicon": "https://x.org/i.png"}),
        ("", "l.png", {"icon": "https://x.org/l.png"}),
    ],
)
def test_icon_and_logo(icon: str, logo: str, shown: dict[str, str]) -> None:
    feed = make_feed(
        icon=icon and f"https://x.org/{icon}", logo=Image(f"https://x.org/{logo}") if logo else None
    )

    said = json.loads(compose(JSON, feed, []))

    assert {key: said[key] for key in ("icon", "favicon") if key in said} == shown


def test_hubs() -> None:
    feed = make_feed(hubs=("https://hub.example.org/",))

    assert json.loads(compose(JSON, feed, []))["hubs"] == [
        {"type": "WebSub", "url": "https://hub.example.org/"}
    ]


def test_content_is_html_where_there_is_some_and_else_the_summary() -> None:
    whole = item(body="<p>Hi</p>", body_kind="html")

    assert whole["content_html"] == "<p>Hi</p>"
    assert "content_text" not in whole
    assert item()["content_text"] == item()["summary"] == "1 < 2 & 3"


def test_attachments_say_what_is_known_of_them() -> None:
    files = (
        Enclosure("https://x.org/t.mp3", "audio/mpeg", "Talk", 61),
        Enclosure("https://x.org/f.zip", "application/zip"),
    )

    assert item(enclosures=files)["attachments"] == [
        {
            "url": "https://x.org/t.mp3",
            "mime_type": "audio/mpeg",
            "title": "Talk",
            "duration_in_seconds": 61,
        },
        {"url": "https://x.org/f.zip", "mime_type": "application/zip"},
    ]


def test_the_first_picture_is_the_image() -> None:
    assert item(images=(Image("https://x.org/1"), Image("https://x.org/2")))["image"] == (
        "https://x.org/1"
    )


def test_the_extension_has_what_json_feed_has_no_word_for() -> None:
    said = item(
        provider_domain="x.org",
        embed="https://vimeo.com/1",
        duration=61,
        related=(Related("R", "https://x.org/r"),),
    )

    assert said["_topicast"] == {
        "provider": {"name": "Provider", "domain": "x.org"},
        "player": {"url": "https://player.vimeo.com/video/1?dnt=1", "duration_in_seconds": 61},
        "related": [{"url": "https://x.org/r", "title": "R"}],
    }
    assert "_topicast" not in item(provider="")


def test_a_preview_marks_what_is_not_published() -> None:
    said = item(unpublished=True)

    assert said["_topicast"]["published"] is False
    assert said["tags"][-1] == "unpublished"
    assert "published" not in item()["_topicast"]
