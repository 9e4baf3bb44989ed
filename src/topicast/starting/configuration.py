"""A commented ``topicast.toml``, made of ``config.py``: every key with its default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from topicast.config import (
    Config,
    Feeds,
    Fields,
    Html,
    Records,
    Schedule,
    Site,
    Topics,
    TopicSettings,
    WebSub,
)

_TOP = """\
# The configuration of Topicast. A line like "#key = value" shows a default, or an example where
# there is none: take the # away to change it. Paths are relative to this file. "topicast lint"
# checks records, "topicast build" makes the feeds.
"""

TABLES: dict[type[msgspec.Struct], str] = {
    Site: "Who publishes.",
    Records: "Where the records are, and which files count.",
    Feeds: "What is written, and where.",
    Topics: "Which topics have feeds.",
    Fields: "Records that were written for another program.",
    Html: "The pages beside the feeds.",
    WebSub: "Hubs that pass on what is new at once (WebSub).",
    Schedule: '"topicast schedule" and "topicast watch".',
}

COMMENTS: dict[type[msgspec.Struct], dict[str, str]] = {
    Site: {
        "title": "of the feed of all topics",
        "url": 'the website that the records are about; "" is base_url',
        "base_url": "the address at which the folder of feeds is served; readers need a real one",
        "authority": 'the host in the ids of entries; "" is that of base_url, for good',
        "since": "the year in the ids of entries: never change it after the first build",
        "timezone": 'of dates without one, such as "Europe/Berlin"; "" is UTC',
        "language": "of the records",
        "author": 'of entries without one; "" is the title',
        "description": "of the feed of all topics",
        "rights": 'such as "CC BY 4.0"',
        "icon": "the address of a small square picture",
        "logo": "the address of a wide picture",
        "logo_width": "of the logo in pixels; RSS shows only one of at most 144 by 400",
        "logo_height": "likewise",
    },
    Records: {
        "path": "the folder of records",
        "include": 'patterns of paths in it, such as ["news/*"]; [] is all',
        "exclude": "patterns of paths that are left out",
    },
    Feeds: {
        "out": "the folder of feeds",
        "preview": "the folder of feeds with unpublished records, for your eyes only",
        "limit": "how many of the newest entries a feed holds",
        "formats": "which of these are written",
        "content": '"full" shows bodies too, "summary" only what entries are about',
        "all_content": 'the same for the feed of all topics; "" is as content',
        "archives": "true keeps every entry in a document for each month, as RFC 5005 has it",
        "tombstones": "true says in Atom which entries were withdrawn, and when (RFC 6721)",
        "summary_length": "characters of a body that stand for a missing excerpt",
        "embeds": "hosts whose players may stand in content",
        "ttl": "minutes for which readers may keep a feed; without it nothing is said of that",
        "duplicates": '"newest" shows only one of several entries with the same link',
        "title": "of the feed of one topic",
    },
    Topics: {
        "file": 'names, addresses, parents and aliases; "" is topics.yaml, if it is there',
        "include": 'patterns of names, such as ["AI*"]; [] is all',
        "exclude": "patterns of names that have no feed",
    },
    TopicSettings: {
        "title": '"" is as [feeds] has it',
        "limit": "likewise",
        "content": "likewise",
        "description": '"" is that of topics.yaml',
        "language": '"" is that of [site]',
    },
    Fields: {
        "preset": '"jekyll", "hugo" or "pelican"',
        "link": 'for records without one, such as "{url}/{year}/{month}/{slug}/"',
        "categories": 'further categories of entries: of "category", "tags" and "type"',
    },
    Html: {"templates": 'a folder of page templates of your own; "" is ours'},
    WebSub: {
        "hubs": 'addresses, such as ["https://hub.example.org/"]',
        "after": 'who tells them: "build" is schedule and watch, "ping" is "topicast ping"',
    },
    Schedule: {"ping_url": "of a cron monitor; /start and /fail are appended where it applies"},
}

# What a key that is not set by default looks like.
_EXAMPLES = {"since": 2026, "logo_width": 144, "logo_height": 48, "ttl": 60, "limit": 50}


def configuration(since: int, base_url: str) -> str:
    """The text of a new ``topicast.toml``. ``since`` is a year; ``base_url`` may be ""."""
    set_now: dict[str, Any] = {"since": since} | ({"base_url": base_url} if base_url else {})
    names = {field.type: field.name for field in msgspec.structs.fields(Config)}
    parts = [_TOP]
    for struct, comment in TABLES.items():
        lines = [f"\n# {comment}", f"[{names[struct]}]"]
        lines += _lines(struct, set_now if struct is Site else {})
        if struct is Fields:
            lines.append('#title = "headline"  # any field of a record, and what yours is called')
        parts += [line + "\n" for line in lines]
        if struct is Topics:
            lines = ["\n# One topic, by its name.", '#[topics."AI Hardware"]']
            parts += [line + "\n" for line in [*lines, *_lines(TopicSettings, {})]]
    return "".join(parts)


def _lines(struct: type[msgspec.Struct], set_now: dict[str, Any]) -> Iterator[str]:
    for field in msgspec.structs.fields(struct):
        comment = COMMENTS[struct].get(field.name)
        if comment is None:  # a mapping: its keys are the user's
            continue
        default = field.default if field.default is not None else _EXAMPLES[field.name]
        value = set_now.get(field.name, default)
        off = "" if field.name in set_now else "#"
        yield f"{off}{field.name} = {_toml(value)}  # {comment}"


def _toml(value: Any) -> str:
    """The value in TOML, whose texts and lists are those of JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
