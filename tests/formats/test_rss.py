"""RSS 2.0: the channel, its items, and what any text does to them."""

from __future__ import annotations

import subprocess
import sys
from html import unescape

import feedparser
import pytest
from format_samples import HOUR, MAY_1, fragment, make_feed, make_item
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from topicast.formats import FORMATS, Feed, Item, compose

RSS = FORMATS["rss"]
ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


def read(feed: Feed, *items: Item) -> etree._Element:
    fragments = [fragment(RSS, item) for item in items]
    return etree.fromstring(compose(RSS, feed, fragments))[0]


def texts(parent: etree._Element, tag: str) -> list[str | None]:
    return [element.text for element in parent.iterchildren(tag)]


def test_a_whole_feed() -> None:
    item = make_item(updated=MAY_1 + HOUR, language="de", title="<b> & ]]>")

    printed = compose(RSS, make_feed(), [fragment(RSS, item)]).decode()

    assert (
        printed
        == """\
<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:atom="http://www.w3.org/2005/Atom" \
xmlns:content="http://purl.org/rss/1.0/modules/content/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:media="http://search.yahoo.com/mrss/" version="2.0">
  <channel>
    <title>AI · Example</title>
    <link>https://example.org/feeds/ai/</link>
    <description>About machines</description>
    <atom:link href="https://example.org/feeds/ai/rss.xml" rel="self" type="application/rss+xml"/>
    <copyright>© Example</copyright>
    <docs>https://www.rssboard.org/rss-specification</docs>
    <generator>Topicast</generator>
    <language>en</language>
    <lastBuildDate>Wed, 01 May 2024 12:00:00 +0000</lastBuildDate>
    <item>
      <title>&#x3C;b&gt; &#x26; ]]&gt;</title>
      <link>https://example.org/a?b=1&amp;c=2</link>
      <description>1 &amp;lt; 2 &amp;amp; 3</description>
      <guid isPermaLink="false">tag:example.org,2026:a</guid>
      <category>AI</category>
      <category>Q &amp; A</category>
      <pubDate>Wed, 01 May 2024 12:00:00 +0000</pubDate>
      <dc:creator>Ada</dc:creator>
      <dc:creator>Bob</dc:creator>
      <dc:publisher>Provider</dc:publisher>
      <dc:language>de</dc:language>
      <atom:updated>2024-05-01T13:00:00Z</atom:updated>
    </item>
  </channel>
</rss>
"""
    )


def test_an_empty_feed_is_whole() -> None:
    channel = read(make_feed())

    assert [element.tag for element in channel] == [
        "title",
        "link",
        "description",
        f"{ATOM}link",
        "copyright",
        "docs",
        "generator",
        "language",
        "lastBuildDate",
    ]


def test_what_is_not_known_of_a_feed_is_not_said() -> None:
    channel = read(make_feed(rights="", language="", description=""))

    assert channel.find("copyright") is None
    assert channel.find("language") is None
    assert texts(channel, "description") == ["AI · Example"]  # RSS asks for one


def test_items_stand_after_the_head_in_the_order_given() -> None:
    channel = read(make_feed(), make_item(id="urn:b"), make_item(id="urn:a"), make_item(id="urn:c"))

    assert [element.tag for element in channel][-3:] == ["item"] * 3
    assert [item.findtext("guid") for item in channel.iter("item")] == ["urn:b", "urn:a", "urn:c"]


def test_an_item_without_a_link_carries_its_content_after_the_description() -> None:
    item = make_item(link="", body="<p>Hi <b>there</b></p>", body_kind="html")

    read_item = read(make_feed(), item).find("item")

    assert read_item is not None
    assert read_item.find("link") is None
    tags = [element.tag for element in read_item]
    assert tags.index("description") < tags.index(f"{CONTENT}encoded")
    assert "<b>there</b>" in (read_item.findtext(f"{CONTENT}encoded") or "")


def test_an_item_with_a_link_carries_its_content_where_all_of_it_is_wanted() -> None:
    item = make_item(body="<p>Hi</p>", body_kind="html")

    assert read(make_feed(), item).findtext(f"item/{CONTENT}encoded") == "<p>Hi</p>"
    assert b"encoded" not in fragment(RSS, item, "summary")


