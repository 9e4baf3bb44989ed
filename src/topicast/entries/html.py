"""The body of a record as clean HTML for readers, and its plain text.

A body goes through two hands: ``Rebuilder`` writes it anew with absolute addresses, in bounded
time; then nh3, which is the safeguard, keeps what is on the allow-list.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from topicast.entries.embeds import PLAYER_ATTRIBUTES, player_of
from topicast.entries.markdown import markdown_html
from topicast.entries.rebuild import ALLOWED, AMPERSAND, DROPPED, Rebuilder
from topicast.entries.text import collapse, decode, strip_tags, xml_safe
from topicast.records.model import BodyKind

if TYPE_CHECKING:  # imported late below: a build that renders no content starts faster
    import nh3

_MEDIA = re.compile(r"<(?:img|audio|video|iframe)\b")


def clean_html(
    source: str, kind: BodyKind, base: str, site_url: str, embeds: tuple[str, ...] = ()
) -> str:
    """The body as HTML that a feed may carry; "" where nothing would be seen.

    No scripts, styles, forms, handlers, tracking pixels; no frames but players of the hosts in
    ``embeds``; only absolute http(s) addresses, resolved as ``urls.absolute`` does on ``base`` and
    ``site_url``.
    """
    balanced = Rebuilder(base, site_url, embeds).rebuild(as_html(source, kind))
    cleaner = _cleaner_with_players(embeds) if "<iframe" in balanced else _cleaner()
    cleaned = cleaner.clean(balanced).replace(AMPERSAND, "&amp;").strip()
    if not _MEDIA.search(cleaned) and not collapse(decode(strip_tags(cleaned))):
        return ""
    return cleaned


def plain_of_html(source: str, kind: BodyKind, limit: int = 1_000) -> str:
    """The plain text of a body, at least its first ``limit`` characters where it has as many."""
    if kind == "text":
        return collapse(xml_safe(source[: limit * 20]))
    if kind == "markdown" and len(source) > limit * 20:  # rendering all of it would be slow
        source = source[: limit * 20]
        if source.rfind("<") > source.rfind(">"):
            source = source[: source.rfind("<")]
    text = strip_tags(as_html(source, kind), DROPPED, limit * 5)
    return collapse(xml_safe(decode(text)))


def as_html(source: str, kind: BodyKind) -> str:
    """The body as HTML, not cleaned."""
    source = xml_safe(source)
    if kind == "html":
        return source
    made = markdown_html(source) if kind == "markdown" else None
    return _paragraphs(source) if made is None else xml_safe(made)


def _paragraphs(text: str) -> str:
    """Plain text as HTML: a blank line ends a paragraph, a line end stays one."""
    escaped = html.escape(text.replace("\r\n", "\n").replace("\r", "\n"), quote=False)
    paragraphs = (part.strip() for part in re.split(r"\n(?:[ \t]*\n)+", escaped))
    return "\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in paragraphs if part)


@cache
def _cleaner() -> nh3.Cleaner:
    return _cleaner_of(ALLOWED)


@cache
def _cleaner_with_players(hosts: tuple[str, ...]) -> nh3.Cleaner:
    """One that leaves frames standing, but only those with the player of an allowed host."""

    def kept(element: str, attribute: str, value: str) -> str | None:
        if (element, attribute) != ("iframe", "src"):
            return value
        address = value.replace(AMPERSAND, "&")
        return value if player_of(address, hosts) == address else None

    return _cleaner_of(ALLOWED | {"iframe": PLAYER_ATTRIBUTES}, kept)


def _cleaner_of(
    allowed: dict[str, set[str]], kept: Callable[[str, str, str], str | None] | None = None
) -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(allowed) - {"*"},
        clean_content_tags={"script", "style"},
        attributes=allowed,
        attribute_filter=kept,
        url_schemes={"http", "https"},
        link_rel=None,  # what readers add to links is their matter
    )
