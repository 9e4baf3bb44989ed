"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from typing import Any

import msgspec

from topicast.formats.fields import EntryFields, feed_fields
from topicast.formats.format import Format
from topicast.formats.model import Feed
from topicast.times import rfc3339

_FILENAME = "feed.json"
_VERSION = "https://jsonfeed.org/version/1.1"
_ITEMS = b',\n  "items": ['
_BEFORE_ITEM = b"\n    "

_encode = msgspec.json.Encoder().encode


def head(feed: Feed) -> bytes:
    """The feed up to its first item."""
    fields = feed_fields(feed)
    said = {
        "version": _VERSION,
        "title": fields.title,
        "home_page_url": fields.page,
        "feed_url": fields.folder + _FILENAME,
        "description": fields.description,
        "icon": fields.logo.url if fields.logo else fields.icon,
        "favicon": fields.icon,
        "authors": [{"name": fields.author}],
        "language": fields.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in fields.hubs],
    }
    return _indented(said).removesuffix(b"\n}") + _ITEMS


def entry(fields: EntryFields) -> bytes:
    """One item."""
    shown = {"content_html": fields.content} if fields.content else {"content_text": fields.summary}
    said = {
        "id": fields.id,
        "url": fields.link,
        "title": fields.title,
        "summary": fields.summary,
        **shown,
        "image": fields.images[0].url if fields.images else "",
        "date_published": rfc3339(fields.published),
        "date_modified": rfc3339(fields.updated),
        "authors": [{"name": name} for name in fields.authors],
        "tags": fields.categories,
        "language": fields.language,
        "attachments": [
            _present(
                {
                    "url": file.url,
                    "mime_type": file.type,
                    "title": file.title,
                    "duration_in_seconds": file.duration,
                }
            )
            for file in fields.enclosures
        ],
        "_topicast": _extension(fields),
    }
    return _BEFORE_ITEM + _indented(said).replace(b"\n", _BEFORE_ITEM)


def tail(feed: Feed) -> bytes:
    return b"\n  ]\n}\n"


def _extension(fields: EntryFields) -> dict[str, Any]:
    """What JSON Feed has no word for."""
    said: dict[str, Any] = {}
    if fields.unpublished:
        said["published"] = False
    if fields.publisher or fields.provider_domain:
        provider = {"name": fields.publisher, "domain": fields.provider_domain}
        said["provider"] = _present(provider)
    if fields.player:
        player = {"url": fields.player, "duration_in_seconds": fields.duration}
        said["player"] = _present(player)
    if fields.related:
        said["related"] = [{"url": one.url, "title": one.title} for one in fields.related]
    return said


def _present(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value}


def _indented(said: dict[str, Any]) -> bytes:
    return msgspec.json.format(_encode(_present(said)), indent=2)


JSON = Format(
    name="json",
    filename=_FILENAME,
    media_type="application/feed+json",
    label="JSON Feed",
    head=head,
    entry=entry,
    separator=b",",
    tail=tail,
)
