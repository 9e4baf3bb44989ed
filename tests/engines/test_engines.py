"""Where the work is done changes no byte: one process or many, with the accelerator or without."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from doomed import Child, command
from second_reading import RECORDS
from site_on_disk import TOML, Site
from topicast.engines import intake, processes
from topicast.engines.processes import ProcessEngine
from topicast.problems import BuildError, ConfigError
from topicast.publish import flushers, writer
from topicast.publish.lock import locked
from topicast.publish.manifest import MANIFEST
from topicast.publish.temporary import SUFFIX
from topicast.records import fast

SEEDS = Path(__file__).parents[2] / "seeds"
GENERATE = Path(__file__).parents[2] / "benchmarks" / "generate.py"


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are started for any number of files, as else only for many."""
    monkeypatch.setattr(processes, "FEW_FILES", 3)
    monkeypatch.setattr(processes, "FEW_ITEMS", 3)
    monkeypatch.setattr(processes, "FEW_FEEDS", 3)


def write(
    site: Site, path: str, number: int, title: str = "A title", body: str = "", month: int = 5
) -> None:
    """A record of the plain shape that the accelerator takes."""
    lines = [
        f"title: {title} {number}",
        f"publishedDateTime: 2024-{month:02}-{number % 28 + 1:02}T09:00:00Z",
        f"webUrl: https://example.com/{number}",
        "topics:",
        "  - AI",
        f"  - Topic {number % 7}",
    ]
    site.write(path, "\n".join(["---", *lines, "---", body, ""]))


def filled(site: Site, count: int = 60) -> Site:
    for number in range(count):
        write(site, f"f{number % 3}/r{number}.md", number)
    site.record("bad.md", publishedDateTime="soon")
    site.record("draft.md", published="false")
    return site


def trees(site: Site, change: Callable[[pytest.MonkeyPatch], None] | None = None) -> list[dict]:
    """The tree of one job, of two, of three, and without the accelerator, each from nothing."""
    made = []
    for jobs, accelerated in ((1, True), (2, True), (3, True), (1, False), (2, False)):
        with pytest.MonkeyPatch.context() as patch:
            if not accelerated:
                patch.setattr(fast, "ryml", None)
            shutil.rmtree(site.feeds, ignore_errors=True)
            shutil.rmtree(site.root / ".topicast", ignore_errors=True)
            report = site.build(jobs=jobs)
            assert report.parsed == report.files
            assert bool(report.fast) == (accelerated and fast.ryml is not None)
            made.append(site.tree() | {"problems": repr(report.problems).encode()})
    return made


def test_the_same_tree_however_it_is_made(site: Site) -> None:
    first, *others = trees(filled(site))
    assert len(first) > 20
    assert all(other == first for other in others)


def test_the_same_tree_of_the_seeds(site: Site) -> None:
    shutil.rmtree(site.seeds)
    shutil.copytree(SEEDS, site.seeds)
    first, *others = trees(site)
    assert all(other == first for other in others)


@pytest.mark.skipif(RECORDS is None, reason="the real records are not here")
def test_the_same_tree_of_real_records(site: Site) -> None:
    assert RECORDS is not None
    for part in ("news", "samples", "learning"):
        shutil.copytree(RECORDS / part, site.seeds / part)
    first, *others = trees(site)
    assert all(other == first for other in others)


def test_the_same_tree_of_thousands_of_generated_records(site: Site) -> None:
    command = [sys.executable, GENERATE, "--records", "5000", "--out", site.root / "made"]
    subprocess.run(command, check=True)
    shutil.rmtree(site.seeds)
    (site.root / "made" / "records").rename(site.seeds)
    first, *others = trees(site)
    assert len(first) > 200
    assert all(other == first for other in others)
    files = sorted(site.seeds.rglob("*.md"))
    for number, path in enumerate(files[::50]):
        match number % 4:
            case 0:
                path.unlink()
            case 1:
                path.rename(path.with_name(f"moved-{path.name}"))
            case 2:
                path.write_text(path.read_text().replace("title: ", "title: Not ", 1))
            case _:
                path.write_text(path.read_text().replace("published: true", "published: false"))
    assert 25 < site.build(jobs=2).parsed < 100
    changed = site.tree()
    full = site.build(full=True)
    if fast.ryml is not None:  # the accelerator takes almost all, or it is none
        assert full.fast > 0.95 * full.parsed
    assert changed != first
    assert changed == site.fresh(jobs=1)


