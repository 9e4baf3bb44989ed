"""``Node``: an element that feedgen has no words for, with the prefix that readers look for."""

from __future__ import annotations

import msgspec

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
_IN_TEXT = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))
_IN_ATTRIBUTE = (*_IN_TEXT, ('"', "&quot;"), ("\n", "&#10;"), ("\t", "&#9;"))


def _escaped(text: str, signs: tuple[tuple[str, str], ...]) -> str:
    for sign, reference in signs:
        if sign in text:
            text = text.replace(sign, reference)
    return text


class Node(msgspec.Struct, frozen=True):
    """One XML element: ``tag`` is ``name`` or ``prefix:name``, a prefix being of ``NAMESPACES``.

    The head of a feed must declare the prefix. Values come from ``fields``, so they are legal.
    """

    tag: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Node, ...] = ()

    def print(self, parts: list[str], depth: int) -> None:
        """Add to ``parts`` its lines as lxml would write and indent them, namespaces left out."""
        indent = INDENT * depth
        parts += (indent, "<", self.tag)
        for name, value in self.attributes:
            parts += (" ", name, '="', _escaped(value, _IN_ATTRIBUTE), '"')
        if self.children:
            parts.append(">\n")
            for child in self.children:
                child.print(parts, depth + 1)
            parts += (indent, "</", self.tag, ">\n")
        elif self.text:
            parts += (">", _escaped(self.text, _IN_TEXT), "</", self.tag, ">\n")
        else:
            parts.append("/>\n")


def node(tag: str, *children: Node, **attributes: str | int) -> Node:
    """An element with attributes, of which those that are "" are left out."""
    shown = tuple((name, str(value)) for name, value in attributes.items() if value != "")
    return Node(tag, attributes=shown, children=children)
