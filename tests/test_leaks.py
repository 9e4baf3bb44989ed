"""What may be seen comes back as it was meant; what may not is in no file, store or message."""

from __future__ import annotations

import html
import json
import re
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from command_line import NOW, CommandLine
from site_on_disk import Site

FAST = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DATE = "2024-05-01T09:00:00Z"
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "app": "http://www.w3.org/2007/app",
    "dc": "http://purl.org/dc/elements/1.1/",
}

# What may be seen comes back

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
MARKUP = ["]]>", "<![CDATA[", "<script>", "</title>", "&amp;", "&lt;", "&", "<", "<!--", "--", "{}"]
SIGNS = [
    "\x00",
    "\x7f",
    "\r\n",
    "\ud800",
    "\ufffe",
    "\u2028",
    "\u202e",
    "\\",
    '"',
    "'",
    "%s",
    "人工",
]
NASTY = st.sampled_from([*MARKUP, *SIGNS])
TEXT = st.lists(st.one_of(NASTY, st.text(st.characters(), max_size=8)), max_size=6).map("".join)


def readable(text: str) -> str:
    """The text as XML can carry it, on one line."""
    return " ".join(ILLEGAL.sub("", text).split())


def site_in(folder: str) -> Site:
    return Site(Path(folder) / "site")


def parsed(site: Site, folder: str = "feeds") -> dict[str, etree._Element]:
    """Every XML file of a tree; one that cannot be parsed raises."""
    files = site.tree(folder).items()
    return {path: etree.fromstring(data) for path, data in files if path.endswith(".xml")}


def texts(root: etree._Element, path: str) -> list[str]:
    return [
        node if isinstance(node, str) else node.text or ""
        for node in root.xpath(path, namespaces=NS)
    ]


@FAST
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4))
def test_text_comes_back_as_it_was_meant(records: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = site_in(folder)
        for place, (title, excerpt, name) in enumerate(records):
            record = {
                "title": html.escape(f"T{title}"),
                "excerpt": html.escape(f"E{excerpt}"),
                "provider": {"name": html.escape(f"P{name}")},
                "publishedDateTime": f"2024-05-{28 - place}T00:00:00Z",
                "webUrl": f"https://example.com/{place}",
            }
            site.write(f"{place}.json", json.dumps(record))
        assert site.build().exit_code == 0
        feeds = parsed(site)
        items = json.loads(site.tree()["feed.json"])["items"]
    titles = [" ".join(BIDI.sub("", readable(f"T{one[0]}")).split()) for one in records]
    summaries = [readable(f"E{one[1]}") for one in records]
    names = [readable(f"P{one[2]}") for one in records]
    atom, rss = feeds["atom.xml"], feeds["rss.xml"]
    assert texts(atom, "a:entry/a:title") == texts(rss, "channel/item/title") == titles
    assert texts(atom, "a:entry/a:summary") == summaries
    assert [html.unescape(text) for text in texts(rss, "channel/item/description")] == summaries
    assert texts(atom, "a:entry/a:author/a:name") == names
    assert texts(rss, "channel/item/dc:creator") == names
    assert [item["title"] for item in items] == titles
    assert [item["summary"] for item in items] == summaries
    assert [item["authors"][0]["name"] for item in items] == names


@FAST
@given(TEXT)
def test_a_topic_comes_back_as_it_was_written(written: str) -> None:
    name = readable(unicodedata.normalize("NFC", BIDI.sub("", ILLEGAL.sub("", written))))
    with tempfile.TemporaryDirectory() as folder:
        site = site_in(folder)
        record = {"title": "T", "publishedDateTime": DATE, "webUrl": "/a", "topics": [written]}
        site.write("a.json", json.dumps(record))
        assert site.build().exit_code == 0
        feeds = parsed(site)
        registry = json.loads(site.tree()["topics.json"])
        assert site.build(full=True).written == ()  # and the registry can be read again
    assert texts(feeds["atom.xml"], "a:entry/a:category/@term") == ([name] if name else [])
    assert [row["name"] for row in registry["topics"]] == ([name] if name else [])
    for row in registry["topics"]:
        titles = texts(feeds[f"{row['slug']}/atom.xml"], "a:title")
        assert titles == [f"{name} · Test Site"]


ANYTHING = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
FIELDS = (
    *("id", "title", "excerpt", "webUrl", "originalUrl", "featuredContent", "updatedDateTime"),
    *("expires", "topics", "category", "tags", "type", "provider", "images", "related", "actions"),
    *("length", "locale", "slug", "published", "draft", "removed", "body", "secured"),
)


@FAST
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=8))
def test_whatever_a_field_holds_every_feed_parses(fields: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = site_in(folder)
        site.record("good.md")
        record = {"title": "T", "publishedDateTime": DATE, "webUrl": "/a", **fields}
        site.write("a.json", json.dumps(record))
        for preview in (False, True):
            report = site.build(include_unpublished=preview)
            assert report.exit_code in (0, 3)
            assert report.shown + report.hidden.total + report.set_aside == 2
            for path, root in parsed(site, "preview" if preview else "feeds").items():
                if path in ("atom.xml", "ai/atom.xml"):
                    assert "Title of good" in texts(root, "a:entry/a:title")


# What may not be seen is nowhere

SECRET, UNKNOWN, HIDDEN, EMBARGOED = "qsecretq", "qunknownq", "qhiddenq", "qembargoedq"
SHOWN = "qshownq"
LATER, EARLIER = "2031-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
# How a record is kept from being seen: fields to write, and the mark of its text.
STATES: dict[str, tuple[dict[str, Any], str]] = {
    "shown": ({}, SHOWN),
    "unpublished": ({"published": False}, HIDDEN),
    "draft": ({"draft": "Yes"}, HIDDEN),
    "withdrawn": ({"removed": True}, HIDDEN),
    "deleted": ({"deleted": "on", "removedDateTime": DATE}, HIDDEN),
    "embargoed": ({"publishedDateTime": LATER}, EMBARGOED),
    "expired": ({"expires": EARLIER}, EMBARGOED),
    "undated": ({"publishedDateTime": None}, HIDDEN),
    "unclear": ({"published": "perhaps"}, HIDDEN),
    "no title": ({"title": ""}, HIDDEN),
    "no date": ({"publishedDateTime": "some day"}, HIDDEN),
    "bad link": ({"webUrl": f"javascript:{HIDDEN}", "published": False}, HIDDEN),
    "bad link, later": (
        {"webUrl": f"javascript:{EMBARGOED}", "publishedDateTime": LATER},
        EMBARGOED,
    ),
    "hidden and unclear": ({"draft": "perhaps", "published": False, "expires": HIDDEN}, HIDDEN),
}


def marked(mark: str) -> Any:
    """Anything that YAML can say, the mark in every leaf and key of it."""
    return st.recursive(
        st.just(mark),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=2)
            | st.dictionaries(
                st.sampled_from([f"{mark}1", f"{mark}2"]), inner, min_size=1, max_size=2
            )
        ),
        max_leaves=5,
    )


