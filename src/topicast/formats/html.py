"""Pages, HTML5: one for each topic, and one for all topics together."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from traceback import extract_tb
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from topicast.formats.fields import EntryFields, legal
from topicast.formats.format import Format
from topicast.formats.model import Feed
from topicast.formats.page import TopicLink
from topicast.problems import ConfigError
from topicast.records.dates import moment_of
from topicast.theme import Theme
from topicast.times import micros, rfc3339

if TYPE_CHECKING:
    from jinja2 import Environment

_MARK = "<!-- topicast: here go the entries -->"
_MODULES = re.compile(r"topicast\.formats\.\w+\.")  # before the name of a type
_WEB = re.compile(r"https?://", re.IGNORECASE)


class Picture(msgspec.Struct, frozen=True):
    """``text`` is for those who do not see it; "" where it would tell them nothing new."""

    url: str
    text: str
    credit: str
    width: int  # pixels; 0 where unknown
    height: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as templates see it: plain text and addresses, never HTML. Dates are RFC 3339."""

    title: str
    summary: str  # "" where it would only repeat the title
    link: str
    published: str
    updated: str
    authors: tuple[str, ...]
    topics: tuple[TopicLink, ...]
    picture: Picture | None
    language: str
    direction: str  # "ltr" or "rtl"; "" where it names no language
    unpublished: bool


@cache
def html(theme: Theme) -> Format:
    """The format of the pages that ``theme`` makes."""
    pages = _Pages(theme)
    return Format(
        name="html",
        filename="index.html",
        media_type="text/html",
        label="HTML",
        is_feed=False,
        has_content=False,
        head=lambda feed: pages.around(feed)[0],
        entry=pages.entry,
        separator=b"\n",
        tail=lambda feed: pages.around(feed)[1],
    )


class _Pages:
    """The templates of one theme at work. They are compiled when the first of them is needed."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._compiled: Environment | None = None
        # A page is made whole and then parted: its head and its tail ask for it in turn.
        self.around = lru_cache(maxsize=1)(self._around)
        self._template = cache(lambda name: self._environment().get_template(name))

    def entry(self, fields: EntryFields) -> bytes:
        """One entry, the same in every page that shows it."""
        return self._render("entry.html", entry=_entry(fields)).encode()

    def _around(self, feed: Feed) -> tuple[bytes, bytes]:
        """What stands before the entries of a page, and what stands after them."""
        from markupsafe import Markup

        page = feed.html
        assert page is not None, "the head of a page is made with what its page says"
        text = self._render("page.html", page=page, entries=Markup(_MARK))  # noqa: S704
        before, mark, after = text.partition(_MARK)
        if _MARK in after or (page.shown and not mark):
            raise ConfigError(
                f"{self._theme.place('page.html')}: expected {{{{ entries }}}} once in every page"
            )
        return before.encode(), after.encode()

    def _render(self, name: str, **values: object) -> str:
        try:
            words = self._template("words.html").module
            return legal(self._template(name).render(values, words=words))
        except Exception as error:
            # Whatever a template raises is a fault in it: the values are all there, and typed.
            raise self._wrong(name, error) from None

    def _environment(self) -> Environment:
        if self._compiled is None:
            from jinja2 import Environment, FunctionLoader, StrictUndefined

            self._compiled = Environment(
                loader=FunctionLoader(self._source),
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=False,
            )
            self._compiled.filters["day"] = self._day
        return self._compiled

    def _day(self, when: str) -> str:
        """The day of an RFC 3339 date in the site's time zone, as its records name days."""
        zone = self._theme.zone
        moment = moment_of(micros(when), ZoneInfo(zone)) if zone else None
        return moment.date().isoformat() if moment else when[:10]

    def _source(self, name: str) -> tuple[str, str, None] | None:
        text = self._theme.text(name)
        return None if text is None else (text, self._theme.place(name), None)

    def _wrong(self, name: str, error: Exception) -> ConfigError:
        """What to say of an error in the template ``name``, or in one that it uses."""
        place, line = self._theme.place(name), getattr(error, "lineno", 0)
        if syntax := getattr(error, "filename", None):
            place = syntax
        else:
            places = {self._theme.place(name) for name in self._theme.names}
            for frame in extract_tb(error.__traceback__):
                if frame.filename in places:
                    place, line = frame.filename, frame.lineno
        where = f"{place}:{line}" if line else place
        said = _MODULES.sub("", str(error))
        return ConfigError(f"{where}: {type(error).__name__}: {said[:120]}")


def _entry(fields: EntryFields) -> Entry:
    return Entry(
        title=fields.title,
        summary="" if fields.summary == fields.title else fields.summary,
        link=_web(fields.link),
        published=rfc3339(fields.published),
        updated=rfc3339(fields.updated),
        authors=fields.authors,
        topics=fields.topics,
        picture=_picture(fields),
        language=fields.language,
        direction=fields.direction,
        unpublished=fields.unpublished,
    )


def _picture(fields: EntryFields) -> Picture | None:
    for image in fields.images:
        if url := _web(image.url):
            text = "" if image.title == fields.title else image.title
            return Picture(url, text, image.attribution, image.width, image.height)
    return None


def _web(address: str) -> str:
    """The address, if it is one of the web: entries hold no other, and pages open no other."""
    return address if _WEB.match(address) else ""
