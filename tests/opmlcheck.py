"""The rules of OPML 2.0 on subscription lists that a machine can check."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from xml.etree import ElementTree

KNOWN = {"type", "text", "title", "xmlUrl", "htmlUrl", "description", "language", "version"}
NEEDED = ("type", "text", "xmlUrl")


@lru_cache(maxsize=4096)
def opml_faults(data: bytes) -> tuple[str, ...]:
    """What is wrong with a list of feeds."""
    try:
        return tuple(_document(ElementTree.fromstring(data)))
    except ElementTree.ParseError as error:
        return (f"not well-formed: {error}",)


def _document(root: ElementTree.Element) -> Iterator[str]:
    if (root.tag, root.get("version")) != ("opml", "2.0"):
        yield "not OPML 2.0"
    if [child.tag for child in root] != ["head", "body"]:
        yield "not a head and a body"
    outlines = list(root.iter("outline"))
    if not outlines:
        yield "no outline"
    for outline in outlines:
        if len(outline):
            yield from _group(outline)
        else:
            yield from _feed(outline)
    addresses = [outline.get("xmlUrl") for outline in outlines if not len(outline)]
    if len(set(addresses)) < len(addresses):
        yield "a feed twice"


def _group(outline: ElementTree.Element) -> Iterator[str]:
    """Importers lose a feed that has others in it, so what holds others is no feed."""
    if not outline.get("text", "").strip():
        yield "a group without text"
    if not set(outline.keys()) <= {"text", "title"}:
        yield f"a group that says more than its name: {sorted(outline.keys())}"


def _feed(outline: ElementTree.Element) -> Iterator[str]:
    for name in NEEDED:
        if not outline.get(name, "").strip():
            yield f"an outline without {name}"
    if outline.get("type") != "rss":
        yield f"type {outline.get('type')!r}"
    for name in ("xmlUrl", "htmlUrl"):
        if not outline.get(name, "https:").startswith(("http:", "https:")):
            yield f"{name} is no address"
    for name, value in outline.attrib.items():
        if name not in KNOWN:
            yield f"unknown attribute {name}"
        if not value.strip():
            yield f"blank {name}"
