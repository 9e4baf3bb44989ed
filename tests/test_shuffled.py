"""Feeds do not show in what order files were made, or are found."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_on_disk import NOW, TOML, Site
from topicast.recipe import build
from topicast.records import files

# Ties of every kind: one date, one stem, one id, one link, one topic spelled in two ways.
RECORDS: dict[str, dict[str, Any]] = {
    "a.md": {"topics": ["Ships", "C"]},
    "x/a.md": {"topics": ["ships", "C++"]},
    "y/a.md": {"topics": [" SHIPS ", "c"]},
    "x/y/a.md": {"topics": ["C#"], "updatedDateTime": "2024-05-02T09:00:00Z"},
    "a.md.txt": {"topics": ["Ships"]},
    "b.md": {"id": "urn:example:1", "webUrl": "https://example.com/same"},
    "c.md": {"id": "urn:example:1", "webUrl": "https://example.com/same"},
    "d.md": {"webUrl": "https://example.com/same", "topics": ["ai", "Ai"]},
    "x/d.md": {"webUrl": "https://example.com/same", "draft": "true"},
    "e.md": {"publishedDateTime": None, "topics": ["Undated"]},
    "2024-05-01-f.md": {"publishedDateTime": None, "topics": ["人工知能", "AI"]},
    "bad.md": {"title": None},
    "x/bad.md": {"publishedDateTime": "2024-05"},
}
LIST = '{"title": "One", "webUrl": "/1", "publishedDateTime": "2024-05-01T09:00:00Z"}\n' * 2
TAXONOMY = "- {name: C, parent: Languages}\n- {name: Languages}\n- {name: C++, parent: C}\n"
SETTINGS = ["", '[feeds]\nduplicates = "newest"\nlimit = 4\n']


def make(root: Path, order: list[str], more: str = "") -> Site:
    """The same site, its files made in this order."""
    site = Site(root, TOML + more)
    (root / "topics.yaml").write_text(TAXONOMY, "utf-8")
    for path in order:
        if path == "list.jsonl":
            site.write(path, LIST)
        else:
            site.record(path, **RECORDS[path])
    return site


def built(site: Site, **options: Any) -> tuple[dict[str, bytes], list[str]]:
    """What the tree holds, and what was said of the records."""
    report = build(site.root / "topicast.toml", **{"now": NOW, "jobs": 1} | options)
    return site.tree(), [str(problem) for problem in report.problems]


ORDER = [*RECORDS, "list.jsonl"]


@pytest.mark.parametrize("more", SETTINGS, ids=["all", "newest"])
@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(order=st.permutations(ORDER))
def test_the_order_of_making_does_not_show(
    tmp_path_factory: pytest.TempPathFactory, more: str, order: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("made")
    assert built(make(folder / "one", order, more)) == built(make(folder / "other", ORDER, more))


class Shuffled:
    """``os.scandir``, in an order of its own each time."""

    def __init__(self, seed: int) -> None:
        self._scandir = os.scandir
        self._chance = random.Random(seed)

    @contextmanager
    def __call__(self, path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        with self._scandir(path) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        self._chance.shuffle(found)
        yield iter(found)


@pytest.mark.parametrize("more", SETTINGS, ids=["all", "newest"])
def test_the_order_of_finding_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    site = make(tmp_path / "site", ORDER, more)
    expected = built(site)
    for seed in range(8):
        for path in ("b.md", "x/a.md"):
            site.record(path, **RECORDS[path])  # for every second build is an incremental one
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "scandir", Shuffled(seed))
            report = build(site.root / "topicast.toml", now=NOW, jobs=1, full=seed % 2 == 0)
        assert (site.tree(), [str(problem) for problem in report.problems]) == expected


def test_worker_processes_that_come_in_any_order_do_not_show(tmp_path: Path) -> None:
    site = make(tmp_path / "site", ORDER)
    for number in range(1500):
        site.record(f"{number % 7}/{number % 700}.md", topics=[f"T{number % 5}", "t1"])
    alone = built(site)
    assert built(site, jobs=3, full=True) == alone
