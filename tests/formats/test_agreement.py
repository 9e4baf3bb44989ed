"""Properties of all formats together: they say the same, and nothing that runs comes out of any."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from format_samples import ENTRY, MAY_1, SETTINGS, make_feed
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from feedcheck import content_faults, faults_of
from jsonfeedcheck import disagreements, json_faults
from topicast.entries.model import Enclosure
from topicast.formats import FORMATS, Item, compose, render_lot
from topicast.records.model import Image, Related

NAMES = ("rss", "atom", "json")
ADDRESSES = [f"https://x.org/{name}" for name in ("a", "b?c=1&d=2", "e.mp3", "f%20g.png", "h.zip")]
TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)
PLAIN = TEXT.map(lambda text: " ".join(text.split())).filter(
    lambda text: text not in ("", "\ufffe")
)
URL = st.sampled_from(ADDRESSES)
CODE = st.sampled_from(["", "en", "pt-BR", "ar"])
BODY = st.sampled_from(
    ["", "<p>Hi <b>you</b> &amp; me</p>", "<script>x</script>", "text", "&lt;p>"]
)


def several(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


ENTRIES = st.fixed_dictionaries(
    {
        "title": PLAIN,
        "summary": PLAIN,
        "link": st.sampled_from([ADDRESSES[0], ""]),
        "body": BODY,
        "authors": several(PLAIN).map(lambda names: tuple(dict.fromkeys(names))),
        "provider": st.one_of(st.just(""), PLAIN),
        "images": several(st.builds(Image, URL, st.integers(0, 99), st.integers(0, 99), PLAIN)),
        "related": several(st.builds(Related, PLAIN, URL)),
        "enclosures": several(
            st.builds(Enclosure, URL, st.sampled_from(["audio/mpeg", "text/csv"]), PLAIN)
        ),
        "embed": st.sampled_from(["", "https://vimeo.com/1", ADDRESSES[1]]),
        "duration": st.integers(0, 99),
        "language": CODE,
        "unpublished": st.booleans(),
    }
)


def feeds(items: list[Item], content: str = "") -> dict[str, bytes]:
    """The three feeds that hold ``items``."""
    made = msgspec.structs.replace(SETTINGS, embeds=("vimeo.com",))
    keys = [name + content for name in NAMES]
    fragments = zip(*render_lot(items, made, keys), strict=True)
    return {
        name: compose(FORMATS[name], make_feed(), parts)
        for name, parts in zip(NAMES, fragments, strict=True)
    }


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    changes=st.lists(ENTRIES, min_size=1, max_size=3),
    categories=several(PLAIN).map(lambda names: tuple(dict.fromkeys(names))),
    later=st.integers(0, 5_000_000),
    content=st.sampled_from(["", "/summary"]),
)
def test_three_formats_say_the_same_and_keep_their_rules(
    changes: list[dict[str, Any]], categories: tuple[str, ...], later: int, content: str
) -> None:
    items = []
    for place, change in enumerate(changes):
        kind = "html" if change["body"] else ""
        entry = msgspec.structs.replace(ENTRY, **change, body_kind=kind)
        updated = MAY_1 if place else MAY_1 + later
        items.append(Item(f"tag:x.org,2026:{place}", entry, updated, categories))

    made = feeds(items, content)

    assert disagreements(made["rss"], made["atom"], made["json"]) == ()
    assert json_faults(made["json"], "https://example.org/feeds/ai/feed.json", content_faults) == ()
    for name in ("rss", "atom"):
        faults = faults_of(made[name], f"https://example.org/feeds/ai/{name}.xml")
        assert [one for one in faults if "newest" not in one] == []


MARKUP = [
    *("<", ">", "</", "/>", "=", '"', "'", "&", ";", " ", "\n", "<!--", "-->", "<![CDATA[", "]]>"),
    *(
        "script",
        "<script>",
        "</script>",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "style",
        "form",
    ),
    *("input", "meta", "base", "link", "a", "img", "p", "table", "td", "title", "textarea", "xmp"),
    *(
        "href",
        "src",
        "srcdoc",
        "data",
        "action",
        "style",
        "onload",
        "onerror",
        "http-equiv=refresh",
    ),
    *("javascript:alert(1)", "data:text/html,x", "vbscript:x", "java\tscript:", "&#106;avascript:"),
    *(
        "https://x.org/",
        "//evil.example",
        "https://player.vimeo.com/video/1",
        "alert(1)",
        "[x](",
        ")",
    ),
]
HTML = st.lists(st.sampled_from(MARKUP), max_size=40).map("".join)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    source=HTML,
    kind=st.sampled_from(["html", "markdown", "text"]),
    text=HTML,
    link=st.sampled_from(["", "https://x.org/a"]),
)
def test_whatever_html_goes_in_nothing_that_runs_comes_out(
    source: str, kind: str, text: str, link: str
) -> None:
    entry = msgspec.structs.replace(
        ENTRY,
        title=text or "T",
        summary=text or "S",
        link=link,
        body=source,
        body_kind=kind,
        provider=text,
        images=(Image("https://x.org/i.png", 0, 0, text, text),),
        related=(Related(text, "https://x.org/r"),),
        embed="https://vimeo.com/2",
    )

    made = feeds([Item("tag:x.org,2026:a", entry, MAY_1, ())])

    for name in ("rss", "atom"):
        faults = faults_of(made[name], f"https://example.org/feeds/ai/{name}.xml")
        assert [one for one in faults if "unsafe" in one or "address" in one] == []
    assert json_faults(made["json"], "https://example.org/feeds/ai/feed.json", content_faults) == ()
    (item,) = json.loads(made["json"])["items"]
    if "content_html" in item:
        assert_inert(item["content_html"])


def assert_inert(markup: str) -> None:
    """Nothing in ``markup`` runs, frames another page or calls one without being asked."""
    for element in html.fragment_fromstring(markup, create_parent="div").iter():
        if not isinstance(element.tag, str):
            raise AssertionError("a comment or an instruction")
        assert element.tag not in {"script", "style", "object", "embed", "form", "meta", "base"}
        if element.tag == "iframe":
            assert element.get("src", "").startswith("https://player.vimeo.com/video/")
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in {"style", "srcdoc", "action", "formaction"}
            if name in {"href", "src", "poster"}:
                assert value.startswith(("https://", "http://"))
