"""RSS and Atom of every topic and of all, 50 entries each; no page for a record.

Pelican's own Markdown reader cannot read nested front matter, so this reader does, with PyYAML's
C loader, and makes topics into tags.
"""

import html
from pathlib import Path

import yaml
from pelican.readers import BaseReader
from pelican.urlwrappers import Tag

SITENAME = "Benchmark"
SITEURL = "https://feeds.example.org"
TIMEZONE = "UTC"
AUTHOR = "Benchmark"

FEED_MAX_ITEMS = 50
FEED_ALL_RSS = "rss.xml"
FEED_ALL_ATOM = "atom.xml"
TAG_FEED_RSS = "{slug}/rss.xml"
TAG_FEED_ATOM = "{slug}/atom.xml"
CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None

ARTICLE_SAVE_AS = TAG_SAVE_AS = CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = []
THEME_STATIC_PATHS = []
STATIC_PATHS = []
PAGE_PATHS = []


class RecordReader(BaseReader):
    enabled = True
    file_extensions = ("md",)

    def read(self, source_path):
        front = Path(source_path).read_text(encoding="utf-8").split("---\n", 2)[1]
        record = yaml.load(front, Loader=yaml.CSafeLoader)
        return "", {
            "title": html.unescape(record["title"]),
            "slug": Path(source_path).stem,
            "summary": html.unescape(record["excerpt"]),
            "date": record["publishedDateTime"],
            "url": record["webUrl"],
            "status": "published" if record["published"] else "skip",
            "tags": [Tag(name, self.settings) for name in record["topics"]],
        }


READERS = {"md": RecordReader}
