"""XML elements that feedgen has no words for: lines of text, with the prefixes readers look for.

A line is without the indentation of its parent and without a line end. The head of a feed must
declare the prefix. Values come from ``fields``, so that they are legal in XML.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

ATOM = "http://www.w3.org/2005/Atom"

NAMESPACES = {
    "app": "http://www.w3.org/2007/app",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "atom": ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
}

INDENT = "  "


def element(tag: str, text: str = "", **attributes: str) -> str:
    """An element of one line, as lxml would write it; attributes that are "" are left out."""
    start = tag + _printed(attributes) if attributes else tag
    return f"<{start}>{escaped(text)}</{tag}>" if text else f"<{start}/>"


repeated = lru_cache(maxsize=4096)(element)
"""An element that many entries have: the name of a topic, of a provider."""


def parent(tag: str, children: Iterable[str], **attributes: str) -> list[str]:
    """The lines of an element with those of its children in it, if it has any."""
    inner = [INDENT + line for line in children]
    start = tag + _printed(attributes)
    return [f"<{start}>", *inner, f"</{tag}>"] if inner else [f"<{start}/>"]


def _printed(attributes: dict[str, str]) -> str:
    printed = ""
    for name, value in attributes.items():
        if value:
            printed += f' {name}="{in_attribute(value)}"'
    return printed


def escaped(text: str) -> str:
    """``text`` between two tags, as lxml would write it."""
    if "&" in text or "<" in text or ">" in text or "\r" in text:  # few have any of them
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = text.replace("\r", "&#13;")
    return text


def as_plain_text(text: str) -> str:
    """``text`` between two tags of RSS that may hold plain text only (RSS profile, Character Data).

    With ``&`` and ``<`` so written it is that, and not markup that was escaped.
    """
    return escaped(text).replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;")


def in_attribute(text: str) -> str:
    """``text`` between two quotes, as lxml would write it."""
    if "&" in text or "<" in text or ">" in text or '"' in text or not text.isprintable():
        text = escaped(text).replace('"', "&quot;")
        text = text.replace("\n", "&#10;").replace("\t", "&#9;")
    return text
