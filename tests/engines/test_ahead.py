"""A second process that lists folders changes nothing but the time that it takes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from site_on_disk import Site
from topicast.engines import ahead
from topicast.problems import BuildError
from topicast.records.listing import Folder, Place, walk

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that are forked from now on."""
    pids: list[int] = []
    real = os.fork

    def fork() -> int:
        pid = real()
        if pid:
            pids.append(pid)
        return pid

    monkeypatch.setattr(os, "fork", fork)
    return pids


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Wider than is asked ahead for, of two depths, with all that is not usual."""
    for year in range(30):
        for month in range(5):
            folder = tmp_path / f"{2000 + year}" / f"{month:02}"
            folder.mkdir(parents=True)
            for number in range(month * year % 7):
                (folder / f"{number}.md").write_text(str(number))
    (tmp_path / "2003/02/link.md").symlink_to("nowhere")
    (tmp_path / "2004/01/é.md").write_text("")
    (tmp_path / "2004/empty").mkdir()
    (tmp_path / os.fsdecode(b"2005/01/\xff.md")).write_text("")
    (tmp_path / "2006/folder").symlink_to(tmp_path)
    return tmp_path


def walked(root: Path, jobs: int, files: int = 10**6) -> list[Folder]:
    place = Place(str(root), lambda path: not path.endswith("3.md"))
    with ahead.lister(place, jobs, files) as lister:
        return list(walk(lister, {"2010", "2011/03"}))


def is_over(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_same_folders_in_the_same_order(tree: Path, forked: list[int]) -> None:
    alone = walked(tree, 1)
    assert not forked
    assert len(alone) > 90
    assert sum(len(folder.problems) for folder in alone) == 3
    assert walked(tree, 2) == alone
    assert len(forked) == 1
    assert is_over(forked[0])


def test_the_second_process_lists_a_good_part(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[str] = []
    real = ahead.list_folder

    def list_folder(place: Place, path: str) -> object:
        here.append(path)
        return real(place, path)

    monkeypatch.setattr(ahead, "list_folder", list_folder)
    walked(tree, 1)
    alone, here[:] = len(here), []
    walked(tree, 2)
    assert alone * 0.3 < len(here) < alone * 0.7


def die_at(times: int) -> Callable[..., None]:
    real = ahead._tell
    left = [times]

    def tell(*args: object) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*args)  # type: ignore[arg-type]

    return tell


@pytest.mark.parametrize("times", [1, 2, 20])
def test_where_it_is_killed_the_first_one_does_all(
    tree: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    alone = walked(tree, 1)
    monkeypatch.setattr(ahead, "_tell", die_at(times))
    assert walked(tree, 2) == alone


def test_half_an_answer_is_none(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(place: Place, path: str, told: object) -> None:
        os.write(told.fileno(), b"\xa9\x04\xda")  # type: ignore[attr-defined]
        os._exit(0)

    monkeypatch.setattr(ahead, "_tell", tell)
    assert walked(tree, 2) == walked(tree, 1)


def test_a_folder_that_cannot_be_listed_is_told_of_in_the_same_words(
    tree: Path, monkeypatch: pytest.MonkeyPatch, forked: list[int]
) -> None:
    real = os.open

    def refuse(path: str, *more: int) -> int:
        if path.endswith("/2012/02"):
            raise PermissionError(13, "Permission denied")
        return real(path, *more)

    monkeypatch.setattr(os, "open", refuse)
    for jobs in (1, 2):
        with pytest.raises(BuildError, match="/2012/02: cannot be read: Permission denied; check"):
            walked(tree, jobs)
    assert is_over(forked[0])


@pytest.mark.parametrize("why", ["few", "one job", "no fork", "threads"])
def test_when_it_is_not_started(
    tree: Path, monkeypatch: pytest.MonkeyPatch, forked: list[int], why: str
) -> None:
    enough = threading.Event()
    if why == "no fork":
        monkeypatch.delattr(os, "fork")
    if why == "threads":
        threading.Thread(target=enough.wait).start()
    try:
        walked(tree, 1 if why == "one job" else 2, 100 if why == "few" else 10**6)
    finally:
        enough.set()
    assert not forked


def test_where_there_are_no_more_processes_to_be_had_one_does_it_all(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    alone, blocked = walked(tree, 1), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    descriptors = len(os.listdir("/dev/fd"))
    monkeypatch.setattr(os, "fork", refuse)
    assert walked(tree, 2) == alone
    assert len(os.listdir("/dev/fd")) == descriptors
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == blocked


def test_builds_see_the_same_with_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, forked: list[int]
) -> None:
    monkeypatch.setattr(ahead, "FEW_FILES", 1)
    for number in range(40):
        site.record(f"{number % 9}/{number}.md", topics=[f"T{number % 4}"])
    site.build(jobs=2)
    assert not forked  # everything is read: there is nothing to compare
    assert site.build(jobs=2).parsed == 0
    site.record("3/3.md", title="Another")
    site.record("new/new.md")
    (site.seeds / "5/5.md").unlink()
    for number in range(7, 40, 9):
        (site.seeds / f"7/{number}.md").unlink()
    report = site.build(jobs=2)
    assert (report.files, report.parsed) == (36, 2)
    assert len(forked) == 2
    assert all(map(is_over, forked))
    assert site.tree() == site.fresh(jobs=1)
