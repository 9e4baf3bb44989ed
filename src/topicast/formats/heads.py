"""The heads of feeds: what a feed says of itself, from the configuration and its topic."""

from __future__ import annotations

import msgspec

from topicast.config import Config, Content, TopicSettings
from topicast.entries.text import plain
from topicast.entries.urls import absolute
from topicast.formats.model import Feed
from topicast.identity import Identity, feed_id
from topicast.records.model import Image, Micros
from topicast.theme import Theme
from topicast.topics.assign import Topic
from topicast.topics.names import fold

PREVIEW = " (preview)"


class Heads(msgspec.Struct, frozen=True):
    """Makes the head of any feed of one build."""

    config: Config
    identity: Identity
    preview: bool
    theme: Theme = Theme()

    def of(self, topic: Topic | None, updated: Micros) -> Feed:
        """The head of the feed of ``topic``; None is that of all topics together."""
        site = self.config.site
        settings = self.settings_of(topic)
        title = settings.title or self._title(topic)
        description = settings.description or (topic.description if topic else "")
        address = address_of(self.config, topic)
        return Feed(
            id=feed_id(self.identity, topic.slug if topic else ""),
            title=title + PREVIEW if self.preview else title,
            description=description or site.description or title,
            page=address,
            folder=address,
            language=settings.language or site.language,
            author=plain(site.author) or site.title,
            rights=site.rights,
            icon=self._picture(site.icon),
            logo=self._logo(),
            hubs=() if self.preview else self.config.websub.hubs,
            ttl=self.config.feeds.ttl,
            updated=updated,
        )

    def _logo(self) -> Image | None:
        site = self.config.site
        address = self._picture(site.logo)
        return Image(address, site.logo_width or 0, site.logo_height or 0) if address else None

    def _picture(self, written: str) -> str:
        """A picture's address for readers; "" where it is none."""
        return absolute(written, "", self.config.site_url) or "" if written else ""

    def limit(self, topic: Topic | None) -> int:
        """How many entries the feed of ``topic`` prints."""
        return self.settings_of(topic).limit or self.config.feeds.limit

    def content(self, topic: Topic | None) -> Content:
        """How much of an entry the feed of ``topic`` shows."""
        feeds = self.config.feeds
        own = feeds.all_content if topic is None else self.settings_of(topic).content
        return own or feeds.content

    def settings_of(self, topic: Topic | None) -> TopicSettings:
        if topic is not None:
            for name, settings in self.config.topics.settings.items():
                if fold(name) == topic.folded:
                    return settings
        return TopicSettings()

    def _title(self, topic: Topic | None) -> str:
        site = self.config.site.title
        if topic is None:
            return site
        # Not str.format: a topic's name is data, and may hold braces.
        parts = self.config.feeds.title.split("{topic}")
        return topic.name.join(part.replace("{site}", site) for part in parts)


def address_of(config: Config, topic: Topic | None) -> str:
    """The public address of a topic, or of the tree, with a trailing slash."""
    return f"{config.base_url}/{topic.slug}/" if topic else f"{config.base_url}/"
