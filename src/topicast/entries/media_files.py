"""Audio and video files that a record shows beside its downloads: readers play them too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from topicast.entries.html import as_html
from topicast.entries.markup import attributes_of, scan
from topicast.entries.media_types import media_type, medium
from topicast.entries.rebuild import DROPPED
from topicast.entries.urls import absolute
from topicast.records.model import BodyKind

_PLAYED = frozenset({"audio", "video", "source"})
_IN_BODY = re.compile(r"<(?:audio|video)\b", re.IGNORECASE)


def media_files(
    embed: str, link: str, body: str, kind: BodyKind, site_url: str
) -> Iterator[tuple[str, str]]:
    """Address and type of each file: what is embedded, what is linked, what the body plays.

    ``embed`` and ``link`` are addresses for readers already; those in the body are resolved on
    ``link``.
    """
    for address in (embed, link, *_played(body, kind, link, site_url)):
        type_ = media_type(address)
        if medium(type_):
            yield address, type_


def _played(body: str, kind: BodyKind, link: str, site_url: str) -> Iterator[str]:
    if not body or not _IN_BODY.search(body):
        return
    for _, name, written in scan(as_html(body, kind), DROPPED):
        if name in _PLAYED and (source := attributes_of(written).get("src")):
            yield absolute(source, link, site_url) or ""
