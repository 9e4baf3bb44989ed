"""Which files changed: no edit is missed, whatever clocks do, and nothing is read in vain."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_on_disk import Site
from topicast.records import files, listing
from topicast.records.files import Unreadable

HOUR = 3600 * 10**9
TICK = 2 * 10**9
REAL = files.read

instants = st.integers(min_value=-(2**62), max_value=2**62)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are read from now on."""
    seen: list[str] = []

    def read(root: str, path: str, folder: int | None = None) -> files.Contents:
        seen.append(path)
        return REAL(root, path, folder)

    monkeypatch.setattr(files, "read", read)
    return seen


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """``later(n)``: builds from now on start ``n`` nanoseconds later, by the system's clock."""
    real = time.time_ns

    def move(by: int) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: real() + by)

    return move


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stamps of a file system with ticks of 2 s: an edit in place within one leaves its stamp."""
    real = files.values_of

    def values_of(info: os.stat_result) -> tuple[int, int, int, int]:
        size, mtime, _, inode = real(info)
        return size, mtime // TICK * TICK, 0, inode

    monkeypatch.setattr(files, "values_of", values_of)
    monkeypatch.setattr(listing, "values_of", values_of)


def record(title: str) -> str:
    return f"---\ntitle: {title}\npublishedDateTime: 2024-05-01\nwebUrl: https://e.org/a\n---\n"


def write_now(site: Site, title: str) -> Path:
    """A record of one size whatever the title is, with the time of the clock."""
    file = site.seeds / "a.md"
    file.write_text(record(title))
    return file


def age(file: Path, ns: int) -> None:
    status = file.stat()
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns - ns))


# What a stamp is.


def status(**values: int) -> os.stat_result:
    at = {"st_mode": 0o100644, "st_ino": 7, "st_nlink": 1, "st_uid": 0, "st_size": 5, "st_atime": 0}
    at |= values
    ordinary = [at["st_mode"], at["st_ino"], 0, at["st_nlink"], at["st_uid"], 0, at["st_size"]]
    named = {
        "st_atime_ns": 1,
        "st_mtime_ns": at.get("mtime", 10),
        "st_ctime_ns": at.get("ctime", 10),
    }
    return os.stat_result([*ordinary, at["st_atime"], 0, 0], named)


@pytest.mark.parametrize("name", ["st_size", "mtime", "ctime", "st_ino"])
@pytest.mark.parametrize("by", [1, -1])
def test_a_stamp_tells_size_mtime_ctime_and_inode_back_and_forth(name, by):
    values = {"st_size": 5, "mtime": 10, "ctime": 10, "st_ino": 7}
    changed = files._stamp(status(**(values | {name: values[name] + by})))
    assert changed != files._stamp(status(**values))


@pytest.mark.parametrize("name", ["st_mode", "st_nlink", "st_uid", "st_atime"])
def test_a_stamp_tells_nothing_else(name):
    assert files._stamp(status(**{name: 99})) == files._stamp(status())


@given(instants, st.integers(0, 2**40), instants, instants, st.integers(0, 2**64 - 1))
def test_what_may_still_change_unseen_is_never_remembered_as_known(mtime, size, start, ctime, ino):
    stamp = files._STAMP.pack(size, mtime, ctime, ino)
    remembered = files.settled(stamp, start)
    if mtime < start - 2 * 10**9:
        assert remembered == stamp
    else:
        assert files._STAMP.unpack(remembered)[0] == -1  # the size of no file


# Through a build.


def replaced(file: Path, text: str) -> None:
    other = file.with_name("other")
    other.write_text(text)
    other.replace(file)


def edited(file: Path, text: str) -> None:
    file.write_text(text)


@pytest.mark.parametrize("change", [edited, replaced])
def test_another_content_with_the_same_size_and_mtime_is_seen(change, site):
    """As ``rsync -t`` and ``touch -r`` leave it; ctime and inode tell."""
    file = write_now(site, "One")
    age(file, HOUR)
    site.build()
    before = file.stat()
    change(file, record("Two"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = file.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert site.build().parsed == 1
    assert site.titles() == ["Two"]


def test_an_edit_within_the_tick_is_seen(site, coarse):
    file = write_now(site, "One")
    before = file.stat()
    site.build()
    write_now(site, "Two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert files._stamp(file.stat()) == files._stamp(before)
    assert site.build().parsed == 1
    assert site.titles() == ["Two"]


def test_a_new_file_is_read_until_it_is_old_enough_and_parsed_once(site, reads, later):
    write_now(site, "One")
    site.build()
    assert (reads, site.build().parsed) == (["a.md"] * 2, 0)
    later(3 * 10**9)
    assert (site.build().parsed, reads) == (0, ["a.md"] * 3)
    assert (site.build().parsed, reads) == (0, ["a.md"] * 3)


def test_a_file_from_the_future_is_never_believed_to_be_the_same(site, reads, coarse):
    """The clock was wrong when it was written, or is now."""
    file = write_now(site, "One")
    age(file, -24 * HOUR)
    site.build()
    before = file.stat()
    write_now(site, "Two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert site.build().parsed == 1
    assert site.titles() == ["Two"]
    assert site.build().parsed == 0
    assert reads == ["a.md"] * 3


def test_a_clock_set_back_hides_no_edit(site, later):
    """The edit is older than what it replaces, by its own stamp."""
    file = write_now(site, "One")
    age(file, HOUR)
    site.build()
    later(-24 * HOUR)
    write_now(site, "Two")
    age(file, 24 * HOUR)
    assert site.build().parsed == 1
    assert site.titles() == ["Two"]


def test_on_a_fresh_clone_digests_decide_and_nothing_is_parsed(site, reads):
    for n in range(12):
        site.record(f"{n % 3}/r{n}.md", topics=[f"Topic {n % 4}"])
    site.build()
    before = site.tree()
    mtimes = {path: path.stat().st_mtime_ns for path in site.feeds.rglob("*")}
    shutil.copytree(site.seeds, site.root / "clone")
    shutil.rmtree(site.seeds)
    (site.root / "clone").rename(site.seeds)
    for file in site.seeds.rglob("*.md"):
        age(file, HOUR)
    reads.clear()
    report = site.build()
    assert (report.parsed, report.rendered, report.written) == (0, 0, ())
    assert len(reads) == 12
    assert site.tree() == before
    assert mtimes == {path: path.stat().st_mtime_ns for path in site.feeds.rglob("*")}
    site.build()
    assert len(reads) == 12


# Files that change while they are read.


class Meddler:
    """Does something to a file each time that a part of it has been read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int, do: Callable[[], None]) -> None:
        self.left = times
        real = os.read

        def read(descriptor: int, size: int) -> bytes:
            data = real(descriptor, size)
            if self.left:
                self.left -= 1
                do()
            return data

        monkeypatch.setattr(os, "read", read)


