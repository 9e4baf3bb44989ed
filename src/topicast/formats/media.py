"""Media RSS (``media:``) for RSS and Atom: pictures, and what can be played."""

from __future__ import annotations

from collections.abc import Iterator

from topicast.entries.media_types import media_type, medium
from topicast.entries.model import Enclosure
from topicast.formats.fields import EntryFields
from topicast.formats.node import Node, node
from topicast.records.model import Image


def media(fields: EntryFields) -> Iterator[Node]:
    """A ``media:content`` each, and the first picture as ``media:thumbnail``."""
    for image in fields.images:
        yield _picture(image)
    for file in fields.enclosures:
        if medium(file.type):
            yield _file(file)
    if fields.player:
        player = node("media:player", url=fields.player)
        yield node("media:content", player, medium="video", duration=fields.duration or "")
    if fields.images:
        first = fields.images[0]
        size = {"width": first.width or "", "height": first.height or ""}
        yield node("media:thumbnail", url=first.url, **size)


def _picture(image: Image) -> Node:
    type_ = media_type(image.url)
    texts = (("media:description", image.title), ("media:credit", image.attribution))
    return node(
        "media:content",
        *(Node(tag, text) for tag, text in texts if text),
        url=image.url,
        medium="image",
        type=type_ if type_.startswith("image/") else "",
        width=image.width or "",
        height=image.height or "",
    )


def _file(file: Enclosure) -> Node:
    return node(
        "media:content",
        *([Node("media:title", file.title)] if file.title else ()),
        url=file.url,
        medium=medium(file.type),
        type=file.type,
        duration=file.duration or "",
    )
