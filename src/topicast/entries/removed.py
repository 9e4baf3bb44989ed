"""What cleaning takes out of a body, in the words of a message: for lint, which has the time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from topicast.entries.embeds import page_of_embed, player_of
from topicast.entries.html import as_html
from topicast.entries.markup import attributes_of, scan
from topicast.entries.rebuild import ADDRESSES, ALLOWED, DROPPED, EMBEDS, is_pixel
from topicast.entries.text import xml_safe
from topicast.entries.urls import absolute
from topicast.problems import Found, Level
from topicast.records.model import Record

_SCRIPTS = "scripts"
_STYLES = "styles"
_FORMS = "forms"
_PIXELS = "tracking pixels"
_EMBEDS = "embeds of hosts that [feeds] embeds does not name (links take their place)"
_BAD_ADDRESSES = "addresses other than http and https"
_REDIRECTS = "redirects"
_DRAWINGS = "drawings (SVG, MathML)"
_KINDS = (
    _SCRIPTS,
    _STYLES,
    _FORMS,
    _PIXELS,
    _EMBEDS,
    _BAD_ADDRESSES,
    _REDIRECTS,
    _DRAWINGS,
)
_BY_ELEMENT = {
    "!script": _SCRIPTS,
    "!applet": _SCRIPTS,
    "!style": _STYLES,
    **dict.fromkeys(("form", "input", "!button", "!select", "!textarea"), _FORMS),
    **dict.fromkeys(("!svg", "!math"), _DRAWINGS),
}
# Markdown without tags can only have links to lose: "[a](mailto:b)".
_MAY_LOSE = re.compile(r"<|\][(:]\s*[A-Za-z][A-Za-z0-9+.-]*:(?!//)")


def taken_away(
    record: Record, link: str, site_url: str, embeds: Collection[str]
) -> Iterator[Found]:
    """A warning for what readers do not get of the body, and one for an embed that is a link.

    ``link`` is the entry's, and ``embeds`` are the hosts whose players content may hold.
    """
    kinds = set(_kinds(record, link, site_url, embeds))
    if kinds:
        listed = ", ".join(kind for kind in _KINDS if kind in kinds)
        remedy = "take it out yourself, or leave it: the rest is published"
        yield Found("", f"readers do not get all of the body: {listed}", remedy, Level.WARNING)
    page = absolute(page_of_embed(record.embed), "", site_url) if "<" in record.embed else None
    if page and record.body and not player_of(page, embeds):
        expected = "an embed of a host that [feeds] embeds does not name is shown as a link"
        remedy = "name the host there, if you trust it"
        yield Found("featuredContent", expected, remedy, Level.WARNING)


def _kinds(record: Record, link: str, site_url: str, embeds: Collection[str]) -> Iterator[str]:
    if record.body_kind == "text" or not _MAY_LOSE.search(record.body):
        return
    for _, name, written in scan(as_html(xml_safe(record.body), record.body_kind), DROPPED):
        if name in _BY_ELEMENT:
            yield _BY_ELEMENT[name]
        given = attributes_of(written) if written else {}
        if given:
            yield from _of_attributes(name, given, link, site_url)
        if name in EMBEDS and not is_pixel(given):
            source = given.get("src") or given.get("data", "")
            address = absolute(source, link, site_url)
            if source and not (address and player_of(address, embeds)):
                yield _EMBEDS if address else _BAD_ADDRESSES


def _of_attributes(name: str, given: dict[str, str], link: str, site_url: str) -> Iterator[str]:
    if any(key.startswith("on") for key in given):
        yield _SCRIPTS
    if "style" in given or (name == "link" and "stylesheet" in given.get("rel", "").lower()):
        yield _STYLES
    if name == "meta" and given.get("http-equiv", "").strip().lower() == "refresh":
        yield _REDIRECTS
    if (name == "img" or name in EMBEDS) and is_pixel(given):
        yield _PIXELS
    for key in ADDRESSES & ALLOWED.get(name, set()) & given.keys():
        if given[key].strip() and absolute(given[key], link, site_url) is None:
            yield _BAD_ADDRESSES
