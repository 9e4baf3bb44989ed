"""Bodies that are hostile or broken: the entry is published with what is safe of it."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from site_on_disk import Site
from topicast.survey import lint


class Bad(NamedTuple):
    """A body, its kind by suffix, what stays of it in the content, and what lint speaks of."""

    body: str
    kept: str
    said: str = ""
    suffix: str = "html"


BODIES = {
    "a script": Bad("<p>a</p><script>alert(1)</script>", "<p>a</p>", "scripts"),
    "a script in Markdown": Bad("a\n\n<script>alert(1)</script>\n", "<p>a</p>", "scripts", "md"),
    "a handler": Bad('<p onclick="alert(1)">a</p>', "<p>a</p>", "scripts"),
    "a style sheet": Bad("<style>p { color: red }</style><p>a</p>", "<p>a</p>", "styles"),
    "a style": Bad('<p style="background: url(javascript:x)">a</p>', "<p>a</p>", "styles"),
    "a form": Bad("<form action=/x>a<input value=b><button>c</button></form>", "a", "forms"),
    "a javascript: link": Bad("<a href='java&#115;cript:x()'>a</a>", "a", "addresses other"),
    "a javascript: link in Markdown": Bad(
        "[a](javascript:x) b", "<p>[a](javascript:x) b</p>", suffix="md"
    ),
    "a data: picture": Bad("<img src='data:image/png;base64,AA'>a", "a", "addresses other"),
    "unclosed tags": Bad("<div><p>a<b>b<table><td>c", "<b>b</b>"),
    "5,000 nested elements": Bad("<div>" * 5_000 + "a" + "</div>" * 5_000, "<div>a</div>"),
    "a base": Bad("<base href='https://other.org/x/'><a href='y'>a</a>", "https://other.org/x/y"),
    "a hostile base": Bad(
        "<base href='javascript:x'><a href='y'>a</a>", '<a href="https://example.com/y">a</a>'
    ),
    "a redirect": Bad("<meta http-equiv=refresh content='0;url=/x'><p>a</p>", "<p>a</p>", "redir"),
    "SVG with script": Bad(
        "<p>a</p><svg onload=x()><script>alert(1)</script></svg>", "<p>a</p>", "drawings"
    ),
    "a tracking pixel": Bad("<p>a</p><img src=/t.gif width=1 height=1>", "<p>a</p>", "pixels"),
    "a picture without size": Bad("<img src=/a.png>", '<img src="https://www.example.org/a.png">'),
    "an embed of an unknown host": Bad(
        "<p>a</p><iframe src='https://other.org/e' srcdoc='<script>x</script>'></iframe>",
        '<a href="https://other.org/e">https://other.org/e</a>',
        "embeds of hosts",
    ),
    "an embed of YouTube": Bad(
        "<iframe src='https://www.youtube.com/embed/abc_DEF-123' onload=x()></iframe>",
        '<iframe src="https://www.youtube-nocookie.com/embed/abc_DEF-123"',
        "scripts",
    ),
    "a whole document": Bad(
        "<!DOCTYPE html><html><head><title>T</title><style>x</style></head>"
        "<body onload=x()><!--[if mso]><p>mso</p><![endif]--><table><tr><td>a</table></body>",
        "<td>a</td>",
        "scripts, styles",
    ),
    "a comment that never ends": Bad("<p>a</p><!-- <script>alert(1)</script>", "<p>a</p>"),
    "CDATA": Bad("<p>a ]]> b</p>", "<p>a ]]&gt; b</p>"),
}
RUNS = ("<script", "alert(1)", "onclick", "onload", "<style", "<form", "<svg", "<meta", "srcdoc")


@pytest.mark.parametrize("bad", BODIES.values(), ids=BODIES)
def test_what_is_safe_is_published_and_lint_says_what_is_not(site: Site, bad: Bad) -> None:
    site.record(f"a.{bad.suffix}", bad.body)

    report = site.build()  # which checks each feed

    assert report.set_aside == 0
    (item,) = json.loads(site.tree()["feed.json"])["items"]
    assert bad.kept in item["content_html"]
    for word in RUNS:
        assert word not in item["content_html"]
        for data in site.tree().values():
            assert word.replace("<", "&lt;").encode() not in data
    said = [one.expected for one in lint(str(site.root / "topicast.toml"))]
    assert len(said) == bool(bad.said)
    assert not said or bad.said in said[0]


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
        ("640", "480", ' width="640" height="480"'),
        ("640px", "480", ' height="480"'),
        ("wide", "", ""),
        ("-1", "0", ""),
        ("1e3", "٣", ""),
    ],
)
def test_sizes_of_pictures_that_are_given_as_text(
    site: Site, width: str, height: str, said: str
) -> None:
    site.record("a.md", images=[{"url": "https://x.org/a.png", "width": width, "height": height}])

    assert site.build().set_aside == 0

    atom = site.tree()["atom.xml"].decode()
    assert f'<media:thumbnail url="https://x.org/a.png"{said}/>' in atom
