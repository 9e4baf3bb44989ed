"""Atom, RFC 4287: the feed, its entries, and what any text does to them."""

from __future__ import annotations

import feedparser
import pytest
from format_samples import HOUR, MAY_1, fragment, make_feed, make_item
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from topicast.formats import FORMATS, Feed, Item, compose

ATOM = FORMATS["atom"]
NS = {"a": "http://www.w3.org/2005/Atom", "app": "http://www.w3.org/2007/app"}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read(feed: Feed, *items: Item) -> etree._Element:
    fragments = [fragment(ATOM, item) for item in items]
    return etree.fromstring(compose(ATOM, feed, fragments))


def first_entry(feed: Feed, item: Item) -> etree._Element:
    entry = read(feed, item).find("a:entry", NS)
    assert entry is not None
    return entry


def texts(parent: etree._Element, path: str) -> list[str | None]:
    return [element.text for element in parent.iterfind(path, NS)]


def test_a_whole_feed() -> None:
    item = make_item(updated=MAY_1 + HOUR, language="de", title="<b> & ]]>", unpublished=True)

    printed = compose(ATOM, make_feed(), [fragment(ATOM, item)]).decode()

    assert (
        printed
        == """\
<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:app="http://www.w3.org/2007/app" xmlns:media="http://search.yahoo.com/mrss/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <id>tag:example.org,2026:feed:ai</id>
  <title type="text">AI · Example</title>
  <updated>2024-05-01T12:00:00Z</updated>
  <author>
    <name>Example</name>
  </author>
  <link href="https://example.org/feeds/ai/atom.xml" rel="self" type="application/atom+xml"/>
  <link href="https://example.org/feeds/ai/" rel="alternate" type="text/html"/>
  <generator>Topicast</generator>
  <rights>© Example</rights>
  <subtitle type="text">About machines</subtitle>
  <entry xml:lang="de">
    <id>tag:example.org,2026:a</id>
    <title type="text">&lt;b&gt; &amp; ]]&gt;</title>
    <updated>2024-05-01T13:00:00Z</updated>
    <author>
      <name>Ada</name>
    </author>
    <author>
      <name>Bob</name>
    </author>
    <link href="https://example.org/a?b=1&amp;c=2" rel="alternate"/>
    <summary type="text">1 &lt; 2 &amp; 3</summary>
    <category term="AI"/>
    <category term="Q &amp; A"/>
    <category term="unpublished"/>
    <published>2024-05-01T12:00:00Z</published>
    <app:control>
      <app:draft>yes</app:draft>
    </app:control>
  </entry>
</feed>
"""
    )


def test_what_is_not_known_of_a_feed_is_not_said() -> None:
    feed = read(make_feed(rights="", language="", description="", author=""))

    assert feed.find("a:rights", NS) is None
    assert feed.find("a:subtitle", NS) is None
    assert XML_LANG not in feed.attrib
    assert texts(feed, "a:author/a:name") == ["AI · Example"]  # Atom asks for one


def test_entries_stand_in_the_order_given() -> None:
    feed = read(make_feed(), make_item(id="urn:b"), make_item(id="urn:a"), make_item(id="urn:c"))

    assert texts(feed, "a:entry/a:id") == ["urn:b", "urn:a", "urn:c"]


def test_an_entry_without_a_link_carries_its_content() -> None:
    item = make_item(link="", body="<p>Hi <b>there</b></p>", body_kind="html")

    entry = first_entry(make_feed(), item)

    content = entry.find("a:content", NS)
    assert content is not None
    assert content.get("type") == "html"
    assert "<b>there</b>" in (content.text or "")
    assert entry.find("a:link", NS) is None
    assert texts(entry, "a:summary") == ["1 < 2 & 3"]


def test_an_entry_with_a_link_carries_its_content_where_all_of_it_is_wanted() -> None:
    item = make_item(body="<p>Hi</p>", body_kind="html")

    assert texts(first_entry(make_feed(), item), "a:content") == ["<p>Hi</p>"]
    assert b"<content" not in fragment(ATOM, item, "summary")


@pytest.mark.parametrize(
    ("authors", "provider", "names"),
    [
        (("Ada", "Bob"), "Provider", ["Ada", "Bob"]),
        ((), "Provider", ["Provider"]),
        ((), "", []),  # the feed's author counts (RFC 4287, 4.2.1)
    ],
)
def test_authors_where_given_else_the_provider(
    authors: tuple[str, ...], provider: str, names: list[str]
) -> None:
    entry = first_entry(make_feed(), make_item(authors=authors, provider=provider))

    assert texts(entry, "a:author/a:name") == names


def test_a_published_entry_has_no_mark_of_a_preview() -> None:
    entry = first_entry(make_feed(), make_item(categories=("AI",)))

    assert entry.find("app:control", NS) is None
    assert [c.get("term") for c in entry.iterfind("a:category", NS)] == ["AI"]


def test_feedparser_reads_what_was_said() -> None:
    item = make_item(title="AT&T <b> &lt; “ü” 人工", updated=MAY_1 + HOUR)

    parsed = feedparser.parse(compose(ATOM, make_feed(), [fragment(ATOM, item)]))

    assert not parsed.bozo
    entry = parsed.entries[0]
    assert (entry.id, entry.link) == ("tag:example.org,2026:a", "https://example.org/a?b=1&c=2")
    assert entry.title == "AT&T <b> &lt; “ü” 人工"
    assert entry.title_detail.type == "text/plain"
    assert entry.published_parsed[:6] == (2024, 5, 1, 12, 0, 0)
    assert entry.updated_parsed[:6] == (2024, 5, 1, 13, 0, 0)


@settings(max_examples=200)
@given(
    item_id=st.text(min_size=1).filter(lambda text: text.isprintable()),
    text=st.text(alphabet=st.characters(), min_size=1),
    published=st.integers(-(10**18), 10**18),
)
def test_any_text_and_date_gives_a_feed_that_parses(
    item_id: str, text: str, published: int
) -> None:
    feed = make_feed(title=text, description=text, author=text, rights=text, language=text)
    item = make_item(
        id=item_id,
        title=text,
        summary=text,
        authors=(text,),
        provider=text,
        language=text,
        categories=(text,),
        published=published,
        updated=published,
    )

    entry = first_entry(feed, item)

    assert entry.findtext("a:id", namespaces=NS) == item_id
    assert entry.findtext("a:title", namespaces=NS)
    assert entry.findtext("a:summary", namespaces=NS)
    assert entry.findtext("a:published", namespaces=NS) == entry.findtext(
        "a:updated", namespaces=NS
    )
