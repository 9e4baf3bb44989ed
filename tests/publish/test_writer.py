from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest

from topicast.problems import BuildError
from topicast.publish.ignoring import ignore_folder
from topicast.publish.lock import locked
from topicast.publish.manifest import Manifest, digest, parse_manifest, read_manifest
from topicast.publish.temporary import SUFFIX

OLD = {
    "topics.json": b"registry 1",
    "rss.xml": b"all 1",
    "ai/rss.xml": b"ai 1",
    "ai/archive/2021-12.rss.xml": b"archive 1",
    "gone/rss.xml": b"gone 1",
}
NEW = {
    "topics.json": b"registry 2",
    "rss.xml": b"all 2",
    "ai/rss.xml": b"ai 1",
    "new/rss.xml": b"new 2",
    "new/archive/2022-01.rss.xml": b"archive 2",
}


def with_manifest(files, preview=False):
    manifest = Manifest(preview, True, {path: digest(data) for path, data in files.items()})
    return dict(sorted({**files, "manifest.json": manifest.encode()}.items()))


def test_a_tree_becomes_what_was_wanted(tmp_path, build, snapshot):
    out = tmp_path / "deep/feeds"
    build(out, OLD)
    assert snapshot(out) == with_manifest(OLD)
    (out / "gone/CNAME").write_bytes(b"theirs")
    build(out, NEW)
    assert snapshot(out) == dict(sorted({**with_manifest(NEW), "gone/CNAME": b"theirs"}.items()))
    assert os.listdir(tmp_path / "deep") == ["feeds"]


def test_what_is_published_is_what_a_catalog_must_remember(tmp_path, build):
    build(tmp_path, OLD)
    build(tmp_path, {"rss.xml": b"all 2", "ai/rss.xml": b"ai 1"}, OLD.keys())
    stats = {}
    for path in ("rss.xml", "ai/rss.xml"):
        status = (tmp_path / path).stat()
        stats[path] = (status.st_size, status.st_mtime_ns, status.st_ino)
    assert build.published.stats == stats
    assert build.published.manifest == digest((tmp_path / "manifest.json").read_bytes())
    assert read_manifest(tmp_path).files.keys() == OLD.keys()


def states(folder: Path):
    paths = [folder, *sorted(folder.rglob("*"))]
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in paths}


def test_nothing_new_touches_nothing(tmp_path, build):
    build(tmp_path, OLD)
    before = states(tmp_path)
    assert not build(tmp_path, OLD).changes
    assert not build(tmp_path, {}, OLD.keys()).changes
    assert states(tmp_path) == before


def test_a_file_with_the_same_bytes_is_not_touched_when_others_change(tmp_path, build):
    build(tmp_path, OLD)
    before = states(tmp_path)
    build(tmp_path, {**OLD, "rss.xml": b"all 2"})
    after = states(tmp_path)
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed == {tmp_path.name, "rss.xml", "manifest.json"}


def test_a_plan_that_is_not_carried_out_changes_nothing(tmp_path, build):
    build(tmp_path, OLD)
    before = states(tmp_path)
    build.check = True
    plan = build(tmp_path, NEW)
    assert set(plan.written) == NEW.keys() - {"ai/rss.xml"}
    assert set(plan.remove) == OLD.keys() - NEW.keys()
    assert states(tmp_path) == before


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_umask_is_kept(mask, tmp_path, build):
    old = os.umask(mask)
    try:
        build(tmp_path / "feeds", OLD)
    finally:
        os.umask(old)
    for path in (tmp_path / "feeds").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o777 if path.is_dir() else 0o666) & ~mask
    assert (tmp_path / "feeds").stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_linked_folder_stays_a_link(tmp_path, build, snapshot):
    (tmp_path / "www").mkdir()
    (tmp_path / "feeds").symlink_to("www")
    (tmp_path / "soon").symlink_to("made")
    for link, real in (("feeds", "www"), ("soon", "made")):
        build(tmp_path / link, OLD)
        assert (tmp_path / link).is_symlink()
        assert snapshot(tmp_path / real) == with_manifest(OLD)


