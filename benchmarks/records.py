"""The records that all contestants read: made once, kept in memory, edited ten at a time."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generate import generate

EDITED = 10
RACY = 3.0  # seconds after which an edit cannot be taken for one of the same clock tick
TITLE = re.compile(rb'^title: "(.*)"$', re.MULTILINE)


class Records:
    """``folder`` holds ``records/`` and ``topicast.toml``."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.source = folder / "records"
        self.touched = 0.0
        made = folder / ".complete"
        if not made.exists():
            generate(size, folder)
            made.touch()
            self.touched = time.monotonic()

    def warm(self) -> None:
        """Reads every file, so that none has to come from the disk later."""
        for folder, _, names in os.walk(self.source):
            for name in names:
                descriptor = os.open(f"{folder}/{name}", os.O_RDONLY)
                while os.read(descriptor, 1 << 16):
                    pass
                os.close(descriptor)

    def settle(self) -> None:
        """Waits until no file is so new that a careful program would read it again."""
        time.sleep(max(0.0, self.touched + RACY - time.monotonic()))

    def newest(self) -> list[Path]:
        """The newest published records. Folders and the file names in them sort by date."""
        found: list[tuple[bytes, Path]] = []
        for folder in sorted(self.source.glob("*/*"), reverse=True):
            for path in folder.iterdir():
                content = path.read_bytes()
                date = re.search(rb"^publishedDateTime: (\S+)$", content, re.MULTILINE)
                if date and b"\npublished: true\n" in content:
                    found.append((date[1], path))
            if len(found) >= EDITED:
                break
        return [path for _, path in sorted(found, reverse=True)[:EDITED]]

    @contextmanager
    def edited(self) -> Iterator[set[str]]:
        """Ten records with other titles (given), then again as they were.

        They are the newest ones: every one of them is in the feed of all topics and in those of
        its own, so this is the dearest choice of ten.
        """
        before = {path: path.read_bytes() for path in self.newest()}
        titles = set()
        try:
            for number, (path, content) in enumerate(before.items()):
                title = f"Corrected headline number {number}"
                titles.add(title)
                path.write_bytes(TITLE.sub(f'title: "{title}"'.encode(), content, count=1))
            yield titles
        finally:
            for path, content in before.items():
                path.write_bytes(content)
            self.touched = time.monotonic()
