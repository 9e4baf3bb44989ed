"""``Record`` to ``Entry``: the public part of a record, clean for every format (section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from topicast.config import Config
from topicast.entries.embeds import page_of_embed
from topicast.entries.html import clean_html, plain_of_html
from topicast.entries.media_files import media_files
from topicast.entries.media_types import UNKNOWN, media_type, medium
from topicast.entries.model import Enclosure, Entry
from topicast.entries.text import cut, name_text, plain, title_text, xml_safe
from topicast.entries.urls import absolute
from topicast.problems import Found, Level
from topicast.records.languages import language_tag
from topicast.records.model import Image, Micros, Record, Related

_ANY_SITE = "https://example.org"
_REMEDY = "write a full address, such as https://example.org/page"


class EntrySettings(msgspec.Struct, frozen=True):
    """What an entry depends on beside its record. ``site_url`` is without a trailing slash.

    ``summary_length`` is how many characters of a body stand for a missing excerpt.
    """

    site_url: str
    summary_length: int = 300

    @classmethod
    def of(cls, config: Config) -> EntrySettings:
        return cls(config.site_url, config.feeds.summary_length)


class Look(msgspec.Struct, frozen=True, array_like=True):
    """What of an entry decides where it stands, before anyone needs the rest of it."""

    link: str
    updated: Micros  # as written, and never before published
    bare: bool  # neither a link nor content: it cannot be shown
    topics: tuple[str, ...]


def look_at(record: Record, settings: EntrySettings) -> tuple[Look, list[Found]]:
    """A first look at the entry of a dated record, and what is wrong with what was looked at.

    Most records of an archive are in no feed's window: their entries are never made whole. Raises
    ValueError for a record without a date.
    """
    work = _Work(record, settings)
    if not record.title[:1].isalnum():  # else something is left of it, whatever follows
        work.title()
    link = work.link()
    look = Look(
        link=link,
        updated=work.updated,
        bare=not link and not work.body(link),
        topics=topics_of(record),
    )
    return look, work.found


def own_link(record: Record) -> str:
    """The link of an item in a file of many, as written; "" where it has none of its own.

    That is the first that can be an address, the page that an embed shows among them. It is not
    made absolute: it would change with the configuration then, and the id with it.
    """
    if not record.own_link:
        return ""
    links = (record.web_url, record.original_url, page_of_embed(record.embed))
    good = (link.strip() for link in links if link.strip() and absolute(link, "", _ANY_SITE))
    return next(good, record.own_link)


def topics_of(record: Record) -> tuple[str, ...]:
    """The names of its topics as they are compared and shown."""
    names = tuple(map(_topic_name, record.topics))
    return names if names == record.topics else _each(names)  # most are clean as written


_topic_name = lru_cache(maxsize=4096)(name_text)
"""As ``name_text``: an archive has few topics, and each record names some."""


def entry_of(record: Record, settings: EntrySettings) -> tuple[Entry, list[Found]]:
    """The entry of a dated record, and what was passed over on the way.

    An entry without a link has a body that shows something, or body "" (then it is no use).
    An error is found only where nothing is left of the title. Raises ValueError for a record
    without a date.
    """
    work = _Work(record, settings)
    title = work.title()
    link = work.link()
    body = work.body(link)
    entry = Entry(
        title=title,
        summary=_summary(record, settings.summary_length) or title,
        link=link,
        published=work.published,
        updated=work.updated,
        body=body,
        body_kind=record.body_kind if body else "",
        topics=topics_of(record),
        categories=_each(map(plain, record.categories)),
        provider=plain(record.provider),
        provider_domain=plain(record.provider_domain),
        authors=_each(map(plain, record.authors)),
        images=work.images(link),
        related=work.related(link),
        enclosures=work.enclosures(link),
        embed=work.embed,
        duration=record.duration,
        language=language_tag(record.language),
        base=link,
        unpublished=record.unpublished,
    )
    return entry, work.found


def _summary(record: Record, length: int) -> str:
    excerpt = plain(record.excerpt)
    if excerpt or not record.body.strip():
        return excerpt
    return cut(plain_of_html(record.body, record.body_kind, max(1_000, 2 * length)), length)


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts that say something, each once."""
    return tuple(dict.fromkeys([text for text in texts if text]))


class _Work:
    """The dates and addresses of one record, and what was found wrong with them."""

    def __init__(self, record: Record, settings: EntrySettings) -> None:
        if record.published is None:
            raise ValueError("an entry needs a date")
        self.published = record.published
        self.updated = record.published
        if record.updated is not None and record.updated > record.published:
            self.updated = record.updated
        self.record = record
        self.site_url = settings.site_url
        self.found: list[Found] = []
        self.embed = ""
        if record.embed and (page := page_of_embed(record.embed)):
            self.embed = absolute(page, "", settings.site_url) or ""

    def title(self) -> str:
        title = title_text(self.record.title)
        if not title:
            expected = "nothing is left of it without tags and control characters"
            self.found.append(Found("title", expected, "write a title in words"))
        return title

    def link(self) -> str:
        """The first good address of webUrl, originalUrl, featuredContent's page, the template."""
        record = self.record
        if record.web_url and (link := self._address("webUrl", record.web_url, "")):
            return link
        if record.original_url and (link := self._address("originalUrl", record.original_url, "")):
            return link
        if record.embed and not self.embed and (page := page_of_embed(record.embed)):
            self._address("featuredContent", page, "")
        if not self.embed and record.template_link:
            return self._address("link", record.template_link, "")
        return self.embed

    def body(self, link: str) -> str:
        """The source of the content; "" where it is blank, or shows nothing and is all there is."""
        record = self.record
        if not record.body.strip():
            return ""
        body = xml_safe(record.body)
        if not link and not clean_html(body, record.body_kind, "", self.site_url):
            return ""
        return body

    def images(self, base: str) -> tuple[Image, ...]:
        images = [
            Image(url, image.width, image.height, plain(image.title), plain(image.attribution))
            for place, image in enumerate(self.record.images)
            if (url := self._address(f"images[{place}].url", image.url, base))
        ]
        return tuple(images)

    def related(self, base: str) -> tuple[Related, ...]:
        related = [
            Related(plain(related.title) or url, url)
            for place, related in enumerate(self.record.related)
            if (url := self._address(f"related[{place}].webUrl", related.url, base))
        ]
        return tuple(related)

    def enclosures(self, base: str) -> tuple[Enclosure, ...]:
        """The downloads, then what else can be played; each file once."""
        record = self.record
        files: dict[str, Enclosure] = {}
        for place, download in enumerate(record.downloads):
            if url := self._address(f"actions[{place}].url", download.url, base):
                found = self._enclosure(url, media_type(url), plain(download.title))
                files.setdefault(url, found)
        played = media_files(self.embed, base, record.body, record.body_kind, self.site_url)
        for url, type_ in played:
            files.setdefault(url, self._enclosure(url, type_, ""))
        return tuple(files.values())

    def _enclosure(self, url: str, type_: str, title: str) -> Enclosure:
        # The record's length is that of what can be played; of an unknown file it may be.
        lasts = medium(type_) or type_ == UNKNOWN
        return Enclosure(url, type_, title, self.record.duration if lasts else 0)

    def _address(self, field: str, written: str, base: str) -> str:
        """The address for readers; "" and a warning where it is no http(s) address."""
        address = absolute(written, base, self.site_url)
        if address is None:
            # Not quoted: the record may be one that nobody may see yet, and time tells no message.
            expected = "no http or https address that a feed can carry"
            self.found.append(Found(field, expected, _REMEDY, Level.WARNING))
        return address or ""