def test_a_topic_folder_that_became_a_link_is_not_followed(tmp_path, build, snapshot):
    out, elsewhere = tmp_path / "feeds", tmp_path / "elsewhere"
    build(out, OLD)
    (out / "ai").rename(elsewhere)
    (out / "ai").symlink_to(elsewhere)
    (elsewhere / f".rss.xml{SUFFIX}").write_bytes(b"theirs")
    (elsewhere / "empty").mkdir()
    before = snapshot(elsewhere)
    with pytest.raises(BuildError, match="ai is a symbolic link"):
        build(out, NEW)
    build(out, {"rss.xml": b"all 3"})
    assert snapshot(elsewhere) == before
    assert (out / "ai").is_symlink()


def test_a_stranger_in_the_way_ends_the_build_and_force_replaces_it(tmp_path, build, snapshot):
    build(tmp_path, {"rss.xml": b"1"})
    (tmp_path / "ai").mkdir()
    (tmp_path / "ai/rss.xml").write_bytes(b"theirs")
    before = snapshot(tmp_path)
    with pytest.raises(BuildError, match=r": ai/rss\.xml is in the output folder"):
        build(tmp_path, OLD)
    assert snapshot(tmp_path) == before
    build(tmp_path, OLD, force=True)
    assert snapshot(tmp_path) == with_manifest(OLD)


def test_force_takes_over_the_paths_of_this_build_and_no_others(tmp_path, build, snapshot):
    build(tmp_path, OLD)
    (tmp_path / "manifest.json").write_bytes(b"<<<<<<< HEAD\n")
    before = snapshot(tmp_path)
    with pytest.raises(BuildError, match="--force"):
        build(tmp_path, NEW)
    assert snapshot(tmp_path) == before
    build(tmp_path, NEW, force=True)
    assert snapshot(tmp_path) == dict(sorted({**OLD, **with_manifest(NEW)}.items()))


def test_a_preview_is_kept_out_of_version_control(tmp_path, build, snapshot):
    out = tmp_path / "preview"
    build(out, OLD, preview=True)
    assert snapshot(out) == {".gitignore": b"*\n", **with_manifest(OLD, preview=True)}
    (out / ".gitignore").write_bytes(b"# mine\n")
    build(out, NEW, preview=True)
    assert (out / ".gitignore").read_bytes() == b"# mine\n"


def test_ignoring_a_folder_mends_what_a_kill_left_and_is_quiet_the_second_time(tmp_path):
    ignore_folder(tmp_path)
    before = states(tmp_path)
    ignore_folder(tmp_path)
    assert states(tmp_path) == before
    (tmp_path / ".gitignore").write_bytes(b"")
    ignore_folder(tmp_path)
    assert (tmp_path / ".gitignore").read_bytes() == b"*\n"


class Recorder:
    """What the writer asks of the system, in order; optionally one call fails."""

    def __init__(self, out: Path, monkeypatch, fails=None) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.out, self.fails, self.count = out, fails, 0
        self.manifests: list[Manifest] = []
        for name in ("open", "fsync", "mkdir", "rename", "replace", "unlink", "rmdir"):
            monkeypatch.setattr(os, name, self.wrap(name, getattr(os, name)))

    def wrap(self, name, real):
        def call(*args, **keywords):
            paths = [self.short(arg) for arg in args if isinstance(arg, (str, Path))]
            if name == "fsync":
                paths = [self.short(os.readlink(f"/proc/self/fd/{args[0]}"))]
            if name != "open" or args[1] & os.O_CREAT:
                self.calls.append((name, *paths))
                self.count += 1
                if self.count == self.fails:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            result = real(*args, **keywords)
            if name == "replace" and paths[1] == "manifest.json":
                self.manifests.append(parse_manifest(Path(args[1]).read_bytes()))
            return result

        return call

    def short(self, path) -> str:
        return os.path.relpath(path, self.out)


