"""That ``jsonfeedcheck`` and ``opmlcheck`` bite: each rule broken once in files that are good."""

from __future__ import annotations

import re

import pytest

from jsonfeedcheck import disagreements, json_faults
from opmlcheck import opml_faults
from site_on_disk import Site

ADDRESS = "https://feeds.example.org/feed.json"
JSON_RULES = [
    ("not JSON", r"\A", ","),
    ("a key twice", '"title": "Test', '"title": "x", "title": "Test'),
    ("escaped", "Excerpt of a", r"\\u0041"),
    ("version", "version/1.1", "version/1"),
    ("without title", '"title": "Test Site",', ""),
    ("feed_url is not", "example.org/feed.json", "example.org/x.json"),
    ("an id twice", r"2026:b\"", r'2026:a"'),
    ("without content", '"content_text"', '"_topicast_text"'),
    ("an attachment without mime_type", '"mime_type"', '"title"'),
    ("is no address", '"url": "https://example.com/a"', '"url": "/a"'),
    ("says nothing", '"summary": "Excerpt of a"', '"summary": ""'),
    ("is '2024", '"date_published"', '"published"'),
    ("the extension _topicast", r'"_topicast": \{', '"_topicast": "x", "_x": {'),
    ("is None", '"language": "de"', '"language": null'),
    ("a tag that says nothing", '"AI"', '" "'),
]
DIFFERENCES = [
    ("id of", "guid .*:a<", "guid>x<"),
    ("title of", "Title of a", "x"),
    ("link of", "<link>https://example.com/a", "<link>https://example.com/x"),
    ("summary of", "Excerpt of a", "x"),
    ("revised of", "<atom:updated>.*</atom:updated>", ""),
    ("content of", "&lt;p&gt;Body", "&lt;p&gt;x"),
    ("authors of", "<dc:creator>Ada</dc:creator>", ""),
    ("tags of", "<category>AI", "<category>ai"),
    ("language of", "<dc:language>de</dc:language>", ""),
    ("files of", "audio/mpeg", "audio/ogg"),
    ("related of", 'https://example.com/r" rel', 'https://example.com/x" rel'),
    ("image of", '<media:thumbnail url="', '<media:thumbnail url="x'),
    ("player of", '<media:player url="', '<media:player url="x'),
    ("1, 2 and 2 entries", "(?s)<item>.*?</item>", ""),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    site = Site(tmp_path_factory.mktemp("rules") / "site")
    site.record(
        "a.html",
        "<p>Body</p>",
        locale="de",
        length="PT5M",
        updatedDateTime="2024-06-01T00:00:00Z",
        provider={"name": "P", "authors": ["Ada"]},
        images=["https://example.com/i.png"],
        related=[{"title": "R", "webUrl": "https://example.com/r"}],
        actions=[{"type": "download", "url": "https://example.com/f.mp3"}],
        featuredContent="https://vimeo.com/1",
    )
    site.record("b.md")
    site.build()
    return {path: data.decode() for path, data in site.tree().items()}


def changed(text: str, pattern: str, by: str) -> bytes:
    broken, count = re.subn(pattern, by, text, count=1)
    assert count == 1
    return broken.encode()


@pytest.mark.parametrize(("fault", "pattern", "by"), JSON_RULES)
def test_a_rule_of_json_feed_that_is_broken_is_a_fault(
    tree: dict[str, str], fault: str, pattern: str, by: str
) -> None:
    good = tree["feed.json"]
    assert json_faults(good.encode(), ADDRESS, lambda html: ()) == ()

    faults = json_faults(changed(good, pattern, by), ADDRESS, lambda html: ())

    assert any(fault in found for found in faults)


def test_html_in_a_json_feed_is_judged(tree: dict[str, str]) -> None:
    faults = json_faults(tree["feed.json"].encode(), ADDRESS, lambda html: [html])

    assert len(faults) == 1
    assert "<p>Body</p>" in faults[0]


@pytest.mark.parametrize(("fault", "pattern", "by"), DIFFERENCES)
def test_what_one_format_says_otherwise_is_found(
    tree: dict[str, str], fault: str, pattern: str, by: str
) -> None:
    rss, atom, json_feed = (tree[path] for path in ("rss.xml", "atom.xml", "feed.json"))
    assert disagreements(rss.encode(), atom.encode(), json_feed.encode()) == ()

    found = disagreements(changed(rss, pattern, by), atom.encode(), json_feed.encode())

    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    ("fault", "pattern", "by"),
    [
        ("not well-formed", "</opml>", ""),
        ("not OPML 2.0", "2.0", "1.0"),
        ("not a head and a body", "(?s)<head>.*</head>", ""),
        ("no outline", "(?s)<outline.*/>", ""),
        ("without xmlUrl", "xmlUrl=", "url="),
        ("unknown attribute url", "xmlUrl=", "url="),
        ("without text", 'text="[^"]*"', ""),
        ("type 'link'", 'type="rss"', 'type="link"'),
        ("htmlUrl is no address", 'htmlUrl="https:', 'htmlUrl="'),
        ("a feed twice", "example.org/ai/rss", "example.org/rss"),
        ("blank title", 'title="[^"]*"', 'title=""'),
        ("a group that says more", "(<outline[^>]*)/>\\n", r"\1><outline text='x'/></outline>"),
        ("a group without text", "<body>", "<body><outline><outline/></outline>"),
    ],
)
def test_a_rule_of_opml_that_is_broken_is_a_fault(
    tree: dict[str, str], fault: str, pattern: str, by: str
) -> None:
    good = tree["feeds.opml"]
    assert opml_faults(good.encode()) == ()

    assert any(fault in found for found in opml_faults(changed(good, pattern, by)))
