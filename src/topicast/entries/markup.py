"""Tags as the tokenizer of the HTML standard sees them, in linear time on any input.

A small tokenizer of our own, and not a parser: a parser builds trees, and a hostile text of one
megabyte (tags that are never closed) makes trees of gigabytes. Nothing here is a safeguard:
what is published as HTML goes through nh3 afterwards.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# Possessive quantifiers and "or at the end" in every branch: no branch can fail after having read
# on, so no character is read more than a few times.
_ATTRIBUTE = (
    r"[^\s/>][^\s/>=]*+"
    r"(?:\s*+=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+"
)
_MARKUP = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|<(?P<name>/?[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[\s/]++|{_ATTRIBUTE})*+)(?P<end>>|\Z)"
    r"|<[!?][^>]*+(?:>|\Z)"
    r"|</>",
    re.ASCII | re.DOTALL,
)
_ATTRIBUTES = re.compile(
    r"([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"?|'([^']*+)'?|([^\s>]*+)))?+", re.ASCII
)
_TAG_IN_RUINS = re.compile(r"</?[a-zA-Z][^<>]*+>")


def names(text: str) -> frozenset[str]:
    """A set of element names, written as one text."""
    return frozenset(text.split())


# Elements whose content is no markup, up to their end tag.
_RAW = names("script style iframe noembed noframes title textarea xmp")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.ASCII | re.I) for name in _RAW}

# In an attribute "&copy=2" is no reference (it is in text): only what ends in ";" counts.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,9};?|#[xX][0-9a-fA-F]{1,9};?|[A-Za-z][A-Za-z0-9]{1,31};)")

Piece = tuple[str, str, str]


def scan(source: str, dropped: frozenset[str]) -> Iterator[Piece]:
    """Each tag with the text before it: ``(text, name, attributes)``, text undecoded.

    ``name`` is in lower case, ``"/p"`` for an end tag, and ``""`` where there is no tag (at a
    comment and at the end). Elements in ``dropped`` are passed over with all that they hold, and
    their name is given as ``"!iframe"``. A tag that never ends is text.
    """
    position = 0
    while match := _MARKUP.search(source, position):
        text = source[position : match.start()]
        position = match.end()
        if match["end"] == "":
            yield text + _TAG_IN_RUINS.sub("", match[0]), "", ""
            return
        name = (match["name"] or "").lower()
        if name in dropped:
            position = _after(source, name, position)
            name = "!" + name
        yield text, name, match["attributes"] or ""
    yield source[position:], "", ""


def _after(source: str, name: str, position: int) -> int:
    """Where the element ``name`` that opened just before ``position`` ends."""
    if name in _RAW:
        end = _RAW_END[name].search(source, position)
        return end.end() if end else len(source)
    depth = 1
    while depth and (match := _MARKUP.search(source, position)):
        position = match.end()
        found = (match["name"] or "").lower()
        if found in _RAW:
            position = _after(source, found, position)
        elif found == name:
            depth += 1
        elif found == "/" + name:
            depth -= 1
    return len(source) if depth else position


def attributes_of(written: str) -> dict[str, str]:
    """The attributes of a tag, names in lower case, values decoded; the first of two counts."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTES.findall(written):
        value = "".join(values)
        if "&" in value:
            value = _REFERENCE.sub(lambda match: html.unescape(match[0]), value)
        found.setdefault(name.lower(), value)
    return found
