"""The real records read a second time, by a few lines that share nothing with Topicast.

It knows what the archive of real records holds and no more: front matter in YAML between ``---``
lines, and addresses, times and file names that need no mending.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
import yaml

AUTHORITY = "feeds.example.org,2026"


def _records() -> Path | None:
    beside = Path(__file__).parents[2] / "shared" / "records"
    folder = Path(os.environ.get("TOPICAST_RECORDS") or beside)
    return folder if (folder / "news").is_dir() else None


RECORDS = _records()
needs_records = pytest.mark.skipif(
    RECORDS is None, reason="the real records are not here: TOPICAST_RECORDS names their folder"
)


class Seen(NamedTuple):
    """What a reader must get of one record. ``state`` says why none may get it, or is ""."""

    id: str
    title: str
    summary: str
    link: str
    published: datetime | None
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    state: str


def read(path: str, text: str) -> Seen:
    _, front, body = re.split(r"^---\s*$", text, maxsplit=2, flags=re.MULTILINE)
    fields: dict[str, Any] = yaml.safe_load(front)
    stem = path.rpartition("/")[2].removesuffix(".md")
    title = _plain(fields["title"])
    people = [person["name"] for person in fields["provider"].get("authors", [])]
    published = fields.get("publishedDateTime")
    return Seen(
        id=f"tag:{AUTHORITY}:{quote(stem)}",
        title=title,
        summary=_plain(fields["excerpt"]) or _plain(body) or title,
        link=fields.get("webUrl") or fields.get("originalUrl") or "",
        published=published and published.astimezone(UTC),
        authors=tuple(people or [fields["provider"]["name"]]),
        topics=tuple(fields["topics"]),
        state=_state(fields),
    )


def _state(fields: Mapping[str, Any]) -> str:
    if fields.get("removed") is True:
        return "withdrawn"
    if fields.get("published") is False:
        return "unpublished"
    return "" if fields.get("publishedDateTime") else "undated"


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"</?[a-z][^>]*>", "", text)).split())


def read_folder(root: Path, folders: Iterable[str]) -> dict[str, Seen]:
    """What is read of each ``.md`` file in ``folders`` of ``root``, by path from ``root`` on."""
    return {
        (path := file.relative_to(root).as_posix()): read(path, file.read_text("utf-8"))
        for folder in folders
        for file in sorted((root / folder).rglob("*.md"))
    }


def feeds_of(
    records: Iterable[Seen],
    now: datetime,
    *,
    limit: int,
    preview: bool = False,
    parents: Mapping[str, str] | None = None,
) -> dict[str, list[Seen]]:
    """The entries of each feed in their order: by topic name, "" for all topics together."""
    hidden = ("withdrawn", "undated") if preview else ("withdrawn", "undated", "unpublished")
    feeds: dict[str, list[Seen]] = {"": []}
    for one in records:
        if one.state in hidden or one.published is None or one.published > now:
            continue
        names = set(one.topics)
        names |= {parents[name] for name in names if name in parents} if parents else set()
        for name in ("", *names):
            feeds.setdefault(name, []).append(one)
    return {name: sorted(feed, key=_place)[:limit] for name, feed in feeds.items()}


def _place(one: Seen) -> tuple[float, str]:
    assert one.published is not None
    return -one.published.timestamp(), one.id


def slug(name: str) -> str:
    """The folder of a topic of the archive: its names are plain words."""
    return name.lower().replace(" ", "-")
