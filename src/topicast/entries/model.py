"""``Entry``: what readers may see of a record; the same in every feed and format.

Text is plain, NFC is not forced, and holds only characters of XML 1.0 without C1 controls.
Addresses are absolute http(s) URIs in ASCII.
"""

from __future__ import annotations

import msgspec

from topicast.records.model import BodyKind, Image, Micros, Related


class Enclosure(msgspec.Struct, frozen=True, array_like=True):
    url: str
    type: str
    title: str = ""
    duration: int = 0


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """The public part of one record, made where a feed prints it."""

    title: str
    summary: str
    link: str  # "" where there is none; then there is a body
    published: Micros
    updated: Micros  # as written, and never before published; may be ahead of now
    body: str = ""  # source of the content; made into clean HTML when it is rendered
    body_kind: BodyKind = ""
    topics: tuple[str, ...] = ()  # names as written
    categories: tuple[str, ...] = ()  # further ones
    provider: str = ""
    provider_domain: str = ""
    authors: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[Related, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    embed: str = ""  # the address of the embedded page
    duration: int = 0
    language: str = ""
    base: str = ""  # what relative addresses in the body are resolved on
    unpublished: bool = False  # only in previews