def test_many_changed_files_are_read_by_workers_and_few_are_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(site).build(jobs=2)
    started: list[ProcessEngine] = []
    ask = ProcessEngine._ask

    def asked(self: ProcessEngine, *args: object, **more: object) -> object:
        started.append(self)
        return ask(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ProcessEngine, "_ask", asked)
    write(site, "f0/r0.md", 0, "Another")
    assert site.build(jobs=2).parsed == 1
    assert not started
    for number in range(0, 60, 3):
        write(site, f"f0/r{number}.md", number, "Another still")
    assert site.build(jobs=2).parsed == 20
    assert started
    assert site.tree() == site.fresh(jobs=1)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_a_worker_that_dies_ends_the_build_and_says_where(
    site: Site, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    filled(site).build(jobs=2)
    before = site.tree()
    parent = os.getpid()

    def die(*args: object) -> None:
        if os.getpid() != parent:
            os.kill(os.getpid(), how)

    monkeypatch.setattr(intake, "_open", die)
    for number in range(60):
        write(site, f"f{number % 3}/r{number}.md", number, "Another")
    with pytest.raises(
        BuildError, match=r"a worker process ended while it was at the folder f[0-2]:"
    ):
        site.build(jobs=2)
    assert site.tree() == before
    monkeypatch.undo()
    site.build(jobs=1)
    assert site.tree() == site.fresh(jobs=1)


def test_a_worker_that_dies_while_rendering_ends_the_build(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getpid()

    def die(*args: object) -> None:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(processes, "render", die)
    filled(site)
    with pytest.raises(BuildError, match="a worker process ended while it was at the rendering"):
        site.build(jobs=2)
    assert site.tree() == {}


def archived(site: Site) -> Site:
    """A site with every format and archives, of some months."""
    site.configure(TOML + "[feeds]\narchives = true\nlimit = 5\n")
    for number in range(60):
        write(site, f"r{number}.md", number, month=number % 11 + 1)
    return site


def left_over(site: Site) -> list[Path]:
    return list(site.root.rglob(f"*{SUFFIX}"))


def test_archives_are_the_same_however_they_are_made(site: Site) -> None:
    first, *others = trees(archived(site))
    assert sum("/archive/" in path for path in first) > 100
    assert all(other == first for other in others)
    (site.seeds / "r3.md").unlink()
    site.build(jobs=2)
    assert site.tree() != first
    assert site.tree() == site.fresh(jobs=1)


@pytest.mark.parametrize("first", [True, False])
def test_a_worker_that_dies_while_composing_changes_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    archived(site)
    if not first:
        site.build(jobs=2)
        site.configure(TOML + 'rights = "All"\n[feeds]\narchives = true\n')
    before = site.tree() if not first else {}
    parent, real, count = os.getpid(), processes.composed, 0

    def die(*args: object) -> object:
        nonlocal count
        count += 1  # in each worker
        if os.getpid() != parent and count > 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(processes, "composed", die)
    with pytest.raises(BuildError, match="a worker process ended while it was at the composing"):
        site.build(jobs=2)
    assert site.tree() == before
    assert not left_over(site)
    monkeypatch.undo()
    site.build(jobs=2)
    assert site.tree() == site.fresh(jobs=1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_disk_that_fills_up_while_feeds_are_composed_changes_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    archived(site).build()
    before = states(site.feeds)
    site.configure(TOML + "[feeds]\narchives = true\nlimit = 6\n")
    site.record("new.md", topics=["New"])
    real, room = flushers.write, 9

    def full(target: str, data: bytes, **how: bool) -> object:
        nonlocal room  # in this process, and in each worker
        room -= 1
        if room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), target)
        return real(target, data, **how)

    for module in (flushers, writer):
        monkeypatch.setattr(module, "write", full)
    with pytest.raises(BuildError, match="No space left on device; the feeds stand as they were"):
        site.build(jobs=jobs)
    assert states(site.feeds) == before
    assert not left_over(site)
    monkeypatch.undo()
    site.build(jobs=jobs)
    assert site.tree() == site.fresh(jobs=1)


def states(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files_in(folder)}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("files", range(0, 200, 20))
def test_killed_while_workers_compose_the_next_build_is_right(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: int
) -> None:
    """Wherever the writing has come to; no worker goes on with what is half done."""
    archived(site)
    written = 0

    def killed(real: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object) -> object:
            nonlocal written
            written += 1
            if written > files:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args)

        return wrapped

    with monkeypatch.context() as patch:
        patch.setattr(flushers, "write", killed(flushers.write))
        patch.setattr(flushers, "flush", killed(flushers.flush))  # of what a worker has written
        ended = Child(tmp_path / "log", command(site.root, "--jobs", "2")).wait()
    assert ended.code == -signal.SIGKILL
    assert not (site.feeds / MANIFEST).exists()
    with locked(site.feeds, 5):  # until the last worker has ended
        pass
    site.build(jobs=2)
    assert site.tree() == site.fresh(jobs=1)
    assert not left_over(site)


