"""Which files are there: the usual ones quickly, the unusual ones rightly."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from topicast.problems import BuildError
from topicast.records import files
from topicast.records.listing import Folder, Place, list_folder, walk


def made(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    return root


def walked(root: Path, *skipped: str, stamped: bool = True) -> list[Folder]:
    place = Place(str(root), lambda path: "unwanted" not in path, stamped)
    return list(walk(lambda path, following: list_folder(place, path), skipped))


def stamp_at(folder: Folder, name: str) -> bytes:
    at = folder.names.index(name) * files.STAMP_SIZE
    return folder.stamps[at : at + files.STAMP_SIZE]


@pytest.fixture(params=["from the folder on", "by whole paths"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system names files from an open folder on, and where it does not."""
    if request.param == "by whole paths":
        monkeypatch.setattr(files, "_FROM_FOLDER", False)


@pytest.mark.usefixtures("either")
def test_folders_come_the_top_first_and_in_order(tmp_path):
    made(tmp_path, "b/z.md", "b/c/y.md", "b/a/x.md", "a.md", "B/w.md", "skip/v.md", "d/e/f/u.md")
    assert [(f.path, f.names) for f in walked(tmp_path, "skip")] == [
        ("", ["a.md"]),
        ("B", ["w.md"]),
        ("b", ["z.md"]),
        ("b/a", ["x.md"]),
        ("b/c", ["y.md"]),
        ("d/e/f", ["u.md"]),
    ]


@pytest.mark.usefixtures("either")
def test_what_counts_as_a_record(tmp_path):
    names = ["b.md", "a.JSON", "é.txt", "c.jpg", ".d.md", "e.md~", "unwanted.md", ".git/f.md", "g"]
    made(tmp_path, *names)
    (tmp_path / "h.md").mkdir()
    (tmp_path / "link.md").symlink_to("b.md")
    (folder,) = walked(tmp_path)
    assert folder.names == ["a.JSON", "b.md", "link.md", "é.txt"]
    assert folder.problems == {}
    assert walked(tmp_path, stamped=False) == [folder._replace(stamps=b"")]


@pytest.mark.usefixtures("either")
def test_stamps_stand_in_the_order_of_names_and_are_those_of_reading(tmp_path):
    made(tmp_path, "s/c.md", "s/a.md", "s/b.md")
    (tmp_path / "s/d.md").symlink_to("a.md")
    folder = walked(tmp_path)[1]
    assert len(folder.stamps) == 4 * files.STAMP_SIZE
    for name in folder.names:
        assert stamp_at(folder, name) == files.read(str(tmp_path), f"s/{name}").stamp


@pytest.mark.usefixtures("either")
def test_what_cannot_be_read_stands_among_the_names_with_a_stamp_of_its_own(tmp_path):
    made(tmp_path, "a.md", "z.md")
    (tmp_path / "gone.md").symlink_to("nowhere.md")
    (tmp_path / "out.md").symlink_to(__file__)
    (tmp_path / "there").symlink_to(tmp_path)
    (tmp_path / "unwanted.md").symlink_to("nowhere.md")
    (folder,) = walked(tmp_path)
    assert folder.names == ["a.md", "gone.md", "out.md", "there", "z.md"]
    assert [str(problem) for _, problem in sorted(folder.problems.items())] == [
        "gone.md: a symbolic link that leads nowhere or in a circle; put the file itself here",
        "out.md: a symbolic link that leads outside of the records; put the file itself here",
        "there: a symbolic link to a folder, which is not followed; put the folder itself here",
    ]
    for name, problem in folder.problems.items():
        assert stamp_at(folder, name) == files.stamp_of_problem(problem)
    assert stamp_at(folder, "z.md") == files.read(str(tmp_path), "z.md").stamp
    assert walked(tmp_path, stamped=False) == [folder._replace(stamps=b"")]


@pytest.mark.usefixtures("either")
def test_a_file_that_goes_while_it_is_looked_at_was_not_there(tmp_path, monkeypatch):
    made(tmp_path, "a.md", "b.md", "c.md")
    real = os.stat

    def stat(path: str, **more: object) -> os.stat_result:
        if path.endswith("a.md"):
            (tmp_path / "b.md").unlink()
        return real(path, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", stat)
    (folder,) = walked(tmp_path)
    assert folder.names == ["a.md", "c.md"]
    assert stamp_at(folder, "c.md") == files.read(str(tmp_path), "c.md").stamp


@pytest.mark.usefixtures("either")
def test_a_folder_that_cannot_be_listed_ends_it(tmp_path):
    made(tmp_path, "s/a.md")
    folders = walk(lambda path, _: list_folder(Place(str(tmp_path), bool), path))
    assert next(folders).path == ""
    shutil.rmtree(tmp_path / "s")
    with pytest.raises(BuildError, match=r"/s: cannot be read: No such file or directory; check"):
        next(folders)
    with pytest.raises(BuildError, match=r"/a: cannot be read: No such file or directory; check"):
        walked(tmp_path / "a")


def test_an_inode_may_have_all_64_bits():
    """Merged and network file systems make them of hashes."""
    values = [5, -1, 10, 2**64 - 1, 6, 11, -12, 7]
    stamps = files.stamps_of(values)
    assert stamps == files._STAMP.pack(*values[:4]) + files._STAMP.pack(*values[4:])
    assert files._STAMP.unpack(files.settled(stamps[:32], 0))[3] == 2**64 - 1
