"""Pictures, files and relations of an entry, in RSS and Atom."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from format_samples import SETTINGS, make_item

from topicast.entries.model import Enclosure
from topicast.formats import FORMATS, render_lot
from topicast.records.model import Image, Related

HOSTS = ("youtube.com",)


def lines(name: str, **changes: Any) -> list[str]:
    """The lines of an entry about media, files and relations."""
    settings = msgspec.structs.replace(SETTINGS, embeds=HOSTS)
    ((printed,),) = render_lot([make_item(**changes)], settings, [FORMATS[name].name])
    words = ("media:", "enclosure", "related")
    return [line.strip() for line in printed.decode().splitlines() if any(w in line for w in words)]


each_format = pytest.mark.parametrize("name", ["rss", "atom"])


@each_format
def test_pictures_and_the_first_as_thumbnail(name: str) -> None:
    images = (
        Image("https://x.org/a.jpg?b&c", 640, 480, "A <cat>", "Ada & Bob"),
        Image("https://x.org/b"),
    )

    assert lines(name, images=images) == [
        '<media:content url="https://x.org/a.jpg?b&amp;c" medium="image" type="image/jpeg"'
        ' width="640" height="480">',
        "<media:description>A &lt;cat&gt;</media:description>",
        "<media:credit>Ada &amp; Bob</media:credit>",
        "</media:content>",
        '<media:content url="https://x.org/b" medium="image"/>',
        '<media:thumbnail url="https://x.org/a.jpg?b&amp;c" width="640" height="480"/>',
    ]


FILES = (
    Enclosure("https://x.org/f.zip", "application/zip", "Files & more"),
    Enclosure("https://x.org/t.mp3", "audio/mpeg", "Talk", 61),
    Enclosure("https://x.org/v.mp4", "video/mp4"),
)
PLAYED = [
    '<media:content url="https://x.org/t.mp3" medium="audio" type="audio/mpeg" duration="61">',
    "<media:title>Talk</media:title>",
    "</media:content>",
    '<media:content url="https://x.org/v.mp4" medium="video" type="video/mp4"/>',
]


def test_rss_has_room_for_one_enclosure() -> None:
    assert lines("rss", enclosures=FILES) == [
        '<enclosure url="https://x.org/f.zip" length="0" type="application/zip"/>',
        *PLAYED,
    ]


def test_atom_has_them_all() -> None:
    assert lines("atom", enclosures=FILES) == [
        '<link href="https://x.org/f.zip" rel="enclosure" type="application/zip" length="0"'
        ' title="Files &amp; more"/>',
        '<link href="https://x.org/t.mp3" rel="enclosure" type="audio/mpeg" length="0"'
        ' title="Talk"/>',
        '<link href="https://x.org/v.mp4" rel="enclosure" type="video/mp4" length="0"/>',
        *PLAYED,
    ]


@each_format
@pytest.mark.parametrize(("duration", "said"), [(634, ' duration="634"'), (0, "")])
def test_the_player_of_an_allowed_host(name: str, duration: int, said: str) -> None:
    page = "https://www.youtube.com/watch?v=abc_DEF-123"

    assert lines(name, embed=page, duration=duration) == [
        f'<media:content medium="video"{said}>',
        '<media:player url="https://www.youtube-nocookie.com/embed/abc_DEF-123"/>',
        "</media:content>",
    ]
    assert lines(name, embed="https://video.example.org/embed/1", duration=duration) == []


def test_relations_have_titles() -> None:
    related = (Related("R & S", "https://x.org/r"), Related("T", "https://x.org/t"))

    assert lines("atom", related=related) == [
        '<link href="https://x.org/r" rel="related" title="R &amp; S"/>',
        '<link href="https://x.org/t" rel="related" title="T"/>',
    ]
    assert lines("rss", related=related) == [
        '<atom:link href="https://x.org/r" rel="related" title="R &amp; S"/>',
        '<atom:link href="https://x.org/t" rel="related" title="T"/>',
    ]
