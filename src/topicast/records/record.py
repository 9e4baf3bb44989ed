"""``Document`` → ``Record``: what every field means (section 3).

Three steps: ``translate`` puts a document into our names, ``raw_record`` into shape, ``record_of``
gives the texts their types. Where files have our own names, most take the short way from
``usual_records`` to ``record_of``. So does a fast parser; with any problem found, PyYAML decides.
"""

from __future__ import annotations

import re

import msgspec

from topicast.problems import Found, Level, has_error, quote
from topicast.records import dates
from topicast.records.dialects import Translation, translate
from topicast.records.languages import language_tag
from topicast.records.links import file_date, link_values
from topicast.records.model import Download, Image, Micros, Record, Related
from topicast.records.raw import raw_record, usual_records
from topicast.records.schema import RawImage, RawProvider, RawRecord, absent, given, present
from topicast.records.settings import ReadSettings
from topicast.records.switches import read_state
from topicast.records.tree import Document

__all__ = ["ReadResult", "ReadSettings", "read_record", "record_of"]

# One of these makes a mapping that is a whole file a record.
_MARKS = ("title", "publishedDateTime", "webUrl", "originalUrl", "featuredContent")
_OUR_NAMES = Translation()
_PIXELS = re.compile(r"[0-9]{1,6}")
_MOST_PIXELS = 999_999
_MOST_TOPICS = 100  # each is named in the feeds of all others: what is written grows by the square


class ReadResult(msgspec.Struct, frozen=True):
    """A record with its warnings; without one, it is set aside by an error, or is no record.

    ``zone_assumed`` says that a date without a zone was taken to be in the site's. ``refused`` is
    what could be read of one that is set aside: nothing of it is shown, but its id is its own.
    """

    record: Record | None = None
    found: tuple[Found, ...] = ()
    zone_assumed: bool = False
    refused: Record | None = None


def read_record(document: Document, path: str, settings: ReadSettings) -> ReadResult:
    """The record that ``document`` is. ``path`` is that of its file, from SEEDS on."""
    if settings.plain and document.body_kind and (usual := usual_records([document.tree])):
        return record_of(usual[0], document, path, settings)
    translation = translate(document, path, settings.dialect)
    if translation is None or (not document.body_kind and not _is_marked(translation)):
        return ReadResult()
    raw, shapes = raw_record(translation)
    result = record_of(raw, document, path, settings, translation)
    known = {one.field for one in shapes if one.level is Level.ERROR}
    found = (*shapes, *(one for one in result.found if one.field not in known))
    return _judged(result.record or result.refused, found, result.zone_assumed)


def _is_marked(translation: Translation) -> bool:
    values = (translation.tree.get(name, "") for name in _MARKS)
    return any(not isinstance(value, str) or not absent(value) for value in values)


def record_of(
    raw: RawRecord,
    document: Document,
    path: str,
    settings: ReadSettings,
    translation: Translation = _OUR_NAMES,
) -> ReadResult:
    """The typed record of ``raw``. ``document`` gives its body and its place in the file."""
    reading = _Reading(raw, settings, translation)
    record = reading.record(document, path)
    if not reading.found:  # the usual case
        return ReadResult(record, (), reading.zone_assumed)
    found = tuple(dict.fromkeys(reading.found))
    return _judged(record, found, reading.zone_assumed)


def _judged(record: Record | None, found: tuple[Found, ...], zone_assumed: bool) -> ReadResult:
    if has_error(found):
        return ReadResult(None, found, zone_assumed, record)
    return ReadResult(record, found, zone_assumed)


