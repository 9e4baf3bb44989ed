"""Pages: what stands in them, whatever records say; when they change; templates of one's own."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import html5lib
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from formats.format_samples import fragment, make_feed, make_item
from site_on_disk import TOML, Site
from topicast.formats import FORMATS, compose
from topicast.formats.html import Entry
from topicast.formats.page import FeedLink, Page, TopicLine, TopicLink
from topicast.problems import ConfigError
from topicast.records.model import Image
from topicast.theme import OURS, ours

HTML = FORMATS["html"]
PICTURE = {"url": "https://img.example.org/a.png", "width": 640, "height": 360, "title": "A cat"}
TAXONOMY = "- name: AI\n- name: Chips\n  parent: AI\n- name: C++\n"

PAGE = Page(
    title="AI · Example",
    name="AI",
    description="About machines",
    about="About machines",
    language="en",
    direction="ltr",
    address="https://example.org/feeds/ai/",
    path="ai/",
    updated="2024-05-01T12:00:00Z",
    rights="© Example",
    icon="https://example.org/icon.png",
    logo="https://example.org/logo.png",
    preview=False,
    way=(TopicLink("Example", ""),),
    feeds=(
        FeedLink(
            label="RSS",
            type="application/rss+xml",
            filename="rss.xml",
            address="https://example.org/feeds/ai/rss.xml",
        ),
    ),
    outline="feeds.opml",
    entries=3,
    shown=1,
    count=2,
    topics=(
        TopicLine(
            name="Chips", path="chips/", entries=2, updated="2024-05-01T12:00:00Z", topics=()
        ),
    ),
)


def parsed(page: bytes) -> etree._Element:
    """The page as HTML5 has it; any parse error of the standard fails."""
    builder = html5lib.getTreeBuilder("lxml")
    parser = html5lib.HTMLParser(builder, strict=True, namespaceHTMLElements=False)
    return parser.parse(page, transport_encoding="utf-8").getroot()


def page_of(site: Site, path: str = "index.html", folder: str = "feeds") -> etree._Element:
    return parsed((site.root / folder / path).read_bytes())


def texts(node: etree._Element, path: str) -> list[str]:
    return [" ".join("".join(each.itertext()).split()) for each in node.findall(path)]


def values(node: etree._Element, path: str, name: str) -> list[str | None]:
    return [each.get(name) for each in node.findall(path)]


@pytest.fixture
def library(site: Site) -> Site:
    """Two topics, one with a topic below it, built."""
    (site.root / "topics.yaml").write_text(TAXONOMY, "utf-8")
    site.record("one.md", topics=["Chips", "C++"], images=[PICTURE])
    site.record("two.md", topics=["AI"], publishedDateTime="2025-01-02T00:00:00Z")
    site.record("three.md", topics=["C++"], publishedDateTime="2023-01-02T00:00:00Z")
    site.build()
    return site


# What stands in them.


def test_the_top_lists_the_topics_that_have_entries(library: Site) -> None:
    top = page_of(library)

    topics = top.find(".//section[@class='topics']")
    rows = [" ".join(text.split()) for text in texts(topics, ".//p")]
    assert rows == [
        "AI 2 entries · 2025-01-02",
        "Chips 1 entry · 2024-05-01",
        "C++ 2 entries · 2024-05-01",
    ]
    assert values(topics, "./ul/li/p/a", "href") == ["ai/", "c-plus-plus/"]
    assert values(topics, "./ul/li/ul/li/p/a", "href") == ["chips/"]
    feeds = values(topics, "./ul/li/ul[@class='links']/li/a", "href")
    assert feeds == [
        f"{topic}/{name}"
        for topic in ("ai", "c-plus-plus")
        for name in ("rss.xml", "atom.xml", "feed.json")
    ]
    assert texts(top, ".//header/p") == ["3 entries · 3 topics · newest: 2025-01-02"]


def test_a_topic_shows_its_own_entries_the_newest_first(library: Site) -> None:
    page = page_of(library, "c-plus-plus/index.html")

    assert texts(page, ".//h1") == ["C++"]
    assert texts(page, ".//article/h3") == ["Title of one", "Title of three"]
    assert texts(page, ".//header/p") == ["2 entries · newest: 2024-05-01"]
    assert texts(page, ".//nav//a") == ["Test Site"]
    assert page.find(".//section[@class='topics']") is None


def test_a_topic_shows_the_way_to_it_and_the_topics_below_it(library: Site) -> None:
    assert texts(page_of(library, "chips/index.html"), ".//nav//a") == ["Test Site", "AI"]
    assert texts(page_of(library, "ai/index.html"), ".//section[@class='topics']//p/a") == ["Chips"]


def test_an_entry_has_its_link_date_picture_authors_and_topics(site: Site) -> None:
    (site.root / "topics.yaml").write_text(TAXONOMY, "utf-8")
    site.record(
        "a.md",
        topics=["C++", "Chips"],
        images=[PICTURE],
        provider={"name": "Lab", "authors": [{"name": "Ada"}]},
        locale="ar",
    )
    site.build()

    (entry,) = page_of(site, "ai/index.html").findall(".//article")
    assert (entry.get("lang"), entry.get("dir")) == ("ar", "rtl")
    assert values(entry, "./h3/a", "href") == ["https://example.com/a"]
    assert texts(entry, "./p") == ["Excerpt of a", "2024-05-01 · Ada"]
    assert values(entry, ".//time", "datetime") == ["2024-05-01T09:00:00Z"]
    assert dict(entry.find("./img").attrib) == {
        "src": "https://img.example.org/a.png",
        "alt": "A cat",
        "width": "640",
        "height": "360",
        "loading": "lazy",
        "decoding": "async",
        "referrerpolicy": "no-referrer",
    }
    links = [(a.get("href"), "".join(a.itertext())) for a in entry.findall("./ul/li/a")]
    assert links == [("c-plus-plus/", "C++"), ("chips/", "Chips")]


def test_relative_addresses_are_from_the_top_on_in_every_page(library: Site) -> None:
    assert page_of(library).find(".//base") is None
    page = page_of(library, "ai/index.html")
    head = page.find("head")
    assert [child.tag for child in head[:3]] == ["meta", "meta", "base"]
    assert head.find("base").get("href") == "../"
    assert page.find(".//a[@class='skip']").get("href") == "ai/#entries"


@pytest.mark.parametrize("path", ["", "ai/", "c-plus-plus/"])
def test_every_feed_is_announced_once_under_a_title_of_its_own(library: Site, path: str) -> None:
    page = page_of(library, f"{path}index.html")

    links = page.findall("./head/link[@rel='alternate']")
    base = "https://feeds.example.org/"
    names = ["rss.xml", "atom.xml", "feed.json"]
    assert [link.get("href") for link in links] == [f"{base}{path}{name}" for name in names]
    assert [link.get("type") for link in links] == [
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
    ]
    assert len({link.get("title") for link in links}) == 3
    assert values(page, ".//section[@class='follow']//input", "value") == [
        link.get("href") for link in links
    ]
    assert all((library.feeds / f"{path}{name}").is_file() for name in names)
    assert page.find("./head/link[@rel='canonical']").get("href") == base + path


@pytest.mark.parametrize("path", ["", "ai/", "chips/"])
def test_a_page_is_in_order_for_those_who_hear_it(library: Site, path: str) -> None:
    page = page_of(library, f"{path}index.html")

    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")
    assert page.find("head/title").text
    assert page.find("head/meta[@name='description']").get("content")
    assert [len(page.findall(f".//{tag}")) for tag in ("header", "main", "footer", "h1")] == [1] * 4
    levels = [int(each.tag[1]) for each in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert {each.get("aria-labelledby") for each in page.iter("section")} <= set(ids)
    assert all(each.get("alt") is not None for each in page.iter("img"))


def test_nothing_but_pictures_comes_from_elsewhere(library: Site) -> None:
    for path in ("index.html", "chips/index.html"):
        page = page_of(library, path)
        loaded = [*page.iter("script", "iframe", "object", "embed", "video", "audio")]
        assert [each.get("src") for each in loaded] == ["script.js"]
        sheets = [link.get("href") for link in page.findall(".//link[@rel='stylesheet']")]
        assert sheets == ["style.css"]
        icon = page.find(".//link[@rel='icon']").get("href")
        assert icon.startswith("data:image/svg+xml,")
        assert re.fullmatch(r"[!-~]+", icon)  # a URL has no blanks
    assert "url(" not in (library.feeds / "style.css").read_text("utf-8")
    assert "//" not in (library.feeds / "script.js").read_text("utf-8").replace("// ", "")


def test_icon_and_logo_are_those_of_the_site(site: Site) -> None:
    site.configure(TOML + 'icon = "https://x.example/i.png"\nlogo = "https://x.example/l.png"\n')
    site.record("a.md")
    site.build()

    assert page_of(site).find(".//link[@rel='icon']").get("href") == "https://x.example/i.png"
    assert page_of(site).find(".//header/img").get("src") == "https://x.example/l.png"


def test_content_is_not_in_pages(site: Site) -> None:
    site.record("a.md", body="A **bold** secret of the body", webUrl=None)
    site.build()

    page = (site.feeds / "ai/index.html").read_text("utf-8")
    assert "bold" not in page
    assert texts(parsed(page.encode()), ".//article/h3") == ["Title of a"]
    assert parsed(page.encode()).find(".//article/h3/a") is None


def test_a_page_says_that_it_shows_only_the_newest(site: Site) -> None:
    site.configure(TOML + "[feeds]\nlimit = 2\n")
    for name in "abc":
        site.record(f"{name}.md")
    site.build()

    page = page_of(site, "ai/index.html")
    assert len(page.findall(".//article")) == 2
    assert texts(page, ".//section[@class='entries']/p") == ["The newest 2 of 3."]


def test_a_topic_without_entries_says_so_and_leaves_the_top(library: Site) -> None:
    (library.seeds / "one.md").unlink()
    library.build()

    page = page_of(library, "chips/index.html")
    assert page.find(".//article") is None
    assert "no entries" in texts(page, ".//section[@class='entries']/p")[0]
    assert texts(page_of(library), ".//section[@class='topics']//p/a") == ["AI", "C++"]


def test_the_way_to_an_empty_topic_follows_what_is_above_it(library: Site) -> None:
    (library.seeds / "one.md").unlink()
    library.build()
    (library.seeds / "two.md").unlink()
    before = library.fresh()
    library.build()
    assert library.tree()["chips/index.html"] == before["chips/index.html"]

    library.record("two.md", topics=["AI"])
    before = library.fresh()
    library.build()
    assert library.tree()["chips/index.html"] == before["chips/index.html"]


def test_an_excluded_topic_is_named_but_not_linked(site: Site) -> None:
    site.configure(TOML + '[topics]\nexclude = ["Secret*"]\n')
    site.record("a.md", topics=["AI", "Secret plans"])
    site.build()

    top = page_of(site)
    assert texts(top, ".//section[@class='topics']//p/a") == ["AI"]
    assert texts(top, ".//article/ul/li") == ["AI", "Secret plans"]
    assert values(top, ".//article/ul/li/a", "href") == ["ai/"]


def test_another_language_has_its_direction_and_our_words_keep_theirs(site: Site) -> None:
    site.configure(TOML + 'language = "ar"\n')
    site.record("a.md", title="مرحبا")
    site.build()

    page = page_of(site)
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    heading = page.find(".//h2[@id='entries']")
    assert (heading.get("lang"), heading.get("dir")) == ("en", "ltr")
    assert page.find(".//article").get("dir") == "auto"  # pages of other languages show it too


def test_days_are_those_of_the_site(site: Site) -> None:
    site.configure(TOML.replace('"UTC"', '"Asia/Riyadh"'))
    site.record("a.md", publishedDateTime="2024-03-09")
    site.record("b.md", publishedDateTime="2024-03-08T20:59:59Z")
    site.build()

    top = page_of(site)
    days = [(time.get("datetime"), time.text) for time in top.findall(".//article//time")]
    assert days == [("2024-03-08T21:00:00Z", "2024-03-09"), ("2024-03-08T20:59:59Z", "2024-03-08")]
    assert {time.text for time in top.findall(".//header//time")} == {"2024-03-09"}


def test_a_preview_says_so_and_marks_what_is_unpublished(site: Site) -> None:
    site.record("a.md")
    site.record("b.md", published="false")
    site.build()
    site.build(include_unpublished=True)

    public, preview = page_of(site), page_of(site, folder="preview")
    assert preview.find("head/meta[@name='robots']").get("content") == "noindex"
    assert texts(preview, ".//p[@class='preview']") == [
        "Preview: this page shows what is not published yet."
    ]
    marked = [texts(entry, ".//strong") for entry in preview.findall(".//article")]
    assert sorted(marked) == [[], ["Unpublished"]]
    outlines = values(preview, ".//a[@type='text/x-opml']", "href")
    assert outlines == ["feeds.opml"]  # the preview's own
    assert public.find("head/meta[@name='robots']") is None
    assert public.find(".//p[@class='preview']") is None


def test_a_page_says_nothing_that_others_change(site: Site) -> None:
    """Whatever a template prints, an incremental build is one from nothing."""
    (site.root / "theme").mkdir()
    fields = "".join(f"{{{{ page.{name} }}}} " for name in Page.__struct_fields__)
    (site.root / "theme/page.html").write_text(
        '{% extends "topicast/page.html" %}{% block footer %}' + fields + "{% endblock %}"
    )
    site.configure(TOML + '[html]\ntemplates = "theme"\n')
    site.record("a.md", topics=["Alpha"])
    site.build()
    site.record("b.md", topics=["Beta"])
    site.build()
    assert site.tree() == site.fresh()


# What text does to them: nothing.

MARKUP = (
    *("<", ">", "</", '"', "'", "&", "&lt;", "&#60;", "{{", "}}", "{%", "<!--", "-->", "]]>"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</title>", "javascript:"),
    *(" ", "a", "\x00", "\u202e", "\ud800", "<!-- topicast: here go the entries -->"),
)
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(MARKUP), max_size=8).map("".join),
)


def tags(page: bytes) -> list[str]:
    return [each.tag for each in parsed(page).iter() if isinstance(each.tag, str)]


def visible(text: str) -> str:
    """The text as the parser gives it back: without controls, with line ends as HTML has them."""
    legal = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "", text)
    return legal.replace("\r\n", "\n").replace("\r", "\n")


def lenient(page: bytes) -> etree._Element:
    """As ``parsed``, for text that holds characters which HTML frowns on."""
    tree = html5lib.parse(
        page, treebuilder="lxml", namespaceHTMLElements=False, transport_encoding="utf-8"
    )
    return tree.getroot()


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.tuples(*[HOSTILE] * 5))
def test_text_of_an_entry_stays_text(hostile: tuple[str, ...]) -> None:
    title, summary, author, topic, picture = hostile
    item = make_item(
        title=f"t{title}",
        summary=f"s{summary}",
        authors=(f"a{author}",),
        images=(Image("https://img.example.org/a.png", 0, 0, f"p{picture}", ""),),
    )
    item = msgspec.structs.replace(item, topics=(TopicLink(f"n{topic}", "ai/"),))

    entry = lenient(fragment(HTML, item)).find(".//article")

    assert [each.tag for each in entry.iter()] == (
        ["article", "h3", "a", "img", "p", "p", "time", "bdi", "ul", "li", "a", "bdi"]
    )
    assert "".join(entry.find("h3").itertext()) == visible(f"t{title}").strip()
    assert "".join(entry.find("p").itertext()) == visible(f"s{summary}").strip()
    assert "".join(entry.find("p/bdi").itertext()) == visible(f"a{author}").strip()
    assert "".join(entry.find("ul/li").itertext()) == visible(f"n{topic}")
    assert entry.find("img").get("alt") == visible(f"p{picture}").strip()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.tuples(*[HOSTILE] * 5))
def test_text_of_a_page_stays_text(hostile: tuple[str, ...]) -> None:
    title, name, about, rights, topic = hostile
    said = {"title": f"t{title}", "name": f"n{name}", "about": f"a{about}"}
    line = TopicLine(name=f"l{topic}", path="x/", entries=1, updated=PAGE.updated, topics=())
    page = msgspec.structs.replace(
        PAGE, **said, description=f"d{about}", rights=f"r{rights}", topics=(line,)
    )

    printed = compose(HTML, make_feed(html=page), [b"<article></article>"])
    plain = compose(HTML, make_feed(html=PAGE), [b"<article></article>"])

    root = lenient(printed)
    assert [each.tag for each in root.iter() if isinstance(each.tag, str)] == tags(plain)
    assert root.find("head/title").text == visible(f"t{title}")
    assert "".join(root.find(".//h1").itertext()) == visible(f"n{name}")
    assert "".join(root.find(".//p[@class='about']").itertext()) == visible(f"a{about}")
    assert "".join(root.find(".//footer/p").itertext()) == visible(f"r{rights}")
    assert root.find("head/meta[@name='description']").get("content") == visible(f"d{about}")
    assert "".join(root.find(".//a[@class='name']").itertext()) == visible(f"l{topic}")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//x.example/", "ftp://x.example/", " "]
)
def test_no_address_but_of_the_web_is_linked(address: str) -> None:
    picture = Image(address, 1, 1, "", "")
    entry = parsed_entry(link=address, images=(picture,), body="x", body_kind="text")

    assert entry.find(".//a") is None
    assert entry.find(".//img") is None


def parsed_entry(**changes: Any) -> etree._Element:
    return lenient(fragment(HTML, make_item(**changes))).find(".//article")


def test_what_would_only_be_said_twice_is_left_out() -> None:
    picture = Image("https://img.example.org/a.png", 0, 0, "Same", "Eve")
    entry = parsed_entry(title="Same", summary="Same", images=(picture,))

    assert len(entry.findall("p")) == 1
    assert entry.find("img").get("alt") == ""
    assert "width" not in entry.find("img").attrib
    assert "Picture: Eve" in texts(entry, "p")[0]


# When they change.


def changed(site: Site, **options: Any) -> set[str]:
    """The files that a build writes or removes; the tree is what one from nothing would be."""
    report = site.build(**options)
    tree = site.tree()
    assert {path: data for path, data in tree.items() if path != "manifest.json"} == {
        path: data for path, data in site.fresh().items() if path != "manifest.json"
    }
    return {*report.written, *report.removed}


def test_only_pages_that_show_a_change_are_written(library: Site) -> None:
    assert changed(library) == set()

    library.record("four.md", topics=["C++"], publishedDateTime="2022-01-02T00:00:00Z")
    assert {path for path in changed(library) if path.endswith(".html")} == {
        "index.html",
        "c-plus-plus/index.html",
    }
    (library.seeds / "four.md").unlink()
    assert "c-plus-plus/index.html" in changed(library)


def test_an_entry_is_rendered_once_for_all_pages(site: Site) -> None:
    for name in "abc":
        site.record(f"{name}.md", topics=["AI", "C++", "Chips"])

    assert site.build().rendered == 3
    site.record("d.md", topics=["AI"])
    assert site.build().rendered == 1


def test_an_address_that_was_changed_by_hand_is_followed_by_links(library: Site) -> None:
    registry = library.feeds / "topics.json"
    registry.write_text(registry.read_text("utf-8").replace('"c-plus-plus"', '"cpp"'), "utf-8")
    library.build()

    links = values(page_of(library), ".//article/ul/li/a", "href")
    assert "cpp/" in links
    assert "c-plus-plus/" not in links


def test_files_beside_the_pages_are_mended(library: Site) -> None:
    style, script = library.feeds / "style.css", library.feeds / "script.js"
    before = style.read_bytes()
    style.write_bytes(b"broken")
    script.unlink()

    assert {"style.css", "script.js"} <= set(library.build().written)
    assert style.read_bytes() == before
    assert library.build().written == ()


def test_without_html_there_are_neither_pages_nor_a_style_sheet(library: Site) -> None:
    assert b'<?xml-stylesheet type="text/css" href="style.css"?>' in library.tree()["rss.xml"]
    assert (
        b'<?xml-stylesheet type="text/css" href="../style.css"?>' in (library.tree()["ai/atom.xml"])
    )

    library.configure(TOML + '[feeds]\nformats = ["rss", "atom"]\n')
    library.build()

    tree = library.tree()
    assert {path.rpartition("/")[2] for path in tree} == {
        "rss.xml",
        "atom.xml",
        "topics.json",
        "manifest.json",
    }
    assert not any(b"xml-stylesheet" in data for data in tree.values())


# Templates of one's own.


def themed(site: Site, **files: str) -> Path:
    """A folder ``look`` with templates, and a configuration that names it."""
    look = site.root / "look"
    look.mkdir(exist_ok=True)
    for name, text in files.items():
        (look / name.replace("__", ".")).write_text(text, "utf-8")
    site.configure(TOML + '[html]\ntemplates = "look"\n')
    return look


def test_one_template_is_replaced_and_the_others_stay_ours(library: Site) -> None:
    themed(library, entry__html="<p class='mine'>{{ entry.title }} & {{ entry.summary }}</p>")
    library.build()

    page = page_of(library, "c-plus-plus/index.html")
    assert texts(page, ".//p[@class='mine']") == [
        "Title of one & Excerpt of one",
        "Title of three & Excerpt of three",
    ]
    assert texts(page, ".//h1") == ["C++"]


def test_a_template_can_extend_ours(library: Site) -> None:
    themed(
        library,
        page__html='{% extends "topicast/page.html" %}'
        "{% block footer %}{{ super() }}<p>Hello from {{ page.name }}</p>{% endblock %}",
    )
    library.build()

    footer = texts(page_of(library, "ai/index.html"), ".//footer/p")
    assert footer == ["Made with Topicast", "Hello from AI"]


def test_words_can_be_in_another_language(library: Site) -> None:
    german = (ours("words.html") or "").replace('"en"', '"de"').replace("Newest entries", "Neueste")
    themed(library, words__html=german)
    library.configure(TOML + 'language = "de"\n[html]\ntemplates = "look"\n')
    library.build()

    heading = page_of(library).find(".//h2[@id='entries']")
    assert heading.text == "Neueste"
    assert heading.get("lang") is None


def test_style_and_script_can_be_replaced(library: Site) -> None:
    themed(library, style__css="h1 { color: {{ red }} }\n")
    library.build()

    assert (library.feeds / "style.css").read_bytes() == b"h1 { color: {{ red }} }\n"
    assert (library.feeds / "script.js").read_text("utf-8") == ours("script.js")


def test_an_edited_template_is_seen_by_the_next_build(library: Site) -> None:
    look = themed(library, entry__html="<p>one</p>")
    library.build()
    assert library.build().written == ()

    (look / "entry.html").write_text("<p>two</p>", "utf-8")

    assert "ai/index.html" in library.build().written
    assert b"<p>two</p>" in library.tree()["ai/index.html"]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("entry.html", "\n\n{{ entry.nothing }}", "look/entry.html:3: UndefinedError: "),
        ("entry.html", "\n{% if %}", "look/entry.html:2: TemplateSyntaxError: "),
        ("entry.html", "{{ entry.title + 1 }}", "look/entry.html:1: TypeError: "),
        ("page.html", "{% include 'none.html' %}", "look/page.html:1: TemplateNotFound: "),
        ("page.html", "<p>nothing</p>", "look/page.html: expected {{ entries }} once"),
        ("page.html", "{{ entries }}{{ entries }}", "look/page.html: expected {{ entries }} once"),
        ("words.html", "{% set language = 1 %}", "Topicast's "),
    ],
)
def test_an_error_in_a_template_names_file_and_line(
    library: Site, monkeypatch: pytest.MonkeyPatch, jobs: int, name: str, text: str, message: str
) -> None:
    monkeypatch.chdir(library.root)
    before = library.tree()
    themed(library, **{name.replace(".", "__"): text})

    with pytest.raises(ConfigError) as caught:
        library.build(jobs=jobs)

    assert str(caught.value).startswith(message)
    assert library.tree() == before


def test_templates_that_cannot_be_read_are_named(
    library: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(library.root)
    library.configure(TOML + '[html]\ntemplates = "look"\n')
    with pytest.raises(ConfigError, match=r"^look: cannot be read: No such file.*\[html\]"):
        library.build()

    look = themed(library)
    with pytest.raises(ConfigError, match=r"^look: holds none of entry.html, page.html"):
        library.build()

    (look / "entry.html").write_bytes(b"<p>\n\xff</p>")
    with pytest.raises(ConfigError, match=r"^look/entry.html:2: is not UTF-8"):
        library.build()


def test_every_file_of_ours_is_part_of_the_package() -> None:
    for name in ("page.html", "entry.html", "words.html", "style.css", "script.js"):
        assert ours(name)
    assert ours("../theme.py") is None
    assert OURS == "topicast/"


DOC = (Path(__file__).parent.parent / "docs" / "pages.md").read_text("utf-8")


def told(heading: str) -> list[str]:
    """The names in the first column of a table of the documentation."""
    rows = DOC.partition(f"\n| {heading} | |\n| --- | --- |\n")[2].partition("\n\n")[0]
    return [name for row in rows.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]


def test_the_documentation_tells_what_templates_have() -> None:
    assert told("of `page`") == list(Page.__struct_fields__)
    assert sorted(told("of `entry`")) == sorted(Entry.__struct_fields__)
    blocks = re.findall(r"{% block (\w+) %}", ours("page.html") or "")
    assert "(" + ", ".join(f"`{name}`" for name in blocks) + ")" in DOC
    assert re.findall(r"^\| `(\w+\.\w+)`", DOC, re.MULTILINE) == [
        *("page.html", "entry.html", "words.html", "style.css", "script.js")
    ]
