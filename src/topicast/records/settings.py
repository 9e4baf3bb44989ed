"""``ReadSettings``: what of the configuration bears on reading a record."""

from __future__ import annotations

import os
from pathlib import PurePath
from zoneinfo import ZoneInfo

import msgspec

from topicast.config import Config
from topicast.problems import ConfigError, quote
from topicast.records.dialects import Dialect, is_in_drafts, wants_headers
from topicast.records.links import LinkTemplate


class ReadSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What reading depends on beside the file; made once from the configuration."""

    zone: ZoneInfo
    zone_is_set: bool
    dialect: Dialect
    site_url: str
    link: LinkTemplate | None
    categories: tuple[str, ...]
    headers: bool  # ``Key: value`` lines are a front matter
    unpublished: bool  # the folder of records itself is one of drafts

    @classmethod
    def of(cls, config: Config, seeds: str = "") -> ReadSettings:
        """``seeds`` is the absolute path of the folder of records.

        Raises ConfigError for an unknown time zone, a link template or a map that is wrong.
        """
        file = config.file or "topicast.toml"
        # Not where all of it lies: a copy of the site elsewhere must give the same feeds.
        within = os.path.relpath(seeds, config.root or ".") if seeds else ""
        try:
            zone = ZoneInfo(config.site.timezone or "UTC")
        except (LookupError, ValueError, OSError):
            got = quote(config.site.timezone)
            expected = "expected an IANA time zone such as Europe/Berlin"
            raise ConfigError(f"{file}: [site] timezone: {expected}, got {got}") from None
        return cls(
            zone=zone,
            zone_is_set=bool(config.site.timezone),
            dialect=Dialect.of(config),
            site_url=config.site_url,
            link=LinkTemplate.of(config.fields.link, file) if config.fields.link else None,
            categories=config.fields.categories,
            headers=wants_headers(config),
            unpublished=config.fields.preset == "jekyll" and is_in_drafts(PurePath(within).parts),
        )

    @property
    def plain(self) -> bool:
        """Whether files have our own names only."""
        return self.dialect.plain