@pytest.mark.parametrize(
    ("authors", "provider", "creators", "publishers"),
    [
        (("Ada", "Bob"), "Provider", ["Ada", "Bob"], ["Provider"]),
        ((), "Provider", ["Provider"], ["Provider"]),
        (("Ada",), "", ["Ada"], []),
        ((), "", [], []),
        ((" ", "Ada", "Ada"), " ", ["Ada"], []),
    ],
)
def test_authors_are_creators_and_the_provider_is_the_publisher(
    authors: tuple[str, ...], provider: str, creators: list[str], publishers: list[str]
) -> None:
    item = read(make_feed(), make_item(authors=authors, provider=provider)).find("item")

    assert item is not None
    assert texts(item, f"{DC}creator") == creators
    assert texts(item, f"{DC}publisher") == publishers
    assert item.find("author") is None  # would have to be an e-mail address


def test_an_item_that_was_not_updated_says_nothing_of_it() -> None:
    assert read(make_feed(), make_item(updated=MAY_1)).find(f"item/{ATOM}updated") is None


def test_an_unpublished_item_is_marked_and_no_other() -> None:
    marked = read(make_feed(), make_item(unpublished=True, categories=("AI",)))
    public = read(make_feed(), make_item(categories=("AI",)))

    assert texts(marked.find("item"), "category") == ["AI", "unpublished"]
    assert texts(public.find("item"), "category") == ["AI"]


def test_categories_are_never_blank_and_stand_once() -> None:
    channel = read(make_feed(), make_item(categories=("AI", "", " ", "ai", "AI")))

    assert texts(channel.find("item"), "category") == ["AI", "ai"]


def test_feedparser_reads_what_was_said() -> None:
    item = make_item(title="AT&T <3 > &lt; “ü” 人工", language="de")

    parsed = feedparser.parse(compose(RSS, make_feed(), [fragment(RSS, item)]))

    assert not parsed.bozo
    assert parsed.feed.link == "https://example.org/feeds/ai/"
    entry = parsed.entries[0]
    assert entry.id == "tag:example.org,2026:a"
    assert entry.link == "https://example.org/a?b=1&c=2"
    assert not entry.guidislink
    assert entry.published_parsed[:6] == (2024, 5, 1, 12, 0, 0)
    assert unescape(entry.summary) == "1 < 2 & 3"


def test_importing_the_formats_loads_no_feedgen() -> None:
    check = (
        "import sys, topicast.formats as f; "
        "assert f.FORMATS['rss'].filename == 'rss.xml'; "
        "sys.exit(any(m.split('.')[0] in ('feedgen', 'lxml', 'nh3') for m in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@settings(max_examples=200)
@given(
    title=st.text(min_size=1),
    summary=st.text(),
    name=st.text(),
    category=st.text(),
    feed_text=st.text(min_size=1),
)
def test_any_text_gives_a_feed_that_parses_and_gives_the_text_back(
    title: str, summary: str, name: str, category: str, feed_text: str
) -> None:
    feed = make_feed(title=feed_text, description=feed_text, rights=feed_text, author=feed_text)
    item = make_item(
        title=title,
        summary=summary,
        authors=(name,),
        provider=name,
        language=name,
        categories=(category,),
    )

    channel = read(feed, item)

    read_item = channel.find("item")
    assert read_item is not None
    assert channel.findtext("title") == (xml_text(feed_text) or feed.id)
    shown = xml_text(title) or item.id
    assert read_item.findtext("title") == shown
    assert unescape_once(read_item.findtext("description")) == (xml_text(summary) or shown)
    assert texts(read_item, f"{DC}creator") == [text for text in [xml_text(name)] if text]
    assert texts(read_item, "category") == [text for text in [xml_text(category)] if text]


def xml_text(text: str) -> str:
    """The text without what section 2.2 of XML 1.0 leaves out, and without C1 controls."""
    kept = [c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")]
    return "".join(
        c for c in kept if not "\x7f" <= c <= "\x9f" and not "\ud800" <= c <= "\udfff"
    ).strip()


def unescape_once(html: str | None) -> str:
    assert html is not None
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_copyright_is_plain_text_as_titles_are() -> None:
    printed = compose(RSS, make_feed(rights="A & B <c>"), [])

    assert b"<copyright>A &#x26; B &#x3C;c&gt;</copyright>" in printed
