"""Addresses: what a feed may carry, and what becomes of all else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.entries.urls import absolute

SITE = "https://example.org/app"
BASE = "https://example.org/news/page.html?z=1#top"
URI = re.compile(
    r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?"
    r"(/([\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*)?"
    r"(\?([\w.~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?"
    r"(#([\w.~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?",
    re.ASCII,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://x.org/a/b?c=d&e=f#g", "https://x.org/a/b?c=d&e=f#g"),
        ("https://x.org", "https://x.org"),
        (" https://x.org/a \n", "https://x.org/a"),
        ("HTTPS://Ex.ORG/A", "https://ex.org/A"),
        ("https://x.org/a b/é?q=ä#ö", "https://x.org/a%20b/%C3%A9?q=%C3%A4#%C3%B6"),
        ("https://x.org/%c3%a9/100%/%zz", "https://x.org/%C3%A9/100%25/%25zz"),
        ("https://x.org/a[1]?b[]={|}", "https://x.org/a%5B1%5D?b%5B%5D=%7B%7C%7D"),
        ("https://münchen.de/", "https://xn--mnchen-3ya.de/"),
        ("https://人工知能.jp/", "https://xn--gmqr38asttcki.jp/"),
        ("https://xn--mnchen-3ya.de/", "https://xn--mnchen-3ya.de/"),
        ("https://x.org:443/", "https://x.org/"),
        ("http://x.org:80/", "http://x.org/"),
        ("http://x.org:0443/", "http://x.org:443/"),
        ("https://x.org:/a", "https://x.org/a"),
        ("https://my_blog.x.org/", "https://my_blog.x.org/"),
        ("https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
        ("https://192.0.2.1/a", "https://192.0.2.1/a"),
        ("https://x.org/a/./b/../c", "https://x.org/a/c"),
        ("https://x.org/../../a/%2e%2E/b/..", "https://x.org/"),
        ("https://x.org/.well-known/a", "https://x.org/.well-known/a"),
        ("https://x\t.org/a\nb", "https://x.org/ab"),
        ("https:\\\\x.org\\a?b\\c", "https://x.org/a?b%5Cc"),
        ("https:////x.org/a", "https://x.org/a"),
        ("//cdn.x.org/a.js", "https://cdn.x.org/a.js"),
        ("/\\cdn.x.org/a.js", "https://cdn.x.org/a.js"),
        ("/assets/a.png", "https://example.org/app/assets/a.png"),
        ("/../../a.png?b=../c", "https://example.org/app/a.png?b=../c"),
        ("a.png", "https://example.org/news/a.png"),
        ("../a b.png", "https://example.org/a%20b.png"),
        ("?q=1", "https://example.org/news/page.html?q=1"),
        ("#part", "https://example.org/news/page.html?z=1#part"),
    ],
)
def test_good_addresses(written: str, expected: str) -> None:
    assert absolute(written, BASE, SITE) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  \n",
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "mailto:a@x.org",
        "ftp://x.org/a",
        "file:///etc/passwd",
        "http:x.org/a",
        "https://",
        "https:///",
        "https://user:pass@x.org/",
        "https://user@x.org/",
        "//user@x.org/",
        "https://x.org:99999/",
        "https://x.org:0/",
        "https://x.org:a/",
        "https://x.org:8¹/",
        "https://[zz]/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://a..b/",
        "https://-x.org/",
        "https://x y.org/",
        "https://x%2eorg/",
        "https://1.2.3/",
        "https://256.1.1.1/",
        "https://0x7f.0.0.0x1/",
        "https://" + "a" * 64 + ".org/",
        "https://" + "a." * 200 + "org/",
        "https://\u200d.org/",
        "https://x.org/" + "a" * 8_000,
        "https://x.org/" + "é" * 4_000,
    ],
)
def test_no_addresses(written: str) -> None:
    assert absolute(written, BASE, SITE) is None


def test_without_a_base_the_top_of_the_site_is_it() -> None:
    assert absolute("a.png", "", SITE) == "https://example.org/app/a.png"
    assert absolute("//x.org/a", "", "http://localhost:8000") == "http://x.org/a"
    assert absolute("a.png", "http://x.org", SITE) == "http://x.org/a.png"


@pytest.mark.parametrize("site", ["", "example.org", "javascript:", "ftp://x.org"])
@pytest.mark.parametrize("written", ["a", "/a", "//x.org/a", "?a", "#a"])
def test_a_site_that_is_no_address_gives_none(written: str, site: str) -> None:
    assert absolute(written, "", site) is None


ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
_PIECES = (
    "http https : / // ? # @ % %2e %41 . .. [ ] [::1] :80 \\ a é x.org xn-- 1 0x \u3002 \u00ad "
    "\U0001f600 人 ß _ - ' \""
)
PIECES = st.sampled_from(["\t", " ", *_PIECES.split()])
ADDRESSES = st.one_of(
    ANY_TEXT,
    st.lists(PIECES, max_size=12).map("".join),
    st.builds("https://{}{}".format, st.lists(PIECES, max_size=6).map("".join), ANY_TEXT),
)


@given(ADDRESSES, st.one_of(st.just(BASE), st.just(""), ADDRESSES))
def test_any_text_gives_a_uri_or_nothing_and_twice_is_once(written: str, base: str) -> None:
    address = absolute(written, base, SITE)
    if address is not None:
        assert URI.fullmatch(address)
        assert absolute(address, "", "") == address
