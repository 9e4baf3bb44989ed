"""The rules of JSON Feed 1.1 that a machine can check, and whether three formats say the same.

Like ``feedcheck`` this shares no code with Topicast.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

A = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

TEXT, LIST, NUMBER, OBJECT = str, list, int, dict
# https://www.jsonfeed.org/version/1.1/: each key with its type; what begins with _ is an extension.
FEED = {
    **dict.fromkeys(("version", "title", "home_page_url", "feed_url", "description"), TEXT),
    **dict.fromkeys(("user_comment", "next_url", "icon", "favicon", "language"), TEXT),
    **dict.fromkeys(("authors", "hubs", "items"), LIST),
    "expired": bool,
}
ITEM = {
    **dict.fromkeys(("id", "url", "external_url", "title", "content_html", "content_text"), TEXT),
    **dict.fromkeys(("summary", "image", "banner_image", "date_published"), TEXT),
    **dict.fromkeys(("date_modified", "language"), TEXT),
    **dict.fromkeys(("authors", "tags", "attachments"), LIST),
}
AUTHOR = dict.fromkeys(("name", "url", "avatar"), TEXT)
HUB = dict.fromkeys(("type", "url"), TEXT)
ATTACHMENT = {
    **dict.fromkeys(("url", "mime_type", "title"), TEXT),
    **dict.fromkeys(("size_in_bytes", "duration_in_seconds"), NUMBER),
}
ADDRESSES = ("home_page_url", "feed_url", "url", "external_url", "image", "icon", "favicon")

Faults = Iterator[str]


@lru_cache(maxsize=4096)
def json_faults(data: bytes, address: str, content: Callable[[str], Faults]) -> tuple[str, ...]:
    """What is wrong with a JSON Feed that is public at ``address``; ``content`` judges HTML."""
    try:
        feed = json.loads(data, object_pairs_hook=_without_repeats)
    except ValueError as error:
        return (f"not JSON: {error}",)
    if b"\\u" in data:
        return ("characters are escaped that need not be",)
    return tuple(_feed(feed, address, content))


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key twice in one object")
    return dict(pairs)


def _feed(feed: Any, address: str, content: Callable[[str], Faults]) -> Faults:
    yield from _keys(feed, FEED, ("version", "title", "items"), "the feed")
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version {feed.get('version')!r}"
    if feed.get("feed_url") != address:
        yield f"feed_url is not {address}"
    yield from _each(feed.get("authors", []), AUTHOR, (), "an author")
    yield from _each(feed.get("hubs", []), HUB, ("type", "url"), "a hub")
    ids = [item.get("id") for item in feed["items"]]
    if len(set(ids)) < len(ids):
        yield "an id twice"
    for item in feed["items"]:
        yield from _item(item, content)


def _item(item: Any, content: Callable[[str], Faults]) -> Faults:
    yield from _keys(item, ITEM, ("id",), "an item")
    if not {"content_html", "content_text"} & item.keys():
        yield "an item without content"
    yield from content(item["content_html"]) if "content_html" in item else ()
    yield from _each(item.get("authors", []), AUTHOR, (), "an author")
    yield from _each(item.get("attachments", []), ATTACHMENT, ("url", "mime_type"), "an attachment")
    if not all(isinstance(tag, str) and tag.strip() for tag in item.get("tags", [])):
        yield "a tag that says nothing"


def _each(values: list[Any], known: dict[str, type], needed: tuple[str, ...], what: str) -> Faults:
    for value in values:
        yield from _keys(value, known, needed, what)


def _keys(value: Any, known: dict[str, type], needed: tuple[str, ...], what: str) -> Faults:
    if not isinstance(value, dict):
        yield f"{what} is no object"
        return
    for key in needed:
        if key not in value:
            yield f"{what} without {key}"
    for key, said in value.items():
        if key.startswith("_"):
            if not isinstance(said, dict) or not said:
                yield f"the extension {key} is no object"
        elif not isinstance(said, known.get(key, type(None))) or isinstance(said, bool):
            yield f"{key} in {what} is {said!r}"
        elif key in ADDRESSES and not said.startswith(("http://", "https://")):
            yield f"{key} in {what} is no address"
        elif not said and key != "items":
            yield f"{key} in {what} says nothing"


@lru_cache(maxsize=4096)
def disagreements(rss: bytes, atom: bytes, json_feed: bytes) -> tuple[str, ...]:
    """Where the three feeds of one topic say different things of an entry."""
    items = [_of_rss(item) for item in etree.fromstring(rss).iter("item")]
    entries = [_of_atom(entry) for entry in etree.fromstring(atom).iter(A + "entry")]
    objects = [_of_json(item) for item in json.loads(json_feed)["items"]]
    if not len(items) == len(entries) == len(objects):
        return (f"{len(items)}, {len(entries)} and {len(objects)} entries",)
    return tuple(
        f"{key} of {b['id']}: RSS {a[key]!r}, Atom {b[key]!r}, JSON {c[key]!r}"
        for a, b, c in zip(items, entries, objects, strict=True)
        for key in b
        if not _same(key, a[key], b[key], c[key])
    )


def _same(key: str, rss: Any, atom: Any, json_feed: Any) -> bool:
    # An RSS item has room for one enclosure.
    return bool(atom == json_feed and rss == (atom[:1] if key == "files" else atom))


def _of_rss(item: etree._Element) -> dict[str, Any]:
    links = [link for link in item.findall(A + "link") if link.get("rel") == "related"]
    return {
        "id": item.findtext("guid"),
        "title": item.findtext("title"),
        "link": item.findtext("link", ""),
        "summary": html.unescape(item.findtext("description", "")),
        "revised": item.find(A + "updated") is not None,
        "content": item.findtext(CONTENT, ""),
        "authors": [one.text for one in item.findall(DC + "creator")],
        "tags": [one.text for one in item.findall("category")],
        "language": item.findtext(DC + "language", ""),
        "files": [(one.get("url"), one.get("type")) for one in item.findall("enclosure")],
        "related": [(one.get("href"), one.get("title")) for one in links],
        "image": _thumbnail(item),
        "player": _player(item),
    }


def _of_atom(entry: etree._Element) -> dict[str, Any]:
    links = {rel: [] for rel in ("alternate", "related", "enclosure")}
    for link in entry.findall(A + "link"):
        links[link.get("rel")].append(link)
    return {
        "id": entry.findtext(A + "id"),
        "title": entry.findtext(A + "title"),
        "link": next((one.get("href") for one in links["alternate"]), ""),
        "summary": entry.findtext(A + "summary"),
        "revised": entry.findtext(A + "updated") != entry.findtext(A + "published"),
        "content": entry.findtext(A + "content", ""),
        "authors": [one.text for one in entry.findall(f"{A}author/{A}name")],
        "tags": [one.get("term") for one in entry.findall(A + "category")],
        "language": entry.get(LANG, ""),
        "files": [(one.get("href"), one.get("type")) for one in links["enclosure"]],
        "related": [(one.get("href"), one.get("title")) for one in links["related"]],
        "image": _thumbnail(entry),
        "player": _player(entry),
    }


def _of_json(item: dict[str, Any]) -> dict[str, Any]:
    extension = item.get("_topicast", {})
    player = extension.get("player", {})
    return {
        "id": item["id"],
        "title": item["title"],
        "link": item.get("url", ""),
        "summary": item["summary"],
        "revised": item["date_modified"] != item["date_published"],
        "content": item.get("content_html", ""),
        "authors": [one["name"] for one in item.get("authors", [])],
        "tags": item.get("tags", []),
        "language": item.get("language", ""),
        "files": [(one["url"], one["mime_type"]) for one in item.get("attachments", [])],
        "related": [(one["url"], one["title"]) for one in extension.get("related", [])],
        "image": item.get("image"),
        "player": (player["url"], str(player.get("duration_in_seconds", ""))) if player else None,
    }


def _thumbnail(parent: etree._Element) -> str | None:
    found = parent.find(MEDIA + "thumbnail")
    return None if found is None else found.get("url")


def _player(parent: etree._Element) -> tuple[str | None, str] | None:
    for content in parent.findall(MEDIA + "content"):
        if (player := content.find(MEDIA + "player")) is not None:
            return player.get("url"), content.get("duration", "")
    return None
