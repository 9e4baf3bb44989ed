from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.problems import BuildError
from topicast.publish.manifest import (
    Manifest,
    digest,
    is_publishable,
    parse_manifest,
    read_manifest,
)

D = digest(b"a feed")

SEGMENTS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,12}", fullmatch=True)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join).filter(is_publishable)


@given(st.dictionaries(PATHS, st.binary().map(digest)), st.booleans(), st.booleans())
def test_a_manifest_reads_back_and_is_plain_sorted_json(files, preview, complete):
    manifest = Manifest(preview, complete, files)
    data = manifest.encode()
    assert parse_manifest(data) == manifest
    as_json = {"preview": preview, "complete": complete, "files": files}
    assert data.decode() == json.dumps(as_json, indent=2, sort_keys=True) + "\n"
    shuffled = Manifest(preview, complete, dict(reversed(files.items())))
    assert shuffled.encode() == data


@given(st.text(alphabet=st.sampled_from("ab/.\\~\0C:-\n é"), max_size=12))
def test_no_publishable_path_leaves_the_tree_or_is_hidden(path):
    if is_publishable(path):
        normal = os.path.normpath(os.path.join("/out", path))
        assert normal == "/out/" + path
        assert all(part and not part.startswith(".") for part in path.split("/"))
        assert path.count("/") <= 2


NEVER = ["/rss.xml", "../rss.xml", "a/../rss.xml", "a//rss.xml", "a/", "", ".", "..", "a\\rss.xml"]
NEVER += [".hidden", "a/.git/config", "a/b/c/rss.xml", "C:/x", "Rss.xml", "a\n", "manifest.json"]


@pytest.mark.parametrize("path", NEVER)
def test_paths_that_are_never_written(path, tmp_path):
    assert not is_publishable(path)
    text = json.dumps({"preview": False, "complete": True, "files": {path: D}})
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BuildError, match="lists a path") as caught:
        read_manifest(tmp_path)
    assert caught.value.exit_code == 1
    assert read_manifest(tmp_path, force=True) is None


@pytest.mark.parametrize(
    "path", ["rss.xml", "ai-hardware/rss.xml", "ai/archive/2021-12.atom.xml", "c/index.html"]
)
def test_paths_that_are(path):
    assert is_publishable(path)


def test_no_manifest_is_none(tmp_path):
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "missing") is None


GOOD = Manifest(False, True, {"rss.xml": D}).encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (GOOD[:-20], "not JSON"),
        (b"<<<<<<< HEAD\n" + GOOD + b"=======\n" + GOOD + b">>>>>>> x\n", "not JSON"),
        (GOOD.replace(b"rss", b"\xff"), "UTF-8|not JSON"),
        (b"[]", "not a manifest"),
        (b'{"name": "A web app", "icons": []}', "not a manifest"),
        (b'{"preview": 0, "complete": true, "files": {}}', "not a manifest"),
        (b'{"preview": false, "complete": true, "files": {"rss.xml": 1}}', "not a manifest"),
        (b'{"preview": false, "complete": true, "files": {"rss.xml": ""}}', "no digest"),
        (b'{"preview": false, "complete": true, "files": {"rss.xml": "md5:0"}}', "no digest"),
        (b'{"x":' + b"[" * 100_000, "deep|not JSON"),
    ],
)
def test_an_unreadable_manifest_ends_the_build_unless_forced(data, why, tmp_path):
    (tmp_path / "manifest.json").write_bytes(data)
    with pytest.raises(BuildError, match=why) as caught:
        read_manifest(tmp_path)
    assert "--force" in str(caught.value)
    assert str(tmp_path / "manifest.json") in str(caught.value)
    assert read_manifest(tmp_path, force=True) is None


@pytest.mark.parametrize("thing", ["folder", "link", "pipe"])
def test_another_thing_under_its_name_is_unreadable_and_never_waited_for(thing, tmp_path):
    file = tmp_path / "manifest.json"
    if thing == "folder":
        file.mkdir()
    elif thing == "link":
        (tmp_path / "elsewhere").write_bytes(GOOD)
        file.symlink_to("elsewhere")
    else:
        os.mkfifo(file)
    with pytest.raises(BuildError, match="cannot say which files"):
        read_manifest(tmp_path)


def test_an_incomplete_one_may_lack_digests_and_a_later_one_may_say_more(tmp_path):
    text = '{"complete": false, "preview": true, "files": {"a/rss.xml": ""}, "later": [1]}'
    (tmp_path / "manifest.json").write_text(text)
    assert read_manifest(tmp_path) == Manifest(True, False, {"a/rss.xml": ""})
