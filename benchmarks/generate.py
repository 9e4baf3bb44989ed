"""Writes made-up records for the benchmarks: the same call gives the same bytes.

    python benchmarks/generate.py --records 10000 --out DIR

``DIR/records/`` gets the records, ``DIR/topicast.toml`` a configuration for them. The records have
the fields, the lengths and the style of a news archive: quoted strings, a provider, images,
related articles on half of them, a secret blob, 65 % published, 200 topics by Zipf's law.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = 20260101
PER_FOLDER = 1000
PUBLISHED = 0.65
FIRST = datetime(2015, 1, 1, tzinfo=UTC)
YEARS = 10

# Some words carry what archives carry: HTML entities, quotes, letters outside of ASCII.
WORDS = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split()

HEADS = """
Solar Wind Urban Café Ocean Rail Rural Arctic Mountain River
Museum Garden Radio Paper Timber Glass Copper Night Winter Harbour
""".split()  # noqa: SIM905
TAILS = "energy markets design research training safety history tools policy networks".split()  # noqa: SIM905

PROVIDERS = [
    ("The Valley Post", "valleypost.example"),
    ("Harbour Daily", "harbour-daily.example"),
    ("Notes on Making", "making.example"),
    ("Nordic Review", "review.nordic.example"),
    ("Field and Workshop", "fieldandworkshop.example"),
    ("Quiet Engineering", "blog.quiet-engineering.example"),
    ("Städte heute", "staedte.example"),
    ("The Long Table", "longtable.example"),
]

CONFIG = """\
[site]
title = "Benchmark"
url = "https://www.example.org"
base_url = "https://feeds.example.org"
since = 2026
timezone = "UTC"

[records]
path = "records"

[feeds]
out = "feeds"
limit = 50
formats = ["rss", "atom"]
"""


class Writer:
    """Makes one record after another from one random sequence."""

    def __init__(self, records: int) -> None:
        self.random = random.Random(SEED)
        self.step = timedelta(days=365 * YEARS) / records
        self.topics = [f"{head} {tail}" for head in HEADS for tail in TAILS]
        self.random.shuffle(self.topics)
        ranks = range(1, len(self.topics) + 1)
        self.topic_weights = list(itertools.accumulate(1 / rank for rank in ranks))

    def text(self, words: int) -> str:
        chosen = self.random.choices(WORDS, k=words)
        if words > 4 and self.random.random() < 0.04:
            chosen[2] = f'\\"{chosen[2]}\\"'  # as a double-quoted YAML string has it
        chosen[0] = chosen[0][:1].upper() + chosen[0][1:]
        return " ".join(chosen)

    def slug(self, title: str) -> str:
        plain = re.sub(r"&#?\w+;", "-", title.lower())
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

    def image(self, indent: str, domain: str, number: int) -> str:
        width, height = self.random.choice([(1200, 630), (1600, 900), (800, 533), (640, 360)])
        return (
            f'{indent}- url: "https://images.{domain}/uploads/{number // 1000}/{number}.jpg"\n'
            f"{indent}  width: {width}\n{indent}  height: {height}\n{indent}  isCached: true\n"
        )

    def related(self, number: int, when: datetime) -> str:
        title = self.text(self.random.randint(6, 14))
        name, domain = self.random.choice(PROVIDERS)
        return (
            f'  - title: "{title}"\n'
            f'    excerpt: "{self.text(self.random.randint(20, 50))}."\n'
            f"    publishedDateTime: {when:%Y-%m-%dT%H:%M:%SZ}\n"
            f'    webUrl: "https://{domain}/{when:%Y/%m}/{self.slug(title)}/"\n'
            "    type: article\n"
            f"    provider:\n      name: {name}\n      domain: {domain}\n"
            f"    quality: {self.random.randint(1, 200)}\n"
            "    images:\n" + self.image("      ", domain, number)
        )

    def blob(self) -> str:
        secret, nonce = self.random.randbytes(300), self.random.randbytes(16)
        return f"{base64.b64encode(secret).decode()};{base64.b64encode(nonce).decode()}"

    def record(self, number: int) -> tuple[datetime, str, str]:
        """The record's date, slug and text. Later numbers have later dates, no two the same."""
        when = FIRST + number * self.step
        title = self.text(self.random.randint(6, 14))
        slug = self.slug(title)
        name, domain = self.random.choice(PROVIDERS)
        address = f"https://www.{domain}/articles/{when:%Y}/{slug}-{number}"
        published = "true" if self.random.random() < PUBLISHED else "false"
        topics = dict.fromkeys(
            self.random.choices(
                self.topics, cum_weights=self.topic_weights, k=self.random.randint(1, 4)
            )
        )
        parts = [
            f'---\ncategory: news\ntitle: "{title}"\n',
            f'excerpt: "{self.text(self.random.randint(34, 58))}."\n',
            f"publishedDateTime: {when:%Y-%m-%dT%H:%M:%SZ}\n",
            f'originalUrl: "{address}?ref=wire"\nwebUrl: "{address}"\ntype: article\n',
            f"quality: {self.random.randint(1, 200)}\nheat: {self.random.randint(-1, 200)}\n",
            f"published: {published}\n\nprovider:\n  name: {name}\n  domain: {domain}\n",
            f'  images:\n    - url: "https://www.example.org/logos/{domain}-50x50.jpg"\n',
            "      width: 50\n      height: 50\n\ntopics:\n",
            *(f"  - {topic}\n" for topic in topics),
            "\nimages:\n" + self.image("  ", domain, number),
        ]
        if self.random.random() < 0.5:
            others = range(self.random.randint(1, 3))
            parts.append("\nrelated:\n")
            parts += [self.related(number, when - timedelta(days=n + 1)) for n in others]
        parts.append(f'\nsecured: "{self.blob()}"\n---\n\n')
        return when, slug, "".join(parts)


def generate(records: int, out: Path) -> None:
    """Writes so many records and a ``topicast.toml`` into ``out``, a new or empty folder."""
    if out.exists() and any(out.iterdir()):
        raise SystemExit(f"{out}: not empty; choose another folder")
    writer = Writer(records)
    month, in_month, folder = "", 0, out
    for number in range(records):
        when, slug, text = writer.record(number)
        if f"{when:%Y/%m}" != month:
            month, in_month = f"{when:%Y/%m}", 0
        if in_month % PER_FOLDER == 0:
            part = in_month // PER_FOLDER + 1
            folder = out / "records" / (month if part == 1 else f"{month}-{part:02}")
            folder.mkdir(parents=True)
        with open(f"{folder}/{when:%Y-%m-%d}-{slug}.md", "wb") as file:
            file.write(text.encode())
        in_month += 1
    (out / "topicast.toml").write_text(CONFIG)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write made-up records for the benchmarks.")
    parser.add_argument("--records", type=int, required=True, help="how many")
    parser.add_argument("--out", type=Path, required=True, help="a new or empty folder")
    arguments = parser.parse_args()
    generate(arguments.records, arguments.out)


if __name__ == "__main__":
    main()
