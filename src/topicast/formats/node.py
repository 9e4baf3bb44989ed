"""``Node``: an element that feedgen has no words for, with the prefix that readers look for."""

from __future__ import annotations

import msgspec

ATOM = "http://www.w3.org/2005/Atom"

NAMESPACES = {
    "app": "http://www.w3.org/2007/app",
    "atom": ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}


class Node(msgspec.Struct, frozen=True):
    """One XML element: ``tag`` is ``name`` or ``prefix:name``, a prefix being of ``NAMESPACES``.

    The head of a feed must declare the prefix. Values come from ``fields``, so they are legal.
    """

    tag: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Node, ...] = ()


def node(tag: str, *children: Node, **attributes: str | int) -> Node:
    """An element with attributes, of which those that are "" are left out."""
    shown = tuple((name, str(value)) for name, value in attributes.items() if value != "")
    return Node(tag, attributes=shown, children=children)
