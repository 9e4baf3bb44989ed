from __future__ import annotations

import os

import pytest

from topicast.problems import BuildError
from topicast.publish.disk import compare, digest_of, look
from topicast.publish.manifest import Manifest, digest
from topicast.publish.plan import Kind


def test_look_names_what_stands_at_paths_and_folders(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/rss.xml").write_bytes(b"feed")
    (tmp_path / "link.xml").symlink_to("a/rss.xml")
    (tmp_path / "folder.xml").mkdir()
    os.mkfifo(tmp_path / "pipe.xml")
    paths = ["a/rss.xml", "a/atom.xml", "b/rss.xml", "link.xml", "folder.xml", "pipe.xml"]
    found = look(tmp_path, paths)
    status = (tmp_path / "a/rss.xml").stat()
    assert found["a/rss.xml"].digest == digest(b"feed")
    assert found["a/rss.xml"].stat == (4, status.st_mtime_ns, status.st_ino)
    assert {path: each.kind for path, each in found.items()} == {
        "a": Kind.FOLDER,
        "a/rss.xml": Kind.FILE,
        "link.xml": Kind.LINK,
        "folder.xml": Kind.FOLDER,
        "pipe.xml": Kind.OTHER,
    }


@pytest.mark.parametrize("thing", ["link", "file"])
def test_look_does_not_go_through_what_is_no_folder(thing, tmp_path):
    (tmp_path / "elsewhere/archive").mkdir(parents=True)
    (tmp_path / "elsewhere/rss.xml").write_bytes(b"theirs")
    out = tmp_path / "out"
    out.mkdir()
    if thing == "link":
        (out / "a").symlink_to(tmp_path / "elsewhere")
    else:
        (out / "a").write_bytes(b"")
    found = look(out, ["a/rss.xml", "a/archive/2021-12.rss.xml"])
    assert {path: each.kind for path, each in found.items()} == {
        "a": Kind.LINK if thing == "link" else Kind.FILE
    }


def test_a_folder_that_is_missing_holds_nothing(tmp_path):
    assert look(tmp_path / "missing", ["rss.xml", "a/rss.xml"]) == {}


def test_a_name_that_the_system_refuses_is_a_message(tmp_path):
    with pytest.raises(BuildError, match="too long"):
        look(tmp_path, ["a" * 300])


def test_compare_finds_what_somebody_touched(tmp_path, build):
    files = {f"{name}/rss.xml": b"feed" for name in ("same", "edited", "gone", "again", "unknown")}
    build(tmp_path, files)
    stats = dict(build.published.stats)
    manifest = build.plan.after
    assert compare(tmp_path, manifest, stats) == set()

    before = (tmp_path / "edited/rss.xml").stat()
    (tmp_path / "edited/rss.xml").write_bytes(b"FEED")
    os.utime(tmp_path / "edited/rss.xml", ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    (tmp_path / "gone/rss.xml").unlink()
    (tmp_path / "again/new").write_bytes(b"feed")  # another inode, as a copy that keeps times
    status = (tmp_path / "again/rss.xml").stat()
    os.utime(tmp_path / "again/new", ns=(status.st_atime_ns, status.st_mtime_ns))
    (tmp_path / "again/new").replace(tmp_path / "again/rss.xml")
    del stats["unknown/rss.xml"]
    assert compare(tmp_path, manifest, stats) == files.keys() - {"same/rss.xml"}


def test_nothing_is_believed_of_a_tree_in_which_a_folder_is_a_link(tmp_path, build):
    build(tmp_path, {"rss.xml": b"feed", "ai/rss.xml": b"feed"})
    (tmp_path / "ai").rename(tmp_path / "elsewhere")
    (tmp_path / "ai").symlink_to("elsewhere")
    different = compare(tmp_path, build.plan.after, build.published.stats)
    assert different == {"rss.xml", "ai/rss.xml"}


def test_nothing_of_an_incomplete_manifest_is_believed(tmp_path, build):
    build(tmp_path, {"rss.xml": b"feed"})
    pending = Manifest(False, False, build.plan.after.files)
    assert compare(tmp_path, pending, build.published.stats) == {"rss.xml"}


def test_digest_of_a_file_that_cannot_be_read_is_no_digest(tmp_path):
    assert digest_of(tmp_path / "missing") == ""
    assert digest_of(tmp_path) == ""
