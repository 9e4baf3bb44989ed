"""Runs newsboat in a folder of its own."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

COMMAND = shutil.which("newsboat")


class Newsboat:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.urls = folder / "urls"
        self.cache = folder / "cache.db"
        folder.mkdir(parents=True)
        self.urls.touch()
        (folder / "config").write_text("auto-reload no\n")

    def run(self, *arguments: str) -> str:
        """What it prints."""
        files = ["-C", "config", "-u", "urls", "-c", "cache.db"]
        return subprocess.run(
            [COMMAND or "newsboat", "-q", *files, *arguments],
            cwd=self.folder,
            env=os.environ | {"HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            encoding="utf-8",
            timeout=60,
        ).stdout

    def read(self, addresses: Iterable[str]) -> list[sqlite3.Row]:
        """Fetch the feeds at ``addresses``, one after the other; all entries that it then has."""
        self.urls.write_text("".join(f"{address}\n" for address in addresses))
        self.run("-x", "reload")
        return self.entries()

    def entries(self) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self.cache)) as cache:
            cache.row_factory = sqlite3.Row
            return list(cache.execute("select * from rss_item order by pubDate desc, guid"))
