"""Content: what readers get of a body, and what never gets through."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicast.entries.html import clean_html, plain_of_html

SITE = "https://example.org/app"
BASE = "https://example.org/news/page.html"


def clean(source: str) -> str:
    return clean_html(source, "html", BASE, SITE)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Hi <b>you</b></p>", "<p>Hi <b>you</b></p>"),
        ("<p>one<p>two <b>three", "<p>one</p><p>two <b>three</b></p>"),
        ("a < b &amp;&lt; c & d &copy;", "a &lt; b &amp;&lt; c &amp; d ©"),
        ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ("<p onclick='x()' style='color:red' class=a>x</p>", "<p>x</p>"),
        ("<iframe srcdoc=x></iframe>x<object>y<embed></object><svg><a>z</a></svg>", "x"),
        ("<form action=/x>t<input><button>b</button></form>", "t"),
        ("<a href='javascript:alert(1)'>x</a>", "x"),
        ("<a href=' java\nscript:alert(1)'>x</a>", "x"),
        ("<a href='&#106;avascript:alert(1)'>x</a>", "x"),
        (
            "<a href='/y?a=1&copy=2&amp;b' rel=x target=_blank>x</a>",
            '<a href="https://example.org/app/y?a=1&amp;copy=2&amp;b">x</a>',
        ),
        ("<a href=#part>x</a>", '<a href="https://example.org/news/page.html#part">x</a>'),
        (
            "<img src='a b.png' alt='x \"y\"' srcset='a.png 2x'>",
            '<img src="https://example.org/news/a%20b.png" alt="x &quot;y&quot;">',
        ),
        ("x<img src=data:image/png;base64,xx><img alt=y>", "x"),
        ("x<img src=/p.gif width=1 height=1>", "x"),
        ("x<img src=/p.gif style='WIDTH: 1px; height:0'>", "x"),
        ("x<img src=/p.gif width=0 style='height:1.0px !important'>", "x"),
        (
            "<img src=/p.gif width=100% height=1>",
            '<img src="https://example.org/app/p.gif" width="100%" height="1">',
        ),
        (
            "<base href=//other.org/d/><meta http-equiv=refresh content='0;url=x'><a href=x>x</a>",
            '<a href="https://other.org/d/x">x</a>',
        ),
        (
            "<video src=v.mp4 autoplay></video>",
            '<video src="https://example.org/news/v.mp4"></video>',
        ),
        (
            "<table><tr><td>a<td>b<tr><td><ul><li>1<li>2</table>c",
            "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td><ul><li>1</li><li>2</li></ul>"
            "</td></tr></tbody></table>c",
        ),
        ("<p>never <b closed", "<p>never &lt;b closed</p>"),
        ("a&#1;b\x02c\ufffe\ud800d", "abcd"),
    ],
)
def test_html(source: str, expected: str) -> None:
    assert clean(source) == expected


def test_a_whole_document_gives_its_body() -> None:
    document = """<!DOCTYPE html><html><head><title>Secret title</title><style>p { x: y }</style>
      <meta charset=utf-8></head><body bgcolor=red><!--[if mso]><p>mso</p><![endif]-->
      <![if !mso]><p>shown</p><![endif]></body></html>"""
    assert clean(document) == "<p>shown</p>"


@pytest.mark.parametrize(
    "source", ["", " \n", "<p></p>", "<br>&nbsp;", "<script>x</script>", "<!-- x -->", "<a href=/>"]
)
def test_nothing_to_see_is_no_content(source: str) -> None:
    assert clean(source) == ""


def test_a_picture_is_content() -> None:
    assert clean("<img src=/a.png>") == '<img src="https://example.org/app/a.png">'


def test_markdown() -> None:
    source = "# Head\n\nA *b* ~~c~~ [d](/e) `<f>`\n<script>alert(1)</script>\n\n|a|\n|-|\n|1|\n"
    cleaned = clean_html(source, "markdown", BASE, SITE)
    assert cleaned.startswith(
        "<h1>Head</h1>\n<p>A <em>b</em> <s>c</s> "
        '<a href="https://example.org/app/e">d</a> <code>&lt;f&gt;</code>'
    )
    assert "<td>1</td>" in cleaned
    assert "alert" not in cleaned


def test_text_keeps_its_lines_and_is_no_markup() -> None:
    cleaned = clean_html("a\nb &amp; <c>\r\n \r\n\r\nd\n", "text", BASE, SITE)
    assert cleaned == "<p>a<br>\nb &amp;amp; &lt;c&gt;</p>\n<p>d</p>"


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ("# T\n\nhi *x* &amp; `<y>`", "markdown", "T hi x & <y>"),
        ("<title>t</title><style>s</style><p>a</p><p>b &lt;", "html", "a b <"),
        ("a <b>\n\nc &amp;", "text", "a <b> c &amp;"),
    ],
)
def test_the_plain_text_of_a_body(source: str, kind: str, expected: str) -> None:
    assert plain_of_html(source, kind) == expected


def test_the_plain_text_comes_after_a_long_head() -> None:
    assert plain_of_html("<style>" + "p{}" * 20_000 + "</style><p>Hi", "html") == "Hi"


def test_the_plain_text_of_a_long_body_is_its_beginning() -> None:
    text = plain_of_html("word <a href='x'>link</a> " * 100_000, "markdown")
    assert text.startswith("word link word link")
    assert 300 <= len(text) <= 100_000
    assert "<" not in text


HOSTILE = {
    "nested": "<div>" * 200_000 + "end",
    "nested in order": "<div>" * 5_000 + "end" + "</div>" * 5_000,
    "tables": "<table><tr><td>" * 60_000 + "end",
    "unclosed formats": "".join(f"<b title={n}>" for n in range(900)) + "<p>x</p>" * 50_000 + "end",
    "ampersands": "&" * 1_000_000 + "end",
    "less than": "<" * 1_000_000 + "end",
    "long": "<p>hi <b>x</b> and <a href='/x'>link</a></p>\n" * 110_000 + "end",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_huge_bodies_are_cleaned_in_bounded_time(name: str) -> None:
    source = HOSTILE[name]
    start = time.process_time()
    cleaned = clean(source)
    assert time.process_time() - start < 30  # nh3 alone: minutes, or gigabytes
    assert "end" in cleaned
    assert len(cleaned) < 6 * len(source)


@pytest.mark.parametrize("unit", ["[", "> ", "![", "*a ", "- ", "`", "<b>"])
def test_hostile_markdown_is_cleaned(unit: str) -> None:
    cleaned = clean_html(unit * 5_000 + "\n\nend", "markdown", BASE, SITE)
    assert "end" in cleaned


def test_a_long_address_that_is_referred_to_again_and_again_is_not_written_out() -> None:
    source = f"[a]: /{'b' * 200_000}\n\n{'[a] ' * 50_000}\n\nend"  # 10 GB of HTML
    cleaned = clean_html(source, "markdown", BASE, SITE)
    assert cleaned.endswith("<p>end</p>")
    assert len(cleaned) < 3 * len(source)


def test_links_by_reference_are_links() -> None:
    cleaned = clean_html("[a]: /b 'c'\n\n" + "[a] " * 50, "markdown", BASE, SITE)
    assert cleaned.count('<a href="https://example.org/app/b" title="c">a</a>') == 50


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_that_nobody_wrote_are_not_filled_up(end: str) -> None:
    table = f"{'a|' * 250}\n{'-|' * 250}\n" + "|\n" * 250
    table = table.replace("\n", end)
    start = time.process_time()
    cleaned = clean_html(f"{table}\n\nword\n\n" * 8 + "end", "markdown", BASE, SITE)
    assert time.process_time() - start < 30  # as tables: minutes
    assert "end" in cleaned and "<td>" not in cleaned


@pytest.mark.parametrize("prefix", ["", "> "])
def test_tables_are_tables(prefix: str) -> None:
    rows = ["a|b|c", "-|:-:|-", *["1|2"] * 300, "", "end"]
    cleaned = clean_html("\n".join(prefix + row for row in rows), "markdown", BASE, SITE)
    assert cleaned.count("<td>1</td>") == 300
    assert cleaned.count("<tr>") == 301


class _Watch(HTMLParser):
    """Notes whatever a feed must not carry."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "iframe", "object", "embed", "form", "svg", "base", "title"}:
            self.bad.append(tag)
        for name, value in attrs:
            addressed = name in {"href", "src", "poster", "srcset", "action", "data"}
            if (
                name.startswith("on")
                or name == "style"
                or (addressed and not str(value).startswith(("http://", "https://")))
            ):
                self.bad.append(f"{name}={value}")


_FRAGMENTS = """
<script> </script> <script/ <style> </style> <svg> </svg> <math> <title> </title> <textarea>
</textarea> <iframe <p> </p> <b> <a </a> <img <table> <td> </table> <noscript> <template> <!-- -->
<![CDATA[ ]]> <xmp> </xmp> <select> <option> <base href=// > /> ' " = onerror=alert(1) style=x
src=javascript:alert(1) href= href=' href=" javascript: java&#10;script: data:x /rel
&lt;script&gt; &#60; & alert(1)
"""
FRAGMENTS = st.sampled_from(["\x00", "\x01", "\ud800", *_FRAGMENTS.split()])


@settings(max_examples=200)
@given(
    st.lists(st.one_of(FRAGMENTS, st.just(" "), st.text(max_size=3)), max_size=30).map("".join),
    st.sampled_from(["html", "markdown", "text"]),
)
def test_whatever_goes_in_nothing_that_runs_comes_out(source: str, kind: str) -> None:
    cleaned = clean_html(source, kind, BASE, SITE)
    watch = _Watch()
    watch.feed(cleaned)
    watch.close()
    assert watch.bad == []
    cleaned.encode()
    assert "\x01" not in cleaned
