"""Files between composing and writing: as a dict has them, wherever they lie."""

from __future__ import annotations

import errno
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicast.problems import BuildError
from topicast.publish.disk import plan_tree
from topicast.publish.lock import locked
from topicast.publish.spool import Spool
from topicast.publish.writer import carry_out

steps = st.tuples(st.sampled_from("abcd"), st.none() | st.binary(max_size=6))


@settings(derandomize=True, database=None, deadline=None)
@given(st.lists(steps, max_size=20), st.integers(0, 12))
def test_it_is_a_mapping_whatever_the_memory(steps, in_memory):
    plain: dict[str, bytes] = {}
    with closing(Spool(in_memory=in_memory)) as spool:
        for path, data in steps:
            if data is not None:
                spool[path] = plain[path] = data
            elif path in plain:
                del spool[path], plain[path]
            assert dict(spool) == plain
            assert len(spool) == len(plain)


def test_many_threads_read_what_lies_on_the_disk(tmp_path):
    files = {f"{number}.xml": bytes([number]) * 5000 for number in range(60)}
    with closing(Spool(str(tmp_path), in_memory=0)) as spool, ThreadPoolExecutor(8) as pool:
        spool.update(files)
        paths = [*files] * 20
        assert list(pool.map(spool.__getitem__, paths)) == [files[path] for path in paths]
        assert list(tmp_path.iterdir()) == []


def test_a_tree_is_written_from_the_disk(tmp_path):
    wanted = {"a.xml": b"1" * 999, "b/c.xml": b"2" * 99, "b/d.xml": b"3", "topics.json": b"{}"}
    out = tmp_path / "feeds"
    with closing(Spool(in_memory=100)) as spool, locked(out) as lock:
        spool.update(wanted)
        carry_out(plan_tree(lock.path, spool, (), None), lock)
    assert {path: (out / path).read_bytes() for path in wanted} == wanted


def test_a_full_disk_ends_the_build_in_words(monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(BuildError, match=r"No space left on device.* the old feeds stand"):
        Spool(in_memory=0)["a.xml"] = b"feed"