class _Reading:
    """One record on its way; collects what is wrong with it."""

    def __init__(self, raw: RawRecord, settings: ReadSettings, translation: Translation) -> None:
        self.raw = raw
        self.settings = settings
        self.names = translation.names
        self.zone_assumed = False
        self.state = read_state(raw, translation.names)
        self.found = [*translation.found, *self.state.found]
        self.unpublished = self.state.unpublished or translation.unpublished or settings.unpublished
        self.quiet = self.unpublished or self.state.withdrawn or bool(self.found)

    def record(self, document: Document, path: str) -> Record:
        raw = self.raw
        if not raw.title.strip():
            self._found("title", "expected a title", "write title: …")
        published = self._date("publishedDateTime", raw.published_date_time)
        if absent(raw.published_date_time) and not document.many:
            published = self._file_date(path)
        topics = self._topics()
        provider = raw.provider if isinstance(raw.provider, RawProvider) else RawProvider()
        # By place, in the order of the class: by name, each of them is looked for among all.
        record = Record(
            path,
            raw.title,
            document.item,
            document.many,
            given(raw.id).strip(),
            given(raw.excerpt),
            document.body,
            document.body_kind,
            given(raw.web_url),
            given(raw.original_url),
            given(raw.featured_content),
            _own_link(raw) if document.many else "",
            given(raw.slug),
            published,
            self._date("updatedDateTime", raw.updated_date_time),
            self._date("expires", raw.expires),
            self._date("removedDateTime", raw.removed_date_time, Level.WARNING),
            self.unpublished,
            self.state.withdrawn,
            topics,
            self._categories(topics),
            given(provider.name),
            given(provider.domain),
            _authors(provider) if provider.authors else (),
            self._images(),
            self._related(),
            self._downloads() if raw.actions else (),
            self._duration() if raw.length else 0,
            self._language() if raw.locale else "",
        )
        return self._linked(record)

    def _found(self, field: str, expected: str, remedy: str, level: Level = Level.ERROR) -> None:
        self.found.append(Found(self.names.get(field, field), expected, remedy, level))

    def _date(self, field: str, text: str, level: Level = Level.ERROR) -> Micros | None:
        if not text or absent(text):
            return None
        try:
            moment = dates.read_date(text)
            latest = field != "expires"
            instant = dates.instant(moment, self.settings.zone, latest=latest)
        except ValueError as error:
            got = "" if self.quiet else f", got {quote(text)}"
            self._found(field, f"{error}{got}", f"write {dates.EXAMPLE}", level)
            return None
        self.zone_assumed |= moment.tzinfo is None
        return instant

    def _file_date(self, path: str) -> Micros | None:
        moment = file_date(path)
        if moment is None:
            return None
        try:
            instant = dates.instant(moment, self.settings.zone)
        except ValueError:  # the first day of the year 1, east of Greenwich
            return None
        self.zone_assumed = True
        return instant

    def _topics(self) -> tuple[str, ...]:
        names = present(self.raw.topics)
        if len(names) > _MOST_TOPICS:
            self._found("topics", f"more than {_MOST_TOPICS} topics", "split the record")
        if len(names) < len(self.raw.topics):
            self._warn("topics", "expected a name in each item", "remove the empty ones")
        return tuple(dict.fromkeys(names)) if len(names) > 1 else tuple(names)

    def _categories(self, topics: tuple[str, ...]) -> tuple[str, ...]:
        """The further ones; what is a topic already is none."""
        if not self.settings.categories:
            return ()
        values = {"category": [self.raw.category], "tags": self.raw.tags, "type": [self.raw.type]}
        asked = (value for field in self.settings.categories for value in values[field])
        return tuple(dict.fromkeys(v for v in asked if not absent(v) and v not in topics))

    def _images(self) -> tuple[Image, ...]:
        images = []
        for one in self.raw.images:
            image = RawImage(one) if isinstance(one, str) else one
            if self._has_address("images", "url", image.url):
                width, height = _pixels(image.width), _pixels(image.height)
                title, attribution = given(image.title), given(image.attribution)
                images.append(Image(image.url, width, height, title, attribution))
        return tuple(images)

    def _related(self) -> tuple[Related, ...]:
        related = []
        for one in self.raw.related:
            url = given(one.web_url) or given(one.original_url)
            if self._has_address("related", "webUrl", url):
                related.append(Related(given(one.title), url))
        return tuple(related)

    def _downloads(self) -> tuple[Download, ...]:
        downloads = []
        for one in self.raw.actions:
            is_download = one.type.strip().casefold() == "download"
            if is_download and self._has_address("actions", "url", one.url):
                downloads.append(Download(one.url, given(one.title)))
        return tuple(downloads)

    def _has_address(self, field: str, name: str, address: str) -> bool:
        if absent(address):
            self._warn(field, f"expected {name} in each item", f"write {name}: https://…")
            return False
        return True

    def _duration(self) -> int:
        if absent(self.raw.length):
            return 0
        try:
            return dates.parse_duration(self.raw.length)
        except ValueError as error:
            self._warn("length", str(error), "write PT1H2M3S")
            return 0

    def _language(self) -> str:
        written = given(self.raw.locale)
        tag = language_tag(written) if written else ""
        if written and not tag:
            self._warn("locale", "expected a language code (BCP 47)", "write en or pt-BR")
        return tag

    def _warn(self, field: str, expected: str, remedy: str) -> None:
        self._found(field, expected, remedy, Level.WARNING)

    def _linked(self, record: Record) -> Record:
        """With the address that the template makes of it."""
        if self.settings.link is None:
            return record
        values = link_values(
            site_url=self.settings.site_url,
            path=record.path,
            many=record.many,
            slug=record.slug,
            category=given(self.raw.category),
            published=record.published,
            zone=self.settings.zone,
        )
        return msgspec.structs.replace(record, template_link=self.settings.link.fill(values))


def _own_link(raw: RawRecord) -> str:
    links = (raw.web_url, raw.original_url, raw.featured_content)
    return next((link.strip() for link in links if not absent(link)), "")


def _pixels(value: int | str) -> int:
    if type(value) is int and 0 <= value <= _MOST_PIXELS:
        return value
    text = str(value).strip()
    return int(text) if _PIXELS.fullmatch(text) else 0


def _authors(provider: RawProvider) -> tuple[str, ...]:
    names = [one if isinstance(one, str) else one.name for one in provider.authors]
    return tuple(dict.fromkeys(name for name in names if not absent(name)))
