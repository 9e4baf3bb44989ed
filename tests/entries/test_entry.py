"""Record to entry: what each field becomes, and what is passed over."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.entries.entry import EntrySettings, entry_of, page_of_embed
from topicast.entries.media_types import media_type
from topicast.entries.model import Enclosure, Entry
from topicast.problems import Found, Level
from topicast.records.model import Download, Image, Record, Related

SETTINGS = EntrySettings(site_url="https://example.org/app")
LEGAL = re.compile("[\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def record(**fields: Any) -> Record:
    return Record(**{"path": "a.md", "title": "T", "published": 1_000} | fields)


def made(**fields: Any) -> Entry:
    entry, found = entry_of(record(**fields), SETTINGS)
    assert found == []
    return entry


def test_text_fields_are_plain() -> None:
    entry = made(
        title="A <i>b</i> &amp; c\u202e",
        excerpt="<p>One</p><p>two&nbsp;</p>",
        provider="P &amp; Q",
        authors=("<b>X</b>", " ", "Y", "X"),
        categories=("tag &amp; tag",),
    )
    assert (entry.title, entry.summary) == ("A b & c", "One two")
    assert (entry.provider, entry.authors, entry.categories) == (
        "P & Q",
        ("X", "Y"),
        ("tag & tag",),
    )


def test_topic_names_are_no_markup() -> None:
    assert made(topics=("C<T>", " Q&amp;A\x01  x ", "")).topics == ("C<T>", "Q&amp;A x")


def test_without_an_excerpt_the_body_is_cut_on_a_word() -> None:
    summary = made(body="<p>" + "word " * 100, body_kind="html").summary
    assert summary == ("word " * 60)[:299].rstrip() + "…"
    assert len(summary) <= 300
    assert made(body="# Hi\n\n*you*", body_kind="markdown").summary == "Hi you"


@pytest.mark.parametrize("blank", ["\n", " \xa0\n\u2028", "\t"])
def test_a_blank_body_is_none(blank: str) -> None:
    entry = made(body=blank, body_kind="markdown", web_url="https://example.org/a")

    assert (entry.body, entry.body_kind, entry.summary) == ("", "", "T")


def test_an_excerpt_is_not_cut() -> None:
    assert made(excerpt="word " * 100).summary == ("word " * 100).strip()


def test_with_neither_the_title_is_the_summary() -> None:
    assert made(title="T <b>x</b>", excerpt="<br>").summary == "T x"
    assert made(body="<img src=/a.png>", body_kind="html").summary == "T"


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"web_url": "https://x.org/a b", "original_url": "https://y.org/"}, "https://x.org/a%20b"),
        ({"original_url": "/page"}, "https://example.org/app/page"),
        ({"embed": "<iframe src='https://x.org/e'>"}, "https://x.org/e"),
        ({}, ""),
        ({"template_link": "https://x.org/t"}, "https://x.org/t"),
        ({"embed": "<p>words</p>", "template_link": "https://x.org/t"}, "https://x.org/t"),
        (
            {"embed": "<iframe src=https://x.org/e>", "template_link": "https://x.org/t"},
            "https://x.org/e",
        ),
    ],
)
def test_the_link(fields: dict[str, str], link: str) -> None:
    entry = made(**fields)
    assert (entry.link, entry.base) == (link, link)


def test_where_no_address_is_good_the_template_gives_one() -> None:
    fields = {"web_url": "javascript:1", "embed": "<p>words</p>"}
    entry, _ = entry_of(record(**fields, template_link="https://x.org/t"), SETTINGS)
    assert entry.link == "https://x.org/t"


def test_a_bad_address_is_passed_over_with_a_warning() -> None:
    entry, found = entry_of(
        record(
            web_url="javascript:alert(1)//" + "x" * 100,
            original_url="ftp://x.org/",
            embed="<iframe src=https://x.org/e>",
            images=(Image("https://x.org/1.png"), Image("data:x")),
            related=(Related("R", "mailto:a@x.org"),),
            downloads=(Download("https://u:p@x.org/a.zip"),),
        ),
        SETTINGS,
    )
    assert entry.link == "https://x.org/e"
    assert [image.url for image in entry.images] == ["https://x.org/1.png"]
    assert (entry.related, entry.enclosures) == ((), ())
    fields = ["webUrl", "originalUrl", "images[1].url", "related[0].webUrl", "actions[0].url"]
    assert [one.field for one in found] == fields
    assert {one.level for one in found} == {Level.WARNING}


def test_messages_quote_no_address_for_nobody_may_see_it_yet() -> None:
    _, found = entry_of(record(web_url="javascript:secret"), SETTINGS)
    assert [one.field for one in found] == ["webUrl"]
    assert "secret" not in found[0].expected + found[0].remedy


def test_an_embed_without_a_usable_address_warns_only_where_it_is_the_link() -> None:
    embed = "<iframe src='javascript:x'>"
    assert [one.field for one in entry_of(record(embed=embed), SETTINGS)[1]] == ["featuredContent"]
    assert made(embed=embed, web_url="https://x.org/").embed == ""
    assert made(embed="<p>no address</p>").link == ""


@pytest.mark.parametrize(
    ("embed", "page"),
    [
        (
            '<iframe width="800" src="https://www.youtube.com/embed/abc_DEF-123?rel=0"></iframe>',
            "https://www.youtube.com/watch?v=abc_DEF-123",
        ),
        (
            "<div><IFRAME SRC=//www.youtube-nocookie.com/embed/abc_DEF-123 ></div>",
            "https://www.youtube.com/watch?v=abc_DEF-123",
        ),
        (
            "https://www.youtube.com/embed/videoseries?list=PL12",
            "https://www.youtube.com/playlist?list=PL12",
        ),
        (
            "https://www.youtube.com/watch?v=abc_DEF-123",
            "https://www.youtube.com/watch?v=abc_DEF-123",
        ),
        ("<iframe src='https://player.vimeo.com/video/123?h=4'>", "https://vimeo.com/123"),
        ("<iframe src='https://x.org/a?b=1&amp;c=2'>", "https://x.org/a?b=1&c=2"),
        ("<blockquote>t <a href='https://x.org/s/1'>x</a></blockquote>", "https://x.org/s/1"),
        (" https://x.org/a ", "https://x.org/a"),
        ("https://[x/", "https://[x/"),
        ("<script>'<iframe src=https://x.org/>'</script>", ""),
        ("", ""),
    ],
)
def test_the_page_that_an_embed_shows(embed: str, page: str) -> None:
    assert page_of_embed(embed) == page


def test_dates() -> None:
    assert (made().published, made().updated) == (1_000, 1_000)
    assert made(updated=999).updated == 1_000
    assert made(updated=2_000).updated == 2_000
    assert made(published=-1_000, updated=0).updated == 0  # 1970 is a date as any other
    with pytest.raises(ValueError, match="date"):
        entry_of(record(published=None), SETTINGS)


def test_pictures_related_and_downloads() -> None:
    entry = made(
        web_url="https://x.org/news/a",
        images=(Image("/a.png", 10, 20, "<b>t</b>", "by &amp;"),),
        related=(Related("R &amp; S", "b"), Related("", "https://x.org/c")),
        downloads=(Download("/f/App.MSAPP?x=.zip", "App"), Download("v.mp4")),
        duration=61,
    )
    assert entry.images == (Image("https://example.org/app/a.png", 10, 20, "t", "by &"),)
    assert entry.related == (
        Related("R & S", "https://x.org/news/b"),
        Related("https://x.org/c", "https://x.org/c"),
    )
    assert entry.enclosures == (
        Enclosure(
            "https://example.org/app/f/App.MSAPP?x=.zip", "application/octet-stream", "App", 61
        ),
        Enclosure("https://x.org/news/v.mp4", "video/mp4", "", 61),
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.org/a.mp3", "audio/mpeg"),
        ("https://x.org/a.tar.GZ?b=c.mp3#d.zip", "application/gzip"),
        ("https://x.org/a.pdf/", "application/octet-stream"),
        ("https://x.zip", "application/octet-stream"),
        ("https://x.org/zip", "application/octet-stream"),
        ("https://x.org/.zip", "application/octet-stream"),
        ("https://x.org/a.unknown", "application/octet-stream"),
    ],
)
def test_media_types(url: str, expected: str) -> None:
    assert media_type(url) == expected


@pytest.mark.parametrize(
    ("written", "tag"), [("en-us", "en-us"), (" pt_BR ", "pt-BR"), ("English!", ""), ("", "")]
)
def test_language(written: str, tag: str) -> None:
    assert made(language=written).language == tag


def test_a_body_stays_source_and_without_a_link_must_show_something() -> None:
    kept = made(body="*x*\x01 [y](/z)", body_kind="markdown", web_url="https://x.org/")
    assert (kept.body, kept.body_kind) == ("*x* [y](/z)", "markdown")
    assert made(body="*x*", body_kind="markdown").body == "*x*"
    empty = made(body="<script>x</script><p></p>", body_kind="html")
    assert (empty.link, empty.body, empty.body_kind) == ("", "", "")


def test_a_title_of_which_nothing_is_left_is_an_error() -> None:
    _, found = entry_of(record(title="<script>x</script>\x01"), SETTINGS)
    assert [(one.field, one.level) for one in found] == [("title", Level.ERROR)]


def test_an_unpublished_record_says_so() -> None:
    assert made(unpublished=True).unpublished
    assert not made().unpublished


ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=40),
    st.text("<>&;#1x/'\"=abiframesrcht \x01\ud800", max_size=40),
)


@given(
    st.builds(
        Record,
        path=st.just("a.md"),
        title=ANY_TEXT,
        excerpt=ANY_TEXT,
        body=ANY_TEXT,
        body_kind=st.sampled_from(["", "markdown", "html", "text"]),
        web_url=ANY_TEXT,
        original_url=ANY_TEXT,
        embed=ANY_TEXT,
        published=st.integers(0, 10**15),
        topics=st.tuples(ANY_TEXT),
        categories=st.tuples(ANY_TEXT),
        provider=ANY_TEXT,
        provider_domain=ANY_TEXT,
        authors=st.tuples(ANY_TEXT),
        images=st.tuples(st.builds(Image, ANY_TEXT, title=ANY_TEXT, attribution=ANY_TEXT)),
        related=st.tuples(st.builds(Related, ANY_TEXT, ANY_TEXT)),
        downloads=st.tuples(st.builds(Download, ANY_TEXT, ANY_TEXT)),
        language=ANY_TEXT,
    )
)
def test_any_text_in_any_field_gives_legal_text_and_short_quotes(record: Record) -> None:
    entry, found = entry_of(record, SETTINGS)
    for text in _texts(msgspec.to_builtins(entry)):
        assert LEGAL.fullmatch(text)
    for address in (entry.link, entry.embed, *(image.url for image in entry.images)):
        assert address == "" or re.match("https?://[^/]", address)
        assert address.isascii()
    for one in found:
        assert isinstance(one, Found)
        assert one.expected.isprintable()


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return (
        [text for part in value for text in _texts(part)] if isinstance(value, list | tuple) else []
    )


def test_files_that_can_be_played_are_enclosures_after_the_downloads() -> None:
    entry = made(
        web_url="https://x.org/news/a.mp3",
        embed="<video src='https://x.org/v.mp4'></video>",
        downloads=(Download("https://x.org/z.zip"), Download("/news/b.ogg", "Talk")),
        body="<audio><source src=b.ogg><source src='c.opus'></audio><video src=javascript:x>",
        body_kind="html",
        duration=61,
    )

    assert entry.enclosures == (
        Enclosure("https://x.org/z.zip", "application/zip"),
        Enclosure("https://example.org/app/news/b.ogg", "audio/ogg", "Talk", 61),
        Enclosure("https://x.org/v.mp4", "video/mp4", "", 61),
        Enclosure("https://x.org/news/a.mp3", "audio/mpeg", "", 61),
        Enclosure("https://x.org/news/b.ogg", "audio/ogg", "", 61),
        Enclosure("https://x.org/news/c.opus", "audio/ogg", "", 61),
    )


def test_a_tag_that_is_only_shown_is_no_enclosure() -> None:
    assert made(body="Write `<audio src=/a.mp3>`.", body_kind="markdown").enclosures == ()


def test_a_summary_of_a_body_is_as_long_as_is_wanted() -> None:
    body = "word " * 3_000
    for length in (20, 300, 10_000):
        settings = EntrySettings(site_url="https://example.org", summary_length=length)
        entry, _ = entry_of(record(body=body, body_kind="text", excerpt=""), settings)
        assert length - 5 < len(entry.summary) <= length
        assert entry.summary.endswith("word…")