SECRETS = st.fixed_dictionaries(
    {}, optional={name: marked(SECRET) for name in ("secured", "quality", "heat")}
)
STRANGE = st.dictionaries(
    st.sampled_from(["note", "Secured", "body", "titel", f"x{UNKNOWN}"]),
    marked(UNKNOWN),
    max_size=2,
)


def record_with(state: str, secrets: dict[str, Any], strange: dict[str, Any]) -> dict[str, Any]:
    """A record with its mark in every text, and what is unknown at every place that has a shape."""
    fields, mark = STATES[state]
    url = f"https://example.com/{mark}"
    return {
        "title": f"{mark} title",
        "excerpt": f"{mark} excerpt",
        "publishedDateTime": DATE,
        "webUrl": url,
        "topics": [f"{mark} topic", "AI"],
        "category": mark,
        "provider": {"name": mark, "authors": [{"name": mark, **strange}], **strange},
        "images": [{"url": f"{url}.png", "title": mark, **strange}],
        "related": [{"title": mark, "webUrl": url, **strange}],
        "actions": [{"type": "download", "url": f"{url}.zip", **strange}],
        **secrets,
        **strange,
        **fields,
    }


def written(record: dict[str, Any], suffix: str, mark: str) -> str:
    given = {name: value for name, value in record.items() if value is not None}
    if suffix == ".json":
        return json.dumps(given)
    front = "\n".join(f"{name}: {json.dumps(value)}" for name, value in given.items())
    return f"---\n{front}\n---\n{mark} body\n"


def say_everything(run: CommandLine, site: Site, *flags: str) -> str:
    """All that any command says about a site."""
    ran = [
        run(site.root, "build", "-v", "--report", "-", *flags, *NOW),
        run(site.root, "build", "--check", *flags, *NOW),
        run(site.root, "build", "--strict", "--full", *flags, *NOW),
        *(run(site.root, "lint", "--format", how, *NOW) for how in ("text", "json", "github")),
        *(run(site.root, "topics", "--format", how, *NOW) for how in ("text", "json")),
    ]
    for number, path in enumerate(sorted(site.seeds.iterdir())):
        how = ("text", "json")[number % 2]
        ran.append(run(site.root, "explain", str(path), "--format", how, *flags, *NOW))
    return "\n".join(one.said for one in ran).lower()


