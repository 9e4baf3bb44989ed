"""The content of an entry: what stands around its body, and how right-to-left text is marked."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from format_samples import ENTRY, SETTINGS

from topicast.formats.content import content_html
from topicast.formats.direction import direction
from topicast.records.model import Image, Related

HOSTS = ("youtube.com", "vimeo.com")
PLAYER = "https://www.youtube-nocookie.com/embed/abc_DEF-123"
FRAME = (
    f'<p><iframe src="{PLAYER}" width="560" height="315" title="Tom &amp; Jerry"'
    ' allowfullscreen=""></iframe></p>\n'
)
PICTURE = Image("https://x.org/i.png?a=1&b=2", 640, 480, 'A "cat"', "Ada & Bob")


def content(site_language: str = "", **changes: Any) -> str:
    entry = msgspec.structs.replace(ENTRY, **{"body": "<p>Body</p>", "body_kind": "html"} | changes)
    settings = msgspec.structs.replace(SETTINGS, embeds=HOSTS, language=site_language)
    return content_html(entry, "1 < 2", settings)


def test_a_body_alone() -> None:
    assert content() == "<p>Body</p>"


def test_everything_has_its_place() -> None:
    assert content(
        images=(PICTURE, Image("https://x.org/second.png")),
        embed="https://www.youtube.com/watch?v=abc_DEF-123",
        related=(Related("R & S", "https://x.org/r?a&b"), Related("T", "https://x.org/t")),
    ) == (
        '<figure><img src="https://x.org/i.png?a=1&amp;b=2" alt="A &quot;cat&quot;" width="640"'
        ' height="480"><figcaption>Ada &amp; Bob</figcaption></figure>\n'
        + FRAME
        + "<p>Body</p>\n<hr>\n"
        '<ul><li><a href="https://x.org/r?a&amp;b">R &amp; S</a></li>'
        '<li><a href="https://x.org/t">T</a></li></ul>'
    )


def test_without_a_body_there_is_no_content_to_stand_around() -> None:
    around = {"images": (PICTURE,), "related": (Related("R", "https://x.org/r"),)}

    assert content(body="", body_kind="", embed="https://vimeo.com/1", **around) == ""
    assert content(body="<script>x()</script>", **around) == ""


def test_an_entry_without_a_link_has_content_even_if_nothing_of_its_body_is_safe() -> None:
    assert content(link="", body="<script>x()</script>") == "<p>1 &lt; 2</p>"


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (Image("https://x.org/i.png"), '<figure><img src="https://x.org/i.png" alt=""></figure>\n'),
        (
            Image("https://x.org/i.png", 640),  # one side says nothing of the shape
            '<figure><img src="https://x.org/i.png" alt=""></figure>\n',
        ),
    ],
)
def test_what_is_not_known_of_a_picture_is_not_said(image: Image, shown: str) -> None:
    assert content(images=(image,)) == shown + "<p>Body</p>"


def test_a_picture_that_the_body_shows_is_not_shown_twice() -> None:
    body = "<img src='https://x.org/i.png?a=1&amp;b=2'>"

    assert content(body=body, images=(PICTURE,)).count("<img") == 1


@pytest.mark.parametrize(
    ("embed", "before"),
    [
        ("https://youtu.be/abc_DEF-123", FRAME),
        (
            "https://x.org/e?a&b",
            '<p><a href="https://x.org/e?a&amp;b">https://x.org/e?a&amp;b</a></p>\n',
        ),
        (ENTRY.link, ""),  # the entry's own link leads there already
    ],
)
def test_an_embed_is_a_player_of_an_allowed_host_or_a_link(embed: str, before: str) -> None:
    assert content(embed=embed) == before + "<p>Body</p>"


def test_a_player_that_the_body_holds_is_not_shown_twice() -> None:
    body = "<iframe src='https://www.youtube.com/embed/abc_DEF-123'></iframe>"

    assert content(body=body, embed="https://youtu.be/abc_DEF-123").count("<iframe") == 1


@pytest.mark.parametrize(
    ("entry", "site", "is_marked"),
    [("ar", "en", True), ("", "he", True), ("en", "he", False), ("", "", False)],
)
def test_right_to_left_text_is_marked(entry: str, site: str, is_marked: bool) -> None:
    marked = '<div dir="rtl"><p>Body</p></div>'

    assert content(site, language=entry) == (marked if is_marked else "<p>Body</p>")


@pytest.mark.parametrize("language", ["ar", "HE", "fa-IR", "ur", "yi", "az-Arab", "uz-Arab-AF"])
def test_languages_that_are_written_from_right_to_left(language: str) -> None:
    assert direction(language) == "rtl"


@pytest.mark.parametrize(
    "language", ["", "en", "ar-Latn", "ur-latn-PK", "zh-Hant", "art", "sl-1994"]
)
def test_languages_that_are_not(language: str) -> None:
    assert direction(language) == "ltr"