@pytest.mark.parametrize(
    "after",
    [
        lambda file: edited(file, record("Two")),
        lambda file: edited(file, record("Something longer")),
        lambda file: edited(file, ""),
        lambda file: replaced(file, record("Two")),
    ],
)
def test_a_file_that_changes_while_it_is_read_is_read_again(after, site, monkeypatch):
    file = write_now(site, "One")
    age(file, HOUR)
    Meddler(monkeypatch, 1, lambda: after(file))
    contents = files.read(str(site.seeds), "a.md")
    if contents.data == record("One").encode():
        # Of a file that was replaced, the old one may be what was opened: under its own stamp.
        assert contents.stamp != files._stamp(file.stat())
    else:
        assert contents.data == file.read_bytes()
        assert contents.stamp == files._stamp(file.stat())


def test_a_file_that_is_gone_while_it_is_read_is_told_from_one_that_was_not(site, monkeypatch):
    file = write_now(site, "One")
    time.sleep(0.05)  # else both may fall into one tick, and the whole old file is as good
    Meddler(monkeypatch, 1, file.unlink)
    with pytest.raises(Unreadable, match=r"a\.md: is gone since its folder was listed"):
        files.read(str(site.seeds), "a.md")


def test_a_file_that_does_not_keep_still_is_set_aside_until_it_does(site, monkeypatch):
    file = write_now(site, "One")
    site.record("b.md")
    with monkeypatch.context() as patch:
        Meddler(patch, 5, lambda: edited(file, file.read_text() + "\n"))
        report = site.build()
    assert (report.exit_code, report.shown) == (3, 1)
    (problem,) = report.problems
    assert str(problem) == "a.md: changed while it was read; build again when it is still"
    assert site.build().exit_code == 0
    assert sorted(site.titles()) == ["One", "Title of b"]


def test_a_file_that_grows_as_it_is_read_ends_no_build_with_half_of_it(site, monkeypatch):
    """An editor that writes in place: what is published is a whole, or nothing new."""
    file = write_now(site, "One")
    site.build()
    half = record("Two").encode()[:20]
    file.write_bytes(half)
    Meddler(monkeypatch, 1, lambda: edited(file, record("Two")))
    assert site.build().exit_code == 0
    assert site.titles() == ["Two"]