def bytes_in(folder: Path) -> bytes:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return b"\n".join(path.read_bytes() for path in files).lower()


@settings(FAST, max_examples=8, phases=[Phase.generate])  # a smaller one would take minutes
@given(secrets=SECRETS, strange=STRANGE, suffix=st.sampled_from([".md", ".json"]))
def test_nothing_hidden_or_secret_is_in_any_file_or_message(
    secrets: dict[str, Any], strange: dict[str, Any], suffix: str, run: CommandLine
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = site_in(folder)
        for place, (state, (_, mark)) in enumerate(STATES.items()):
            record = record_with(state, secrets, strange)
            site.write(f"{place}{suffix}", written(record, suffix, mark))
        said = say_everything(run, site)
        tree, memory = bytes_in(site.feeds), bytes_in(site.root / ".topicast")
        for mark in (SECRET, UNKNOWN, HIDDEN):
            assert mark not in said
            assert mark.encode() not in tree + memory
        assert EMBARGOED not in said
        assert EMBARGOED.encode() not in tree
        assert SHOWN.encode() in tree

        said = say_everything(run, site, "--include-unpublished")
        preview, memory = bytes_in(site.root / "preview"), bytes_in(site.root / ".topicast")
        for mark in (SECRET, UNKNOWN):
            assert mark not in said
            assert mark.encode() not in preview + memory
        assert EMBARGOED not in said
        assert EMBARGOED.encode() not in preview
        assert HIDDEN.encode() in preview
        assert bytes_in(site.feeds) == tree


@pytest.mark.parametrize(
    "fields",
    [
        {"published": "false"},
        {"draft": "true"},
        {"removed": "true"},
        {"published": "perhaps"},
        {"title": ""},
        None,
    ],
)
def test_what_was_published_and_is_hidden_is_nowhere_any_more(
    fields: dict[str, str] | None, site: Site
) -> None:
    site.record("b.md")
    # Long enough to fill pages of the catalog that are let go of then.
    text = {"title": "qgoneq", "excerpt": "qgoneq " * 3000, "topics": ["AI", "Fleeting"]}
    site.record("a.md", "qgoneq body " * 3000, **text)
    site.build()
    assert b"qgoneq" in bytes_in(site.feeds)
    assert b"qgoneq" in bytes_in(site.root / ".topicast")
    if fields is None:
        (site.seeds / "a.md").unlink()
    else:
        site.record("a.md", "qgoneq body " * 3000, **{**text, **fields})
    site.build()
    assert site.titles() == ["Title of b"]
    assert site.titles("fleeting/atom.xml") == []
    assert b"qgoneq" not in bytes_in(site.feeds) + bytes_in(site.root / ".topicast")


# Previews


def preview_site(site: Site) -> None:
    """A site with a record of each kind, its live tree built."""
    site.record("shown.md")
    site.record("draft.md", draft="true", topics=["AI", "Next"])
    site.record("withdrawn.md", removed="true", draft="true")
    site.record("embargoed.md", publishedDateTime="2031-01-01T00:00:00Z", draft="true")
    site.build()


def test_a_preview_shows_and_marks_what_is_unpublished(site: Site) -> None:
    preview_site(site)
    report = site.build(include_unpublished=True)
    assert (report.shown, report.hidden.withdrawn, report.hidden.embargoed) == (2, 1, 1)
    feeds = parsed(site, "preview")
    atom, rss = feeds["atom.xml"], feeds["rss.xml"]
    marked = "a:entry[app:control/app:draft = 'yes']"
    assert texts(atom, f"{marked}/a:title") == ["Title of draft"]
    assert texts(atom, f"{marked}/a:category/@term") == ["AI", "Next", "unpublished"]
    assert texts(atom, "a:entry[not(app:control)]/a:title") == ["Title of shown"]
    assert texts(rss, "channel/item[category = 'unpublished']/title") == ["Title of draft"]
    for path, root in feeds.items():
        (title,) = texts(root, "a:title | channel/title")
        assert title.endswith(" (preview)"), path
    assert json.loads(site.tree("preview")["manifest.json"])["preview"] is True
    assert (site.root / "preview" / ".gitignore").read_text() == "*\n"
    assert (site.root / ".topicast" / ".gitignore").read_text() == "*\n"
    assert not (site.feeds / ".gitignore").exists()
    items = json.loads(site.tree("preview")["feed.json"])["items"]
    drafts = [
        item["title"] for item in items if item.get("_topicast", {}).get("published") is False
    ]
    assert drafts == ["Title of draft"]
    public = bytes_in(site.feeds)
    for text in (b"(preview)", b"title of draft", b">next<", b"unpublished"):
        assert text in bytes_in(site.root / "preview")
        assert text not in public


def test_a_preview_reads_the_live_registry_and_leaves_it(site: Site) -> None:
    preview_site(site)
    live = site.feeds / "topics.json"
    live.write_text(live.read_text().replace('"slug": "ai"', '"slug": "machines"'))
    site.build()
    before, stamps = site.tree(), {path: path.stat() for path in site.feeds.rglob("*")}
    # Addresses and ids that a configuration would give no more are the live ones all the same.
    site.configure(
        (site.root / "topicast.toml").read_text().replace("feeds.example.org", "new.example")
    )
    site.build(include_unpublished=True)
    assert site.tree() == before
    assert {path: path.stat() for path in site.feeds.rglob("*")} == stamps
    preview = parsed(site, "preview")
    assert {"machines/atom.xml", "next/atom.xml"} <= preview.keys()
    ids = texts(preview["atom.xml"], "a:entry/a:id")
    assert ids == ["tag:feeds.example.org,2026:draft", "tag:feeds.example.org,2026:shown"]
    # Never one of its own: what is in the preview's has no say.
    own = site.root / "preview" / "topics.json"
    good = own.read_bytes()
    own.write_bytes(good.replace(b'"next"', b'"other"'))
    site.build(include_unpublished=True)
    assert own.read_bytes() == good


def test_a_preview_alone_pins_nothing(site: Site) -> None:
    site.record("draft.md", draft="true")
    site.build(include_unpublished=True)
    registry = json.loads(site.tree("preview")["topics.json"])
    assert (registry["authority"], registry["since"]) == (None, None)
    assert not site.feeds.exists()


def test_a_preview_and_a_public_tree_never_replace_each_other(site: Site, run: CommandLine) -> None:
    preview_site(site)
    site.build(include_unpublished=True)
    feeds, preview = site.tree(), site.tree("preview")
    for flags in (["--include-unpublished", "--out", "feeds"], ["--out", "preview"]):
        refused = run(site.root, "build", *flags, *NOW)
        assert refused.code == 1
        assert "use --force" in refused.err
        assert (site.tree(), site.tree("preview")) == (feeds, preview)
    assert run(site.root, "build", "--out", "preview", "--force", *NOW).code == 0
    assert b"Title of draft" not in bytes_in(site.root / "preview")
    assert (
        run(site.root, "build", "--include-unpublished", "--out", "feeds", "--force", *NOW).code
        == 0
    )
    assert b"title of draft" in bytes_in(site.feeds)
    # From then on it is a preview, and guarded as one.
    assert run(site.root, "build", *NOW).code == 1
    assert run(site.root, "build", "--force", *NOW).code == 0
    assert site.tree() == feeds


@pytest.mark.parametrize("steps", [["preview"], ["feeds"], ["feeds", "preview"]])
def test_no_name_of_a_preview_gets_into_a_registry_that_is_public(
    steps: list[str], site: Site
) -> None:
    site.record("draft.md", draft="true", topics=["Next"])
    site.record("shown.md", topics=["AI"])
    for out in steps:
        site.build(include_unpublished=True, out=str(site.root / out))
    assert b"Next" in site.tree(steps[-1])["topics.json"]
    site.build(out=str(site.root / steps[-1]), force=True)
    assert b"next" not in bytes_in(site.root / steps[-1])


def test_a_preview_over_the_public_tree_leaves_the_registry_by_every_name(site: Site) -> None:
    site.record("draft.md", draft="true", topics=["Next"])
    site.record("shown.md", topics=["AI"])
    site.build()
    before = site.tree()
    (site.root / "link").symlink_to("feeds")
    site.build(include_unpublished=True, out=str(site.root / "link"), force=True)
    assert site.tree()["topics.json"] == before["topics.json"]
    site.build(force=True)
    assert site.tree() == before


@pytest.mark.parametrize("out", ["feeds/preview", "seeds", "."])
def test_a_preview_is_never_built_where_it_would_be_deployed(
    out: str, site: Site, run: CommandLine
) -> None:
    preview_site(site)
    refused = run(site.root, "build", "--include-unpublished", "--out", out, "--force", *NOW)
    assert (refused.code, refused.err.partition(":")[0]) == (2, "topicast")
