"""The body of a record as clean HTML for readers, and its plain text.

A body goes through two hands: ``Rebuilder`` writes it anew with absolute addresses, in bounded
time; then nh3, which is the safeguard, keeps what is on the allow-list.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING

from topicast.entries.rebuild import ALLOWED, AMPERSAND, DROPPED, Rebuilder
from topicast.entries.text import collapse, decode, strip_tags, xml_safe
from topicast.records.model import BodyKind

if TYPE_CHECKING:  # imported late below: a build that renders no content starts faster
    import nh3
    from markdown_it import MarkdownIt

LONGEST_MARKDOWN = 1_000_000  # characters; a longer body is shown as plain text
_MEDIA = re.compile(r"<(?:img|audio|video)\b")


def clean_html(source: str, kind: BodyKind, base: str, site_url: str) -> str:
    """The body as HTML that a feed may carry; "" where nothing would be seen.

    No scripts, styles, frames, forms, handlers, tracking pixels; only absolute http(s) addresses,
    resolved as ``urls.absolute`` does on ``base`` and ``site_url``.
    """
    balanced = Rebuilder(base, site_url).rebuild(_as_html(source, kind))
    cleaned = _cleaner().clean(balanced).replace(AMPERSAND, "&amp;").strip()
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
    text = strip_tags(_as_html(source, kind), DROPPED, limit * 5)
    return collapse(xml_safe(decode(text)))


def _as_html(source: str, kind: BodyKind) -> str:
    source = xml_safe(source)
    if kind == "html":
        return source
    if kind == "markdown" and len(source) <= LONGEST_MARKDOWN:
        try:
            return xml_safe(_markdown().render(source))
        except RecursionError:  # brackets and quotes nested without end
            pass
    return _paragraphs(source)


def _paragraphs(text: str) -> str:
    """Plain text as HTML: a blank line ends a paragraph, a line end stays one."""
    escaped = html.escape(text.replace("\r\n", "\n").replace("\r", "\n"), quote=False)
    paragraphs = (part.strip() for part in re.split(r"\n(?:[ \t]*\n)+", escaped))
    return "\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in paragraphs if part)


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(ALLOWED) - {"*"},
        clean_content_tags={"script", "style"},
        attributes=ALLOWED,
        url_schemes={"http", "https"},
        link_rel=None,  # what readers add to links is their matter
    )
