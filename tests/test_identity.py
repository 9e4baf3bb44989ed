"""Ids are what readers remember: they are pinned here to the letter (specification section 5)."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.config import Site
from topicast.identity import (
    Identity,
    entry_id,
    feed_id,
    is_uri,
    path_id,
    resolve_identity,
    stem_of,
)
from topicast.problems import ConfigError

OURS = Identity("example.org", 2024)
TAG = "tag:example.org,2024:"

# RFC 4151, as the W3C feed validator checks it.
VALID_TAG = re.compile(
    r"tag:([a-z0-9\-._]+?@)?[a-z0-9.\-]+?,\d{4}:([0-9a-zA-Z/:\-._~]|%[0-9A-F]{2})*"
)


@pytest.mark.parametrize(
    "given_id",
    [
        "https://example.org/a?b=c#d",
        "HTTP://Example.org/A",
        "http://x",
        "http://[::1]/a",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "tag:other.example,2020:a",
        "info:doi/10.1000/182",
        "https://example.org/caf%C3%A9",
    ],
)
def test_an_id_that_is_a_uri_stands_as_written(given_id: str) -> None:
    assert entry_id(OURS, given_id, "stem") == given_id


@pytest.mark.parametrize(
    ("given_id", "specific"),
    [
        ("a-1_b.c~d", "a-1_b.c~d"),
        ("two words", "two%20words"),
        ("news/a", "news%2Fa"),
        ("mailto:a@b", "mailto%3Aa%40b"),
        ("https://example.org/two words", "https%3A%2F%2Fexample.org%2Ftwo%20words"),
        ("https://example.org/é", "https%3A%2F%2Fexample.org%2F%C3%A9"),
        ("https:///path", "https%3A%2F%2F%2Fpath"),
        ("https://example.org/<b>", "https%3A%2F%2Fexample.org%2F%3Cb%3E"),
        ("https://example.org/100%", "https%3A%2F%2Fexample.org%2F100%25"),
        ("urn:", "urn%3A"),
        ("feed:news", "feed%3Anews"),
    ],
)
def test_an_id_that_is_other_text_becomes_a_tag(given_id: str, specific: str) -> None:
    assert not is_uri(given_id)
    assert entry_id(OURS, given_id, "stem") == TAG + specific


def test_without_an_id_the_stem_is_taken() -> None:
    assert entry_id(OURS, "", "2024-05-01-größe") == f"{TAG}2024-05-01-gr%C3%B6%C3%9Fe"


def test_a_link_in_the_place_of_the_stem_is_encoded_whole() -> None:
    specific = "https%3A%2F%2Fexample.org%2Fa%3Fb%3Dc"
    assert entry_id(OURS, "", "https://example.org/a?b=c") == TAG + specific


def test_a_composed_and_a_decomposed_file_name_give_one_id() -> None:
    assert entry_id(OURS, "", "e\u0301t\u00e9") == entry_id(OURS, "", "\u00e9te\u0301")


def test_a_path_keeps_its_slashes_and_its_suffix() -> None:
    assert path_id(OURS, "news/größe/a b.md") == f"{TAG}news/gr%C3%B6%C3%9Fe/a%20b.md"


def test_the_items_of_one_file_are_told_apart() -> None:
    assert path_id(OURS, "news/all.jsonl", "#3/x") == f"{TAG}news/all.jsonl%233%2Fx"


def test_feed_ids() -> None:
    assert feed_id(OURS, "ai-hardware") == f"{TAG}feed:ai-hardware"
    assert feed_id(OURS) == f"{TAG}feed:"


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("a.md", "a"),
        ("news/2021/a.md", "a"),
        ("news/a.tar.md", "a.tar"),
        ("news/a/index.md", "a"),
        ("v1.2/index.html", "v1.2"),
        ("index.md", "index"),
        ("a/index.en.md", "index.en"),
        ("a/no-suffix", "no-suffix"),
    ],
)
def test_stems(path: str, stem: str) -> None:
    assert stem_of(path) == stem


@given(st.text(st.characters(exclude_categories=())), st.text())
def test_every_id_is_a_valid_tag_or_as_written(given_id: str, stem: str) -> None:
    made = entry_id(OURS, given_id, stem)
    assert made == given_id or VALID_TAG.fullmatch(made)
    assert made == given_id or made.count(":") == 2
    assert VALID_TAG.fullmatch(path_id(OURS, given_id + stem, stem))


@given(st.lists(st.text(st.characters(codec="utf-8", max_codepoint=0x2FF)), unique=True))
def test_texts_that_differ_have_ids_that_differ(stems: list[str]) -> None:
    different = {unicodedata.normalize("NFC", stem) for stem in stems if stem and not is_uri(stem)}
    assert len({entry_id(OURS, "", stem) for stem in different}) == len(different)


# What ids are made of


def test_the_host_of_base_url_and_2026_are_the_default_and_are_pinned() -> None:
    resolved = resolve_identity(Site(base_url="https://Feeds.Example.org:8443/topics"), None)
    assert resolved.identity == Identity("feeds.example.org", 2026)
    assert resolved.pin == resolved.identity


def test_without_a_base_url_nothing_is_pinned() -> None:
    resolved = resolve_identity(Site(), None)
    assert (resolved.identity, resolved.pin) == (Identity("localhost", 2026), None)
    resolved = resolve_identity(Site(authority="example.org", since=2020), None)
    assert (resolved.identity, resolved.pin) == (Identity("example.org", 2020), None)


def test_the_pin_wins_over_defaults() -> None:
    for base_url in ("", "https://elsewhere.example", "http://[::1]:8000"):
        resolved = resolve_identity(Site(base_url=base_url), OURS)
        assert (resolved.identity, resolved.pin) == (OURS, OURS)


def test_what_is_written_and_agrees_with_the_pin_is_fine() -> None:
    site = Site(authority="EXAMPLE.org", since=2024)
    assert resolve_identity(site, OURS).identity == OURS


@pytest.mark.parametrize(
    ("site", "key", "changed"),
    [
        (Site(authority="other.example"), "authority", Identity("other.example", 2024)),
        (Site(since=2020), "since", Identity("example.org", 2020)),
    ],
)
def test_what_is_written_and_differs_from_the_pin_needs_force(
    site: Site, key: str, changed: Identity
) -> None:
    with pytest.raises(ConfigError, match=rf"\[site\] {key} = .* topics.json .*--force") as caught:
        resolve_identity(site, OURS)
    assert caught.value.exit_code == 2
    resolved = resolve_identity(site, OURS, force=True)
    assert (resolved.identity, resolved.pin) == (changed, changed)


@pytest.mark.parametrize(
    ("written", "authority"),
    [
        ("Example.org", "example.org"),
        ("example.org.", "example.org"),
        ("Joe.Doe@Example.org", "joe.doe@example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("localhost", "localhost"),
    ],
)
def test_authorities(written: str, authority: str) -> None:
    assert resolve_identity(Site(authority=written), None).identity.authority == authority


@pytest.mark.parametrize(
    "authority",
    ["https://example.org", "example.org:80", "example.org/a", "a b", "-a.org", "a..b", "@a.org",
     "a@b@c", "exa_mple.org", "a,2020", "\u2603\ufe0f", "example.org\n"],
)  # fmt: skip
def test_an_authority_that_is_none_is_a_configuration_error(authority: str) -> None:
    with pytest.raises(ConfigError, match=r"\[site\] authority .* domain name"):
        resolve_identity(Site(authority=authority), OURS, force=True)


@pytest.mark.parametrize("since", [0, 24, 999, 10000, -2024])
def test_a_since_that_is_no_year_is_a_configuration_error(since: int) -> None:
    with pytest.raises(ConfigError, match=r"\[site\] since .* four digits"):
        resolve_identity(Site(since=since), None)


@pytest.mark.parametrize("base_url", ["http://[::1]:8000", "https://my_host/x", "http://[x/"])
def test_a_host_that_ids_cannot_be_made_of_asks_for_an_authority(base_url: str) -> None:
    with pytest.raises(ConfigError, match=r"write \[site\] authority"):
        resolve_identity(Site(base_url=base_url), None)
    site = Site(base_url=base_url, authority="example.org")
    assert resolve_identity(site, None).pin == Identity("example.org", 2026)


def test_an_internationalised_host_is_in_punycode() -> None:
    site = Site(base_url="https://BÜCHER.example/feeds")
    assert resolve_identity(site, None).identity.authority == "xn--bcher-kva.example"
