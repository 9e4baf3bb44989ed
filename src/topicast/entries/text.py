"""Plain text for readers: no tags, no entities, no character that XML cannot carry."""

from __future__ import annotations

import html
import re
import sys
import unicodedata

from topicast.entries.markup import names, scan

# Outside XML 1.0's Char, and DEL and the C1 controls, which the W3C validator calls bad characters.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_HUGE_REFERENCE = re.compile(r"&#[0-9]{100,};?")

_NO_TEXT = names("script style iframe noembed noframes object template svg math")
# What a browser shows apart: a blank takes the place of these tags, nothing that of the others.
BLOCKS = names(
    "address article aside blockquote br caption center dd details div dl dt figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td "
    "tfoot th thead tr ul video audio"
)


def plain(text: str) -> str:
    """Tags stripped, then entities decoded, once; white space collapsed to single blanks.

    A tag is what the HTML standard's tokenizer sees as one, so ``a < b`` and ``<3`` are text and
    ``C<T>`` loses its ``<T>``. Scripts and styles go with what they hold.
    """
    if "<" in text or "&" in text:
        text = _unmarked(xml_safe(text))
    # Most texts need no more, and that is known soonest so: what is printable has no white space
    # but blanks, and nothing illegal.
    if text.isprintable() and "  " not in text:
        return text.strip()
    return collapse(xml_safe(text))


def _unmarked(text: str) -> str:
    if "<" in text:
        text = strip_tags(text)
    return decode(text) if "&" in text else text


def strip_tags(source: str, dropped: frozenset[str] = _NO_TEXT, limit: int = sys.maxsize) -> str:
    """The text of ``source`` without the elements ``dropped``, entities as they are.

    Reading stops when there are ``limit`` characters of it.
    """
    pieces: list[str] = []
    length = 0
    for text, name, _ in scan(source, dropped):
        pieces.append(text)
        length += len(text.strip())
        if length >= limit:
            break
        if name.lstrip("/") in BLOCKS:
            pieces.append(" ")
    return "".join(pieces)


def decode(text: str) -> str:
    """Entities decoded once, as HTML does it in text."""
    if "&#" in text:
        # int() refuses more than 4,300 digits; such a reference is U+FFFD anyway.
        text = _HUGE_REFERENCE.sub("\ufffd", text)
    return html.unescape(text)


def collapse(text: str) -> str:
    """White space (no-break spaces too) collapsed to single blanks, none at the ends."""
    return " ".join(text.split())


def xml_safe(text: str) -> str:
    """``text`` without what XML 1.0 cannot carry (section 2.2), DEL and C1 controls."""
    return text if text.isprintable() else _ILLEGAL.sub("", text)


def title_text(text: str) -> str:
    """``plain`` without bidi embeddings, overrides and isolates, which would turn a page around.

    Marks (U+200E, U+200F) and joiners stay: right-to-left titles and emoji need them.
    """
    title = plain(text)
    return title if title.isprintable() else name_text(title)


def name_text(text: str) -> str:
    """A topic's name clean like a title, but that ``<`` and ``&`` are text in it."""
    return collapse(_BIDI.sub("", xml_safe(text)))


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters (at least 1), cut on a word and ending in ``…`` where cut.

    Where no blank is in the second half (Chinese, one very long word) it is cut between
    characters, never before a combining mark.
    """
    if len(text) <= limit:
        return text
    end = text.rfind(" ", 0, limit)
    if end < limit // 2:
        end = limit - 1
        while end > 0 and (_joins(text[end]) or text[end - 1] == "\u200d"):
            end -= 1
        end = end or limit - 1
    return text[:end].rstrip() + "…"


def _joins(character: str) -> bool:
    """Whether the character belongs to the one before it: marks, joiners, skin tones."""
    return (
        unicodedata.category(character).startswith("M")
        or character == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
