"""Media RSS (``media:``) for RSS and Atom: pictures, and what can be played."""

from __future__ import annotations

from functools import lru_cache

from topicast.entries.media_types import media_type, medium
from topicast.entries.model import Enclosure
from topicast.formats.fields import EntryFields
from topicast.formats.lines import element, parent
from topicast.records.model import Image


@lru_cache(maxsize=256)  # RSS and Atom ask for the same, one after the other
def media(fields: EntryFields) -> tuple[str, ...]:
    """A ``media:content`` each, and the first picture as ``media:thumbnail``."""
    lines: list[str] = []
    for image in fields.images:
        lines += _picture(image)
    for file in fields.enclosures:
        if medium(file.type):
            lines += _file(file)
    if fields.player:
        player = [element("media:player", url=fields.player)]
        duration = _known(fields.duration)
        lines += parent("media:content", player, medium="video", duration=duration)
    if fields.images:
        first = fields.images[0]
        width, height = _known(first.width), _known(first.height)
        lines.append(element("media:thumbnail", url=first.url, width=width, height=height))
    return tuple(lines)


def _picture(image: Image) -> list[str]:
    type_ = media_type(image.url)
    said = [element("media:description", image.title)] if image.title else []
    if image.attribution:
        said.append(element("media:credit", image.attribution))
    return parent(
        "media:content",
        said,
        url=image.url,
        medium="image",
        type=type_ if type_.startswith("image/") else "",
        width=_known(image.width),
        height=_known(image.height),
    )


def _file(file: Enclosure) -> list[str]:
    return parent(
        "media:content",
        [element("media:title", file.title)] if file.title else [],
        url=file.url,
        medium=medium(file.type),
        type=file.type,
        duration=_known(file.duration),
    )


def _known(number: int) -> str:
    """A size or length, "" where it is not known."""
    return str(number) if number else ""
