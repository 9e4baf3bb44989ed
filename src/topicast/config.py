"""The configuration as the rest of the program sees it: frozen, typed, with a default for all."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

DEFAULT_BASE_URL = "http://localhost:8000"
DEFAULT_SINCE = 2026

FORMAT_NAMES = ("rss", "atom", "json", "opml", "html")  # what ``[feeds] formats`` may name
CATEGORY_FIELDS = ("category", "tags", "type")  # what ``[fields] categories`` may name
LINK_NAMES = ("url", "year", "month", "day", "slug", "path", "stem", "category")  # [fields] link
RECORD_FIELDS = (  # what ``[fields]`` may map to a name of another dialect
    "id",
    "slug",
    "title",
    "excerpt",
    "webUrl",
    "originalUrl",
    "featuredContent",
    "publishedDateTime",
    "updatedDateTime",
    "expires",
    "topics",
    "category",
    "tags",
    "type",
    "provider",
    "images",
    "related",
    "actions",
    "length",
    "locale",
    "published",
    "draft",
    "removed",
    "deleted",
    "removedDateTime",
)
SECRET_FIELDS = ("secured", "quality", "heat")  # never read, so nothing may be mapped to them


Content: TypeAlias = Literal["full", "summary"]
CONTENTS: tuple[Content, ...] = ("full", "summary")
"""How much of an entry a feed shows: its body too, or only what it is about."""


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[site]``: who publishes. Addresses are without a trailing slash."""

    title: str = "Topicast"
    url: str = ""  # the website's address; "" means base_url
    base_url: str = ""  # the address of the feed tree; "" means none is configured
    authority: str = ""  # RFC 4151 authority, where it is written
    since: int | None = None  # RFC 4151 date (a year), where it is written
    timezone: str = ""  # IANA name; "" means UTC, with a warning where it mattered
    language: str = "en"
    author: str = ""  # "" means the title
    description: str = ""
    rights: str = ""
    icon: str = ""  # the address of a small square picture
    logo: str = ""  # the address of a wide one
    logo_width: int | None = None  # pixels; RSS shows only a logo of at most 144 by 400
    logo_height: int | None = None


class Feeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[feeds]``: what is written, and where."""

    out: str = "feeds"
    preview: str = "preview"
    limit: int = 50
    formats: tuple[str, ...] = FORMAT_NAMES
    content: Content = "full"
    all_content: Literal["", "full", "summary"] = ""  # of the feed of all topics; "" means content
    archives: bool = False  # a document for each month of each feed, as RFC 5005 has them
    tombstones: bool = False  # Atom feeds name the entries that were withdrawn (RFC 6721)
    summary_length: int = 300  # characters of a body that stand for a missing excerpt
    embeds: tuple[str, ...] = ("youtube.com", "vimeo.com")  # hosts whose players content may hold
    ttl: int | None = None  # minutes that readers may keep a feed; None says nothing of it
    duplicates: Literal["all", "newest"] = "all"
    title: str = "{topic} · {site}"  # of a topic's feed


class TopicSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[topics."Name"]``: settings of one topic."""

    title: str = ""
    limit: int | None = None
    content: Literal["", "full", "summary"] = ""  # "" means that of [feeds]
    description: str = ""
    language: str = ""


class Topics(msgspec.Struct, frozen=True, kw_only=True):
    """``[topics]``: the taxonomy, which topics have feeds, and settings by topic name."""

    file: str = ""  # "" means topics.yaml beside the configuration, if it is there
    include: tuple[str, ...] = ()  # globs on names; () means all
    exclude: tuple[str, ...] = ()
    settings: dict[str, TopicSettings] = {}


class Records(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[records]``: where the records are, and which files count. Globs are from SEEDS on."""

    path: str = "seeds"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """``[fields]``: a front-matter dialect."""

    preset: Literal["", "jekyll", "hugo", "pelican"] = ""
    link: str = ""  # a template for records without a link: "{url}/{year}/{month}/{slug}/"
    categories: tuple[str, ...] = ()  # of "category", "tags", "type": further categories
    map: dict[str, str] = {}  # our name -> theirs


class WebSub(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[websub]``: the hubs that feeds name, and that are told when a feed changed."""

    hubs: tuple[str, ...] = ()
    after: Literal["build", "ping"] = (
        "build"  # who tells them: schedule and watch, or topicast ping
    )


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[schedule]``: for ``topicast schedule`` and ``watch``."""

    ping_url: str = ""  # of a cron monitor; gets /start and /fail appended


class Html(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[html]``: the pages of the tree."""

    templates: str = ""  # a folder with templates of the publisher's own; "" means ours


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """One ``topicast.toml``. ``root`` is the folder that relative paths in it start from."""

    root: str = "."
    file: str = ""  # the path of the file as messages name it; "" where there is none
    site: Site = Site()
    feeds: Feeds = Feeds()
    topics: Topics = Topics()
    records: Records = Records()
    fields: Fields = Fields()
    html: Html = Html()
    websub: WebSub = WebSub()
    schedule: Schedule = Schedule()
    base_url_override: str = ""  # ``--base-url``: changes addresses, never ids

    @property
    def base_url(self) -> str:
        """The address of the feed tree, without a trailing slash."""
        return self.base_url_override or self.site.base_url or DEFAULT_BASE_URL

    @property
    def site_url(self) -> str:
        """The website's address, without a trailing slash; root-relative URLs go on from it."""
        return self.site.url or self.base_url
