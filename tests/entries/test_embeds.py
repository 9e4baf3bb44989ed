"""Embeds: players of the hosts that are allowed, without cookies; links in the place of others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicast.entries.embeds import page_of, player_of
from topicast.entries.html import clean_html

HOSTS = ("youtube.com", "vimeo.com", "player.example.org")
TUBE = "https://www.youtube-nocookie.com/embed/"
END = ' allowfullscreen=""></iframe>'


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("https://www.youtube.com/watch?v=abc_DEF-123&t=5", f"{TUBE}abc_DEF-123"),
        ("http://m.youtube.com/embed/abc_DEF-123?autoplay=1", f"{TUBE}abc_DEF-123"),
        ("https://www.youtube-nocookie.com/embed/abc_DEF-123", f"{TUBE}abc_DEF-123"),
        ("https://youtu.be/abc_DEF-123", f"{TUBE}abc_DEF-123"),
        ("https://www.youtube.com/shorts/abc_DEF-123", f"{TUBE}abc_DEF-123"),
        ("https://www.youtube.com/playlist?list=PL12", f"{TUBE}videoseries?list=PL12"),
        ("https://www.youtube.com/@somebody", ""),
        ("https://www.youtube.com/watch?v=%22onload%3D", ""),
        ("https://vimeo.com/123", "https://player.vimeo.com/video/123?dnt=1"),
        ("https://vimeo.com/123/ab4", "https://player.vimeo.com/video/123?h=ab4&dnt=1"),
        ("https://player.vimeo.com/video/1?h=a4", "https://player.vimeo.com/video/1?h=a4&dnt=1"),
        ("https://vimeo.com/about", ""),
        ("https://player.example.org/x?y=1", "https://player.example.org/x?y=1"),
        ("https://example.org/x", ""),
        ("https://youtube.com.example/embed/abc_DEF-123", ""),
        ("https://notyoutube.com/embed/abc_DEF-123", ""),
        ("https://[x/", ""),
        ("", ""),
    ],
)
def test_the_player_for_an_address(address: str, player: str) -> None:
    assert player_of(address, HOSTS) == player
    assert player_of(player, HOSTS) == player  # what is cleaned again stays
    assert player_of(address, ()) == ""


def test_a_page_of_a_player_is_played_by_it() -> None:
    for player in (f"{TUBE}abc_DEF-123", f"{TUBE}videoseries?list=PL12"):
        assert player_of(page_of(player), HOSTS) == player


def clean(source: str) -> str:
    return clean_html(source, "html", "https://x.org/p", "https://x.org", HOSTS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            '<iframe src="//youtube.com/embed/abc_DEF-123?a=1" width="400" height=99% onload=x()>'
            "no frames</iframe>",
            f'<iframe src="{TUBE}abc_DEF-123" width="400" height="315"{END}',
        ),
        (
            "<iframe title='A &lt;b&gt;' src=https://vimeo.com/1></iframe>",
            '<iframe src="https://player.vimeo.com/video/1?dnt=1" width="560" height="315"'
            ' title="A &lt;b&gt;" allowfullscreen=""></iframe>',
        ),
        (
            "<iframe src=https://www.youtube.com/embed/abc_DEF-123 srcdoc=<script>x</script>>",
            f'<iframe src="{TUBE}abc_DEF-123" width="560" height="315"{END}',
        ),
        (
            "<iframe src='https://other.example/x?a=1&amp;b=2'></iframe>",
            '<a href="https://other.example/x?a=1&amp;b=2">https://other.example/x?a=1&amp;b=2</a>',
        ),
        (
            "<a href=/a>in <iframe title=T src=/x></iframe> out</a>",
            '<a href="https://x.org/a">in </a><a href="https://x.org/x">T</a> out',
        ),
        ("<object data=/x.pdf>none</object>", '<a href="https://x.org/x.pdf">'),
        ("<embed src=/x.swf>", '<a href="https://x.org/x.swf">'),
        ("a<iframe src='javascript:x()'></iframe>", "a"),
        ("a<iframe width=0 height=0 src=https://count.example/></iframe>", "a"),
        ("a<iframe style='display:none' src=https://count.example/></iframe>", "a"),
    ],
)
def test_embeds_in_a_body(source: str, expected: str) -> None:
    cleaned = clean(source)

    assert cleaned.startswith(expected) if expected.endswith('">') else cleaned == expected


def test_a_body_of_nothing_but_a_player_is_content() -> None:
    assert clean(f"<iframe src={TUBE}abc_DEF-123></iframe>")


PIECES = [
    *("<iframe", " src=", TUBE, "abc_DEF-123", "//evil.example", "javascript:", "data:,x"),
    *(" srcdoc='<p>'", " onload=x()", "'", '"', ">", "</iframe>", "<p>", "&#58;", "@", "\t"),
]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_frame_but_that_of_an_allowed_player_comes_out(pieces: list[str]) -> None:
    cleaned = clean("".join(pieces))

    for frame in cleaned.split("<iframe")[1:]:
        assert frame.startswith((f' src="{TUBE}abc_DEF-123', " width="))
        assert "onload" not in frame.partition(">")[0]
        assert "srcdoc" not in frame.partition(">")[0]