def temp(path):
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}{SUFFIX}".lstrip("/")


def test_the_order_of_operations(tmp_path, build, monkeypatch):
    build(tmp_path, OLD)
    with monkeypatch.context() as patch:
        recorder = Recorder(tmp_path, patch)
        build(tmp_path, NEW)
    calls = recorder.calls
    replaced = [call[2] for call in calls if call[0] == "replace"]
    written = sorted(NEW.keys() - {"ai/rss.xml", "topics.json"})
    assert replaced == ["manifest.json", "topics.json", *written, "manifest.json"]

    first_rename = calls.index(("replace", temp("manifest.json"), "manifest.json"))
    for path in [*written, "topics.json", "manifest.json"]:
        opened, flushed = calls.index(("open", temp(path))), calls.index(("fsync", temp(path)))
        assert opened < flushed < first_rename
    creations = [n for n, call in enumerate(calls) if call[0] in ("open", "mkdir")]
    assert max(creations) < first_rename

    removed = [call[1] for call in calls if call[0] == "unlink" and SUFFIX not in call[1]]
    assert removed == ["ai/archive/2021-12.rss.xml", "gone/rss.xml"]
    last_rename = max(n for n, call in enumerate(calls) if call[0] == "replace")
    removals = [calls.index(("unlink", path)) for path in removed]
    feeds = [n for n, call in enumerate(calls) if call[0] == "replace"][:-1]
    assert max(feeds) < min(removals) and max(removals) < last_rename

    pending, final = recorder.manifests
    assert not pending.complete and final.complete
    assert pending.files.keys() == OLD.keys() | NEW.keys()
    assert final.files == {path: digest(data) for path, data in NEW.items()}


@pytest.mark.parametrize("first", [True, False])
def test_a_failure_at_any_step_leaves_the_old_tree_or_one_that_the_next_build_mends(
    first, tmp_path, build, snapshot, monkeypatch
):
    reached, renaming = 0, 0
    for step in range(1, 200):
        out = tmp_path / f"{step}/feeds"
        out.parent.mkdir()
        if not first:
            build(out, OLD)
        before = snapshot(out.parent)
        with monkeypatch.context() as patch:
            recorder = Recorder(out, patch, fails=step)
            try:
                build(out, NEW)
                failure = None
            except BuildError as exc:
                failure = str(exc)
        if recorder.count < step:
            break
        if failure is None:  # flushing a folder, removing a lock file or an empty one may fail
            assert recorder.calls[step - 1][0] in ("fsync", "unlink", "rmdir")
            continue
        reached += 1
        assert "No space left on device" in failure
        assert out.name in failure
        after = snapshot(out.parent)
        assert not any(SUFFIX in path for path in after)
        renames = [call[2] for call in recorder.calls[: step - 1] if call[0] == "replace"]
        if not renames:
            assert after == before
            assert "as they were" in failure or "cannot be locked" in failure
        else:
            renaming += 1
            assert not read_manifest(out).complete
        build(out, NEW)
        assert snapshot(out) == with_manifest(NEW)
    else:
        pytest.fail("the writer never came to its end")
    assert reached > 15 and renaming > 4


def in_child(work) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BuildError as exc:
            os._exit(
                10 if os.strerror(errno.EFBIG) in str(exc) and "big/rss.xml" in str(exc) else 11
            )
        finally:
            os._exit(12)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("first", [True, False])
def test_a_file_size_limit_changes_nothing(first, tmp_path, build, snapshot):
    out = tmp_path / "feeds"
    if not first:
        build(out, OLD)
    before = snapshot(tmp_path)
    files = {**NEW, "big/rss.xml": b"x" * 100_000, **{f"t{n}/rss.xml": b"x" for n in range(20)}}

    def work():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        build(out, files)

    assert in_child(work) == 10
    assert snapshot(tmp_path) == before


