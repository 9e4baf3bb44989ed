"""A site on disk, for tests that go the whole way: records in, feeds out."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import feedparser

from feedcheck import check_tree
from topicast.clock import parse_now
from topicast.configfile import load_config, with_base_url
from topicast.recipe import build
from topicast.report import Report

NOW = parse_now("2026-01-01T00:00:00Z")
TOML = """\
[site]
title = "Test Site"
base_url = "https://feeds.example.org"
url = "https://www.example.org"
timezone = "UTC"
"""


class Site:
    """A folder with ``topicast.toml``, ``seeds/`` and, after ``build``, ``feeds/``."""

    def __init__(self, root: Path, toml: str = TOML) -> None:
        self.root = root
        self.seeds = root / "seeds"
        self.feeds = root / "feeds"
        self.seeds.mkdir(parents=True, exist_ok=True)
        self.configure(toml)

    def configure(self, toml: str) -> None:
        (self.root / "topicast.toml").write_text(toml, "utf-8")

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file of ``seeds/`` as it stands, two hours old so that it is not read twice."""
        file = self.seeds / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        self._ticks = getattr(self, "_ticks", 0) + 1
        # Each writing has a time of its own: a test's edits come within one tick of the clock.
        stamp = 1_600_000_000 + self._ticks
        os.utime(file, (stamp, stamp))
        return file

    def record(self, path: str, body: str = "", **fields: Any) -> Path:
        """Write a record with sensible fields, over which ``fields`` go; None leaves one out."""
        stem = Path(path).stem
        values: dict[str, Any] = {
            "title": f"Title of {stem}",
            "excerpt": f"Excerpt of {stem}",
            "publishedDateTime": "2024-05-01T09:00:00Z",
            "webUrl": f"https://example.com/{stem}",
            "topics": ["AI"],
        }
        values.update(fields)
        lines = [f"{key}: {_yaml(value)}" for key, value in values.items() if value is not None]
        return self.write(path, "\n".join(["---", *lines, "---", body]) + "\n")

    def build(self, **options: Any) -> Report:
        """Build, and hold every feed of the tree to the rules that ``feedcheck`` knows."""
        options.setdefault("now", NOW)
        config = load_config(str(self.root / "topicast.toml"))
        report = build(str(self.root / "topicast.toml"), **options)
        if not report.check:
            folder = config.feeds.preview if report.preview else config.feeds.out
            out = Path(options.get("out") or self.root / folder)
            files = json.loads((out / "manifest.json").read_bytes())["files"]
            if options.get("base_url"):
                config = with_base_url(config, options["base_url"])
            check_tree(out, config.base_url, list(files))
        return report

    def fresh(self, name: str = "fresh", **options: Any) -> dict[str, bytes]:
        """The tree of a build from nothing, given the registry of ``feeds/`` as it was."""
        copy = self.root.parent / f"{self.root.name}-{name}"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.root, copy, ignore=shutil.ignore_patterns(".topicast", "feeds"))
        other = Site.__new__(Site)
        other.root, other.seeds, other.feeds = copy, copy / "seeds", copy / "feeds"
        if (self.feeds / "topics.json").exists():
            other.feeds.mkdir()
            shutil.copy(self.feeds / "topics.json", other.feeds / "topics.json")
        other.build(**options)
        return other.tree()

    def tree(self, folder: str = "feeds") -> dict[str, bytes]:
        """Every file of the feed tree."""
        root = self.root / folder
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def feed(self, path: str = "atom.xml") -> Any:
        return feedparser.parse((self.feeds / path).read_bytes())

    def titles(self, path: str = "atom.xml") -> list[str]:
        return [entry.title for entry in self.feed(path).entries]


def _yaml(value: Any) -> str:
    """The value as YAML; JSON is YAML."""
    return (
        value
        if isinstance(value, str) and value.isascii() and _tame(value)
        else json.dumps(value, ensure_ascii=False)
    )


def _tame(value: str) -> bool:
    return value.replace(":", "").replace("-", "").replace("T", "").isalnum()
