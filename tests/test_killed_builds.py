"""Whole builds killed at any moment: every file whole, the next build right, nothing left over."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from doomed import Child, command, killed_at, killed_in_transaction
from site_on_disk import TOML, Site
from topicast.publish.manifest import parse_manifest
from topicast.publish.temporary import SUFFIX

pytestmark = pytest.mark.usefixtures("temporary_folder")

DRAFT = "Neverpublished"
TAKEN = "Takendown"


class Story:
    """A site of some size that goes through states; each can follow on each other one."""

    def __init__(self, records: int, topics: int, formats: list[str]) -> None:
        self.records, self.topics = records, topics
        self.toml = f"{TOML}[feeds]\nformats = {formats}\n"
        self.states = (self.first, self.edited, self.excluded)

    def first(self, site: Site) -> None:
        site.configure(self.toml + "limit = 8\n")
        for n in range(self.records):
            self._ordinary(site, n)
        self._down(site, topics=["Topic 1", "Lone"])
        (site.seeds / "late.md").unlink(missing_ok=True)

    def edited(self, site: Site) -> None:
        """Edits, a takedown that empties a topic, a new topic, a deletion."""
        site.configure(self.toml + "limit = 8\n")
        for n in range(self.records):
            self._ordinary(site, n, **({"title": f"Edited {n}"} if n % 7 == 1 else {}))
        self._down(site, topics=["Topic 1"], published="false")
        site.record("late.md", topics=["Late", "Topic 2"])
        (site.seeds / "r8.md").unlink()

    def excluded(self, site: Site) -> None:
        """Another configuration: a catalog from nothing, files that go, heads that change."""
        self.edited(site)
        site.configure(self.toml + 'limit = 7\n[topics]\nexclude = ["Topic 0", "Late"]\n')

    def _down(self, site: Site, **fields: object) -> None:
        date = "2024-12-31T09:00:00Z"
        site.record("down.md", title=TAKEN, excerpt=TAKEN, publishedDateTime=date, **fields)

    def _ordinary(self, site: Site, n: int, **fields: object) -> None:
        draft = n % 6 == 0
        if draft:
            fields = {"published": "false", "title": f"{DRAFT} {n}", "excerpt": DRAFT, **fields}
        topics = [f"Topic {n % self.topics}", f"Topic {n * 7 % self.topics}"]
        date = f"2024-{n % 12 + 1:02}-01T09:00:00Z"
        body = DRAFT if draft else ""
        site.record(f"r{n}.md", body, publishedDateTime=date, topics=topics, **fields)


class Expected:
    """The right trees: ``begun`` of the first state with no registry, ``trees`` of all later."""

    def __init__(self, root: Path, story: Story) -> None:
        site = Site(root)
        self.story = story
        story.first(site)
        site.build()
        self.begun = site.tree()
        rounds = []
        for _ in range(2):
            trees = []
            for state in story.states:
                state(site)
                site.build()
                trees.append(site.tree())
                assert trees[-1] == site.fresh()
            rounds.append(trees)
        # In the first round the first state had no address yet for what is new in the others.
        assert rounds[0][1:] == rounds[1][1:]
        self.trees = rounds[1]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    return Expected(
        tmp_path_factory.mktemp("full") / "site", Story(60, 15, ["rss", "atom", "html"])
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    return Expected(tmp_path_factory.mktemp("small") / "site", Story(14, 3, ["atom"]))


def snapshot(root: Path) -> dict[Path, tuple[int, int]]:
    paths = [root, *root.rglob("*")]
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in paths}


def assert_whole(site: Site, old: dict[str, bytes], new: dict[str, bytes]) -> str:
    """Every file is the old or the new one. Returns how far the build had come."""
    tree = site.tree() if site.feeds.exists() else {}
    manifest = tree.pop("manifest.json", None)
    feeds = {path: data for path, data in tree.items() if SUFFIX not in path}
    for path, data in feeds.items():
        assert data in (old.get(path), new.get(path)), path
    assert feeds.keys() >= (old.keys() & new.keys()) - {"manifest.json"}
    assert_no_draft(site)
    if manifest in (old.get("manifest.json"), new["manifest.json"]):
        return "old" if manifest == old.get("manifest.json") else "final"
    assert not parse_manifest(manifest).complete
    return "pending"


def assert_no_draft(site: Site, text: str = DRAFT) -> None:
    places = [site.feeds, site.root / ".topicast"]
    for file in (file for place in places for file in place.rglob("*") if file.is_file()):
        assert text.encode() not in file.read_bytes(), file


def assert_mended(site: Site, wanted: dict[str, bytes]) -> None:
    """The next build is right and leaves nothing over, and the one after it has nothing to do."""
    assert site.build().exit_code == 0
    assert site.tree() == wanted
    assert_no_draft(site)
    if TAKEN.encode() not in wanted["atom.xml"]:
        assert_no_draft(site, TAKEN)
    assert_nothing_left_over(site)
    before = snapshot(site.feeds)
    report = site.build()
    assert (report.exit_code, report.written, report.removed) == (0, (), ())
    assert snapshot(site.feeds) == before


def assert_nothing_left_over(site: Site) -> None:
    assert sorted(os.listdir(site.root)) == [".topicast", "feeds", "seeds", "topicast.toml"]
    assert not list(site.root.rglob(f"*{SUFFIX}"))
    ignore, catalog = sorted(os.listdir(site.root / ".topicast"))
    assert ignore == ".gitignore" and catalog.endswith(".sqlite")


def begin_anew(site: Site) -> None:
    for folder in (site.feeds, site.root / ".topicast"):
        shutil.rmtree(folder, ignore_errors=True)


class Chance:
    """Kills builds at moments that are spread over what one takes, busy as the machine may be."""

    def __init__(self, log: Path) -> None:
        seed = random.randrange(1_000_000)
        print("seed", seed)
        self._random = random.Random(seed)
        self._log = log
        self._whole = 0.0

    def measure(self, work: Callable[[], int]) -> None:
        start = time.monotonic()
        assert Child(self._log, work).wait().code == 0
        self._whole = time.monotonic() - start

    def kill(self, work: Callable[[], int]) -> None:
        child = Child(self._log, work)
        time.sleep(self._random.uniform(0.0, self._whole))
        child.kill()
        self._whole *= 0.8 if child.wait().code == 0 else 1.1


def test_first_builds_killed_at_random_moments(full, tmp_path):
    site, chance, came = Site(tmp_path / "site"), Chance(tmp_path / "log"), set()
    full.story.first(site)
    chance.measure(command(site.root))
    for _ in range(30):
        begin_anew(site)
        chance.kill(command(site.root))
        came.add(assert_whole(site, {}, full.begun))
        assert_mended(site, full.begun)
    assert "old" in came and len(came) > 1, "the moments do not fit this machine"


def test_rebuilds_killed_at_random_moments(full, tmp_path):
    """Among them builds that are killed twice, and ones that read everything anew."""
    site, chance, came = Site(tmp_path / "site"), Chance(tmp_path / "log"), set()
    for state in full.story.states:  # all addresses are given once
        state(site)
        site.build()
    full.story.first(site)
    chance.measure(command(site.root))
    for n in range(48):
        old, new = full.trees[n % 3], full.trees[(n + 1) % 3]
        full.story.states[(n + 1) % 3](site)
        for _ in range(2 if n % 4 == 0 else 1):
            chance.kill(command(site.root, *["--full"][: n % 5 == 0]))
            came.add(assert_whole(site, old, new))
        assert_mended(site, new)
    assert "old" in came and len(came) > 1, "the moments do not fit this machine"


def test_processes_killed_from_their_start_on(full, tmp_path):
    """The command as a scheduler starts it: interpreter, imports and all."""
    site = Site(tmp_path / "site")
    full.story.first(site)
    line = [sys.executable, "-m", "topicast", "build", "--config", site.root / "topicast.toml"]
    line += ["--now", "2026-01-01T00:00:00Z", "-q"]
    start = time.monotonic()
    subprocess.run(line, check=True)
    whole = time.monotonic() - start
    for n in range(12):
        begin_anew(site)
        process = subprocess.Popen(line)
        time.sleep(whole * (0.4 + 0.6 * n / 11))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert_whole(site, {}, full.begun)
        assert_mended(site, full.begun)


@pytest.mark.parametrize("point", ["secure", "commit"])
@pytest.mark.parametrize("more", [(), ("--full",)])
def test_killed_around_the_transactions_of_the_catalog(point, more, full, tmp_path):
    """Before it, while SQLite writes (a file that grows over a limit ends the process), after."""
    site, came, journals = Site(tmp_path / "site"), Counter[tuple[str, int]](), 0
    for state in full.story.states:
        state(site)
        site.build()
    for n, limit in enumerate([0, *range(8, 208, 16)]):
        at = n % 2
        full.story.states[at](site)
        site.build()
        full.story.states[1 - at](site)
        old, new = full.trees[at], full.trees[1 - at]
        work = killed_in_transaction(point, limit * 1024, command(site.root, *more))
        ended = Child(tmp_path / "log", work).wait()
        assert ended.code < 0, ended.stderr
        came[assert_whole(site, old, new), ended.code] += 1
        journals += len(list((site.root / ".topicast").glob("*-journal")))
        assert_mended(site, new)
    where = "old" if point == "secure" else "final"
    assert came[where, -signal.SIGKILL] > 0
    assert came.total() == came[where, -signal.SIGKILL] + came[where, -signal.SIGXFSZ] == 14
    if not more and point == "secure":
        assert journals > 4
    if more:
        assert came[where, -signal.SIGXFSZ] > 4


@pytest.mark.parametrize("transition", range(4))
def test_killed_before_each_change_to_the_disk(transition, small, tmp_path):
    """First build, then each rebuild: at every call that changes something, or half way in it."""
    site, came = Site(tmp_path / "site"), list[str]()
    begins = transition == 3
    states, trees = small.story.states, small.trees
    for state in () if begins else (*states, *states[: transition + 1]):
        state(site)
        site.build()
    at = 0 if begins else (transition + 1) % 3
    old, new = ({}, small.begun) if begins else (trees[transition], trees[at])
    for step in range(1, 400):
        if begins:
            begin_anew(site)
        else:
            states[transition](site)
            site.build()
        states[at](site)
        ended = Child(tmp_path / "log", killed_at(step, command(site.root))).wait()
        came.append(assert_whole(site, old, new))
        assert_mended(site, new)
        if ended.code == 0:
            break
        assert ended.code == -signal.SIGKILL, ended.stderr
    else:
        pytest.fail("the build never came to its end")
    assert list(dict.fromkeys(came)) == ["old", "pending", "final"]
    assert len(came) > 30