def test_an_entry_that_was_damaged_is_seen_by_the_worker_that_prints_it(site: Site) -> None:
    archived(site).build(jobs=2)
    before = site.tree()
    (catalog,) = (site.root / ".topicast").glob("*.sqlite")
    with closing(sqlite3.connect(catalog)) as db, db:
        db.execute("UPDATE fragment SET packed = x'00' WHERE rec = 7")
    for path in site.feeds.rglob("*.xml"):
        path.unlink()
    report = site.build(jobs=2)
    assert "damaged" in " ".join(report.notes)
    assert site.tree() == before


@pytest.mark.parametrize("there_are", [0, 1, 3])
def test_as_many_workers_as_can_be_had(
    site: Site, monkeypatch: pytest.MonkeyPatch, there_are: int
) -> None:
    really, left = os.fork, [there_are]

    def fork() -> int:
        left[0] -= 1
        if left[0] < 0:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return really()

    archived(site)
    descriptors = len(os.listdir("/dev/fd"))
    monkeypatch.setattr(os, "fork", fork)
    report = site.build(jobs=2)
    monkeypatch.undo()
    assert report.parsed == report.files
    assert len(os.listdir("/dev/fd")) == descriptors
    assert site.tree() == site.fresh(jobs=1)
    assert not left_over(site)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_workers_end_is_heeded(site: Site, number: int) -> None:
    for each in range(700):
        write(site, f"r{each}.md", each)
    script = f"""if True:
        import os, signal, sys
        from topicast.engines.forked import Forked
        from topicast.__main__ import main
        end, told = Forked.end, []

        def ending(self):
            end(self)
            if not told:
                told.append(os.kill(os.getpid(), {int(number)}))

        Forked.end = ending
        sys.argv = ["topicast", "build", "--jobs", "2"]
        main()
    """
    done = subprocess.run([sys.executable, "-c", script], cwd=site.root, capture_output=True)
    assert (done.returncode, done.stderr.strip()) == (128 + number, b"")


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_items_that_cannot_be_read_are_counted(site: Site, jobs: int) -> None:
    filled(site, 10)
    site.write("many.jsonl", '{"title": "a", "webUrl": "/a"}\n' + "{\n" * 1_000)
    report = site.build(jobs=jobs)
    assert report.set_aside == 1_001  # and bad.md
    assert len(report.problems) == 102


def test_no_worker_outlives_a_build(site: Site) -> None:
    filled(site).build(jobs=3)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_what_a_worker_says_last_is_heard_though_it_was_asked_for_more(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise ConfigError("no such template")

    monkeypatch.setattr(processes, "render", refuse)
    monkeypatch.setattr(processes, "LOT", 1)
    with pytest.raises(ConfigError, match="no such template"):
        filled(site).build(jobs=2)
    assert site.tree() == {}


def test_large_records_pass_between_processes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a pipe holds, in both directions, without anyone waiting for ever."""
    monkeypatch.setattr(processes, "LOT", 4)
    for number in range(12):
        write(site, f"r{number}.md", number, body=f"word{number} " * 60_000)
    first, *others = trees(site)
    assert all(other == first for other in others)
