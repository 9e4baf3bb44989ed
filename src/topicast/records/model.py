"""``Record``: what a file says, typed, and nothing that must not leave it.

Instants are microseconds since 1970-01-01T00:00:00Z. Text is as written: cleaning it for readers
is the work of ``entries``. A field that is not here (``secured``, ``heat``, unknown ones) has not
been taken out of the file at all.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Micros = int
BodyKind = Literal["", "markdown", "html", "text"]
BODY_KINDS: dict[str, BodyKind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".txt": "text",
}
"""What stands below the front matter of a file, by its suffix."""


class Image(msgspec.Struct, frozen=True, array_like=True):
    url: str
    width: int = 0  # pixels; 0 where unknown
    height: int = 0
    title: str = ""
    attribution: str = ""


class Related(msgspec.Struct, frozen=True, array_like=True):
    title: str
    url: str


class Download(msgspec.Struct, frozen=True, array_like=True):
    """An ``actions`` item of type ``download``."""

    url: str
    title: str = ""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One record. ``item`` is its place in a file that holds many (0 for the first or only one)."""

    path: str  # from SEEDS on, with "/"
    title: str
    item: int = 0
    many: bool = False  # an item of a list, a line, or a later document of a stream
    id: str = ""
    excerpt: str = ""
    body: str = ""
    body_kind: BodyKind = ""
    web_url: str = ""
    original_url: str = ""
    embed: str = ""  # featuredContent, as written
    own_link: str = ""  # of an item in a file of many, the first link as written; no template's
    slug: str = ""  # the field ``slug``, for link templates
    published: Micros | None = None
    updated: Micros | None = None
    expires: Micros | None = None
    removed_at: Micros | None = None  # removedDateTime
    unpublished: bool = False
    withdrawn: bool = False
    topics: tuple[str, ...] = ()  # names as written, each once
    categories: tuple[str, ...] = ()  # category, tags, type: as [fields] categories asks for
    provider: str = ""
    provider_domain: str = ""
    authors: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[Related, ...] = ()
    downloads: tuple[Download, ...] = ()
    duration: int = 0  # seconds, from ``length``
    language: str = ""  # locale
    template_link: str = ""  # what [fields] link makes of it, for one without a link of its own
