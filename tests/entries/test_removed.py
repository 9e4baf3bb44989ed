"""What lint says of a body that readers do not get all of."""

from __future__ import annotations

import pytest

from site_on_disk import Site
from topicast.entries.removed import taken_away
from topicast.problems import Level
from topicast.records.model import BodyKind, Record
from topicast.survey import lint

LINK = "https://x.org/a"


def said(body: str, kind: BodyKind = "html", embed: str = "") -> list[str]:
    record = Record(path="a.md", title="T", body=body, body_kind=kind, embed=embed)
    found = list(taken_away(record, LINK, "https://x.org", ("vimeo.com",)))
    assert {one.level for one in found} <= {Level.WARNING}
    return [one.expected for one in found]


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("<script>x</script>", "scripts"),
        ("<p onclick=x()>a", "scripts"),
        ("<style>p {}</style>", "styles"),
        ("<p style='color: red'>a", "styles"),
        ("<link rel=stylesheet href=/a.css>", "styles"),
        ("<form action=/x><input name=a></form>", "forms"),
        ("<button>Go</button>", "forms"),
        ("<img src=/a.gif width=1 height=1>", "tracking pixels"),
        ("<iframe src=https://other.example/></iframe>", "embeds of hosts"),
        ("<object data=/x.swf></object>", "embeds of hosts"),
        ("<a href='javascript:x()'>a</a>", "addresses other"),
        ("<img src=data:image/png;base64,AA>", "addresses other"),
        ("<iframe src=javascript:x></iframe>", "addresses other"),
        ("<meta http-equiv=Refresh content='0;url=/'>", "redirects"),
        ("<svg onload=x><script>x</script></svg>", "scripts, drawings"),
        ("<p style=a onclick=b><script>c</script>", "scripts, styles"),
    ],
)
def test_the_kind_of_what_is_taken_away_is_named(body: str, kinds: str) -> None:
    (expected,) = said(body)

    assert expected.startswith(f"readers do not get all of the body: {kinds}")


@pytest.mark.parametrize(
    "body",
    [
        "<p class=x>a <b>b</b> <a href=/b>c</a> <a href='#d'>d</a> <img src=e.png>",
        "<iframe src=https://vimeo.com/1></iframe>",
        "<title>A</title><a name=x>y</a><font>z</font>",
        "",
    ],
)
def test_what_is_kept_is_not_spoken_of(body: str) -> None:
    assert said(body) == []


def test_markdown_loses_what_its_html_loses() -> None:
    assert "addresses other" in said("[a](mailto:b@example.org)", "markdown")[0]
    assert "scripts" in said("a\n\n<script>x</script>", "markdown")[0]
    assert said("`<script>`, [a](https://x.org/b) and [b]: c", "markdown") == []
    assert said("<script>", "text") == []


def test_an_embed_that_is_shown_as_a_link() -> None:
    frame = "<iframe src='https://other.example/e'></iframe>"

    assert said("<p>a", embed=frame) == [
        "an embed of a host that [feeds] embeds does not name is shown as a link"
    ]
    assert said("", embed=frame) == []  # nothing is shown but the entry's link
    assert said("<p>a", embed="https://other.example/e") == []
    assert said("<p>a", embed="<iframe src='https://vimeo.com/1'>") == []


def test_lint_says_it_and_a_build_does_not(site: Site) -> None:
    site.record("a.html", "<p>a</p><script>x()</script>")

    (problem,) = lint(str(site.root / "topicast.toml"))

    assert "readers do not get all of the body: scripts; " in str(problem)
    assert problem.level is Level.WARNING
    assert site.build().problems == ()
