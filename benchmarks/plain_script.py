"""The script that somebody would write: feeds of a folder of records, on feedgen and PyYAML.

python plain_script.py RECORDS OUT
"""

import html
import re
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import yaml
from dateutil import parser
from feedgen.feed import FeedGenerator

BASE = "https://feeds.example.org"
LIMIT = 50


def read(path):
    front = path.read_text(encoding="utf-8").split("---\n", 2)[1]
    record = yaml.load(front, Loader=yaml.CSafeLoader)
    if not isinstance(record["publishedDateTime"], datetime):
        record["publishedDateTime"] = parser.isoparse(record["publishedDateTime"])
    return record


def write(folder, title, address, records):
    feed = FeedGenerator()
    feed.id(address)
    feed.title(title)
    feed.description(title)
    feed.link(href=address + "rss.xml", rel="self")
    feed.link(href=address, rel="alternate")
    feed.updated(records[0]["publishedDateTime"])
    for record in records:
        entry = feed.add_entry(order="append")
        entry.id(record["webUrl"])
        entry.title(html.unescape(record["title"]))
        entry.summary(html.unescape(record["excerpt"]))
        entry.link(href=record["webUrl"])
        entry.author(name=html.unescape(record["provider"]["name"]))
        entry.published(record["publishedDateTime"])
        entry.updated(record["publishedDateTime"])
        for topic in record["topics"]:
            entry.category(term=topic)
    folder.mkdir(parents=True, exist_ok=True)
    feed.rss_file(str(folder / "rss.xml"))
    feed.atom_file(str(folder / "atom.xml"))


def main(source, out):
    records = [read(path) for path in Path(source).rglob("*.md")]
    records = [record for record in records if record.get("published", True)]
    records.sort(key=lambda record: record["publishedDateTime"], reverse=True)
    by_topic = defaultdict(list)
    for record in records:
        for topic in record["topics"]:
            by_topic[topic].append(record)
    write(Path(out), "All topics", f"{BASE}/", records[:LIMIT])
    for topic, chosen in by_topic.items():
        slug = re.sub(r"\W+", "-", topic.lower())
        write(Path(out, slug), topic, f"{BASE}/{slug}/", chosen[:LIMIT])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