@pytest.fixture
def small_disk(tmp_path, mount):
    place = tmp_path / "disk"
    mount(place, "-t", "tmpfs", "-o", "size=256k", "tmpfs")
    return place


@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_changes_nothing(first, small_disk, build, snapshot):
    out = small_disk / "feeds"
    if not first:
        build(out, OLD)
    before = snapshot(small_disk)
    for size in (300_000, 20_000, 9_000):
        with pytest.raises(BuildError, match="No space left on device; the feeds stand as they"):
            build(out, {**NEW, **{f"t{n}/rss.xml": b"x" * size for n in range(40)}})
        assert snapshot(small_disk) == before
    build(out, NEW)
    assert snapshot(out) == with_manifest(NEW)


def test_an_interrupt_takes_the_temporary_files_back(tmp_path, build, snapshot, monkeypatch):
    build(tmp_path, OLD)
    before = snapshot(tmp_path)

    def interrupted(fd):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path, NEW)
    assert snapshot(tmp_path) == before


def test_without_threads_the_files_are_written_all_the_same(tmp_path, build, snapshot, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)
    build(tmp_path, OLD)
    assert snapshot(tmp_path) == with_manifest(OLD)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(f".*{SUFFIX}")]


@pytest.mark.parametrize("same_again", [True, False])
def test_a_sweep_finds_what_a_kill_before_the_first_rename_left(
    same_again, tmp_path, build, snapshot
):
    """Also where the next build has nothing to write, and no topic of that name any more."""
    build(tmp_path, OLD)
    pending = Manifest(False, False, dict.fromkeys({*OLD, "lost/archive/x.rss.xml"}, ""))
    (tmp_path / temp("manifest.json")).write_bytes(pending.encode())
    (tmp_path / "lost/archive").mkdir(parents=True)
    for path in ("lost/archive/x.rss.xml", "ai/rss.xml", "topics.json", "manifest.json.final"):
        (tmp_path / temp(path)).write_bytes(b"hal")
    wanted = OLD if same_again else NEW
    build(tmp_path, wanted)
    assert snapshot(tmp_path) == with_manifest(wanted)


def test_a_list_of_what_was_to_come_may_be_cut_off(tmp_path, build, snapshot):
    build(tmp_path, OLD)
    (tmp_path / temp("manifest.json")).write_bytes(b'{"preview"')
    build(tmp_path, OLD)
    assert snapshot(tmp_path) == with_manifest(OLD)


def test_a_kill_while_the_output_folder_is_made_is_no_obstacle(tmp_path, build, snapshot):
    (tmp_path / temp("feeds")).mkdir()
    build(tmp_path / "feeds", OLD)
    assert os.listdir(tmp_path) == ["feeds"]


def test_a_strangers_folder_under_a_temporary_name_is_named_and_stays(tmp_path, build, snapshot):
    build(tmp_path, OLD)
    (tmp_path / temp("rss.xml")).mkdir()
    before = snapshot(tmp_path)
    with pytest.raises(BuildError, match=rf"\.rss\.xml{SUFFIX}: File exists"):
        build(tmp_path, NEW)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("at", ["feeds", "a/feeds"])
def test_where_no_folder_can_be_made_nothing_is_left(at, tmp_path, build, snapshot, monkeypatch):
    def mkdir(path, *args, **keywords):
        if str(path).endswith(SUFFIX):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, *args, **keywords)

    real = os.mkdir
    monkeypatch.setattr(os, "mkdir", mkdir)
    with pytest.raises(BuildError, match=f"{at}: Permission denied"):
        build(tmp_path / at, OLD)
    assert snapshot(tmp_path) == {}


def test_a_lock_on_a_folder_that_is_not_there_stays_until_the_end(tmp_path, build):
    out = tmp_path / "feeds"
    with locked(out) as lock:
        build.under(lock, OLD)
        with pytest.raises(BuildError, match="another build"):
            build(out, NEW)
    build(out, NEW)
