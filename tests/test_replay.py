"""A month of real edits, one by one: only what readers see changes files, and no edit is lost."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from second_reading import RECORDS, Seen, feeds_of, needs_records, read, read_folder, slug
from site_on_disk import Site

pytestmark = needs_records

ALL = 10_000
LIMIT = 50  # entries that a feed prints, by default
COMPARED_EVERY = 30  # edits: 600 of them give 20 comparisons with a build from nothing
FEEDS = ("rss.xml", "atom.xml")

Feeds = dict[str, list[Seen]]


class Edit(NamedTuple):
    """One line of ``changes.jsonl``; ``status`` is A for a new file."""

    at: datetime
    path: str
    status: str
    text: str


class Stamp(NamedTuple):
    """What says whether a file was written: by its bytes, its time, or as another file."""

    mtime: int
    inode: int
    data: bytes


def test_each_edit_changes_what_it_shows_and_nothing_else(site: Site) -> None:
    edits = list(_edits())
    records = _start(site, edits)
    before = feeds_of(records.values(), edits[0].at, limit=ALL)
    site.build(now=_micros(edits[0].at))
    stamps = _stamps(site)
    counts: Counter[str] = Counter()
    for number, edit in enumerate(edits, 1):
        site.write(edit.path, edit.text)
        records[edit.path] = read(edit.path, edit.text)
        after = feeds_of(records.values(), edit.at, limit=ALL)
        report = site.build(now=_micros(edit.at))

        stamps, before_stamps = _stamps(site), stamps
        changed = {path for path in stamps if stamps[path] != before_stamps.get(path)}
        assert before_stamps.keys() <= stamps.keys()
        assert changed - {"manifest.json"} == set(report.written), edit.path
        _check_changed(changed, before, after, edit.path)
        counts["visible" if changed else "hidden"] += 1
        before = after
        if number % COMPARED_EVERY == 0:
            assert site.tree() == site.fresh(now=_micros(edit.at)), f"after {number} edits"
            counts["compared"] += 1
    assert counts["compared"] == 20
    # Nearly all edits are of what no reader sees.
    assert counts["hidden"] > 20 * counts["visible"] > 200


def _edits() -> Iterator[Edit]:
    assert RECORDS is not None
    for line in (RECORDS / "changes.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        at = datetime.fromisoformat(row["time"])
        yield Edit(at, row["path"], row["status"], row["text"])


def _start(site: Site, edits: list[Edit]) -> dict[str, Seen]:
    """The news before the first edit: without the files that an edit will add."""
    assert RECORDS is not None
    shutil.copytree(RECORDS / "news", site.seeds / "news")
    first = {edit.path: edit.status for edit in reversed(edits)}
    for path, status in first.items():
        if status == "A":
            (site.seeds / path).unlink(missing_ok=True)
    return read_folder(site.seeds, ["news"])


def _check_changed(changed: set[str], before: Feeds, after: Feeds, edit: str) -> None:
    """Where what a feed prints is not what it was, both its formats changed, and no other did.

    Beside them only pages and lists may change, and only where a count did; else no file at all.
    """
    printed = {name for name in after if before.get(name, [])[:LIMIT] != after[name][:LIMIT]}
    counted = {name for name in after if len(before.get(name, [])) != len(after[name])}
    expected = {f"{slug(name)}/{kind}" if name else kind for name in printed for kind in FEEDS}
    assert {path for path in changed if path.endswith(FEEDS)} == expected, edit
    folders = {Path(path).parent.name for path in changed}
    assert folders <= {slug(name) for name in printed | counted} | {""}, edit
    assert printed or counted or not changed, edit


def _stamps(site: Site) -> dict[str, Stamp]:
    files = [path for path in site.feeds.rglob("*") if path.is_file()]
    return {str(path.relative_to(site.feeds)): _stamp(path) for path in files}


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return Stamp(status.st_mtime_ns, status.st_ino, path.read_bytes())


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000
