"""What goes wrong around a build: full and read-only disks, folders gone, trees tampered with."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import topicast
from doomed import Child, Ended, command, limited, unprivileged
from site_on_disk import TOML, Site
from topicast import recipe
from topicast.catalog.catalog import Catalog
from topicast.catalog.store import Spoilt
from topicast.clock import parse_now
from topicast.problems import BuildError, ConfigError
from topicast.publish import flushers
from topicast.publish.manifest import MANIFEST, digest
from topicast.publish.temporary import SUFFIX
from topicast.records.files import read_beside

TOPICS = ["AI", "Energy", "Maps"]


def write_records(site: Site, title: str, count: int = 30) -> None:
    for n in range(count):
        site.record(f"r{n:02}.md", title=f"{title} {n}", topics=[TOPICS[n % 3]])


@pytest.fixture
def built(site: Site) -> Site:
    """A site of 30 records in three topics, built."""
    write_records(site, "Old")
    site.build()
    return site


def ended(site: Site, *more: str, change: Callable[..., Callable[[], int]] | None = None) -> Ended:
    work = command(site.root, *more)
    return Child(site.root.parent / "log", change(work) if change else work).wait()


def files_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes and its mtime."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_refused(result: Ended, site: Site, before: dict[str, tuple[bytes, int]]) -> None:
    """Exit 1, one line, and the old feeds as they were."""
    assert result.code == 1, result
    (line,) = result.stderr.splitlines()
    assert line.startswith("topicast: ")
    assert files_of(site.feeds) == before


def assert_right(site: Site) -> None:
    """The next build is right, and leaves nothing over."""
    site.build()
    assert site.tree() == site.fresh()
    left = [
        *site.root.rglob(f"*{SUFFIX}"),
        *site.root.rglob("*.new"),
        *site.root.rglob("*-journal"),
    ]
    assert not left
    assert site.build().written == ()


# Full disks.


def free(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def fill(folder: Path, leave: int) -> Path:
    filler = folder / "filler"
    filler.write_bytes(bytes(max(0, free(folder) - leave)))
    return filler


def empty(folder: Path) -> None:
    for path in folder.iterdir() if folder.exists() else ():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def about_to_change(site, n, first):
    """New records, and ``first`` nothing built of them or else old feeds; gives these."""
    write_records(site, f"Old {n}")
    if first:
        empty(site.feeds)
        empty(site.root / ".topicast")
    else:
        site.build()
        write_records(site, f"New {n}")
    return files_of(site.feeds)


@pytest.mark.parametrize("place", ["feeds", ".topicast", "."])
@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_changes_nothing(place, first, tmp_path, mount):
    """With ever more room: first nothing fits, then a part, at last everything."""
    mount(tmp_path / "site" / place, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    site, codes = Site(tmp_path / "site"), []
    for n, room in enumerate(range(0, 480, 80)):
        before = about_to_change(site, n, first)
        filler = fill(site.root / place, room * 1024)
        result = ended(site)
        filler.unlink()
        codes.append(result.code)
        if result.code:
            assert_refused(result, site, before)
            assert "stand" in result.stderr
        assert_right(site)
    assert (codes[0], codes[-1]) == (1, 0)


@pytest.mark.parametrize("first", [True, False])
def test_a_file_size_limit_changes_nothing(first, site):
    codes = []
    for n, size in enumerate([0, 1, 4, 8, 12, 16, 96, 400]):
        before = about_to_change(site, n, first)
        result = ended(site, change=lambda work, size=size: limited(size * 1024, work))
        codes.append(result.code)
        if result.code and size:  # (at 0 not even the message can be written)
            assert_refused(result, site, before)
        assert result.code or files_of(site.feeds) != before
        assert_right(site)
    assert (codes[0], codes[-1]) == (1, 0)


# Folders that cannot be read or written.


@pytest.fixture
def read_only(mount):
    def make(folder: Path) -> None:
        mount(folder, "--bind", str(folder))
        mount(folder, "-o", "remount,ro,bind")

    return make


def test_feeds_that_cannot_be_written_stay_as_they_are(built, read_only):
    write_records(built, "New")
    before = files_of(built.feeds)
    read_only(built.feeds)
    result = ended(built)
    assert_refused(result, built, before)
    assert "Read-only file system" in result.stderr and str(built.feeds) in result.stderr


def test_feeds_without_permission_stay_as_they_are(built):
    write_records(built, "New")
    before = files_of(built.feeds)
    built.feeds.chmod(0o555)
    result = ended(built, change=unprivileged)
    built.feeds.chmod(0o755)
    assert_refused(result, built, before)
    assert "Permission denied" in result.stderr
    assert_right(built)


def test_where_the_memory_cannot_be_written_the_feeds_are_built_all_the_same(built, read_only):
    """And from what is remembered there: only what changed is read."""
    built.record("r00.md", title="New")
    read_only(built.root / ".topicast")
    report = built.build()
    assert (report.exit_code, report.parsed) == (0, 1)
    assert "AI" in report.written[0] or "ai/atom.xml" in report.written
    (note,) = report.notes
    assert ".topicast: cannot be written; the catalog is kept in memory" in note
    assert built.tree() == built.fresh()


def test_a_file_where_the_memory_must_go_is_said_and_no_obstacle(built):
    shutil.rmtree(built.root / ".topicast")
    (built.root / ".topicast").write_bytes(b"")
    report = built.build()
    assert report.exit_code == 0 and "kept in memory" in report.notes[0]


def test_a_folder_where_the_catalog_must_go_is_said_and_no_obstacle(built):
    (catalog,) = (built.root / ".topicast").glob("*.sqlite")
    catalog.unlink()
    catalog.mkdir()
    write_records(built, "New")
    report = built.build()
    assert report.exit_code == 0 and "kept in memory" in report.notes[-1]
    assert built.tree() == built.fresh()
    assert sorted(os.listdir(catalog.parent)) == [".gitignore", catalog.name]


@pytest.mark.parametrize("thing", ["missing", "a file", "a dangling link"])
def test_records_that_are_gone_empty_no_feed(thing, built):
    before = files_of(built.feeds)
    built.seeds.rename(built.root / "away")
    if thing == "a file":
        built.seeds.write_bytes(b"")
    elif thing == "a dangling link":
        built.seeds.symlink_to("nowhere")
    for more in ((), ("--allow-shrink", "--full")):
        result = ended(built, *more)
        assert_refused(result, built, before)
        assert "seeds" in result.stderr and "mounted" in result.stderr


def test_a_mount_that_failed_empties_no_feed(built):
    before = files_of(built.feeds)
    built.seeds.rename(built.root / "away")
    built.seeds.mkdir()
    result = ended(built)
    assert_refused(result, built, before)
    assert "--allow-shrink" in result.stderr


def test_a_folder_of_records_that_cannot_be_read_ends_the_build(built):
    before = files_of(built.feeds)
    built.record("inner/more.md")
    (built.seeds / "inner").chmod(0)
    result = ended(built, change=unprivileged)
    (built.seeds / "inner").chmod(0o755)
    assert_refused(result, built, before)
    assert "seeds/inner: cannot be read: Permission denied" in result.stderr


def test_a_record_that_cannot_be_read_is_set_aside_and_named(built):
    (built.seeds / "r01.md").chmod(0)
    result = ended(built, "-q", change=unprivileged)
    (built.seeds / "r01.md").chmod(0o644)
    assert result.code == 3
    assert "r01.md: cannot be read: Permission denied" in result.stderr
    assert "Old 1" not in built.titles()
    assert built.build().exit_code == 0
    assert "Old 1" in built.titles()


def test_a_folder_that_may_be_listed_and_not_entered_is_the_same_to_every_build(built):
    for number in range(3):
        built.record(f"inner/{number}.md", title=f"Inner {number}")
    built.build()
    (built.seeds / "inner").chmod(0o444)
    said = [ended(built, "-q", *more, change=unprivileged) for more in ((), ("--full",))]
    (built.seeds / "inner").chmod(0o755)
    for result in said:
        assert result.code == 3
        assert result.stderr.count("cannot be read: Permission denied; check its permi") == 3
    assert "Inner 1" not in built.titles()
    assert_right(built)
    assert "Inner 1" in built.titles()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM])
def test_where_the_process_can_read_nothing_more_no_record_is_to_blame(built, monkeypatch, number):
    built.record("r01.md", title="New")
    before = files_of(built.feeds)
    refuse_to_open(monkeypatch, "r01.md", number)
    with pytest.raises(BuildError, match=r"^r01\.md: cannot be read: .*; the old feeds stand"):
        built.build()
    monkeypatch.undo()
    assert files_of(built.feeds) == before
    assert_right(built)


def refuse_to_open(monkeypatch, name, number):
    """Let the system refuse to open whatever has this name."""
    really = os.open

    def refusing(path, *more, **options):
        if os.path.basename(path) == name:
            raise OSError(number, os.strerror(number), path)
        return really(path, *more, **options)

    monkeypatch.setattr(os, "open", refusing)


@pytest.mark.parametrize("name", ["topicast.toml", "topics.yaml"])
def test_a_file_that_cannot_be_looked_for_is_not_one_that_is_not_there(built, name, monkeypatch):
    (built.root / "topics.yaml").write_text("- name: AI\n", "utf-8")
    built.build()
    before, really = files_of(built.feeds), os.lstat

    def sick(path, *more, **options):
        if os.path.basename(path) == name:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return really(path, *more, **options)

    monkeypatch.setattr(os, "lstat", sick)
    monkeypatch.chdir(built.root)
    with pytest.raises(ConfigError, match=name + ".*: Input/output error"):
        topicast.build()
    assert files_of(built.feeds) == before


@pytest.mark.parametrize("name", ["topicast.toml", "topics.yaml"])
@pytest.mark.parametrize("what", ["pipe", "device", "folder"])
def test_what_is_no_plain_file_is_no_configuration(built, name, what):
    before = files_of(built.feeds)
    (built.root / name).unlink(missing_ok=True)
    if what == "pipe":
        os.mkfifo(built.root / name)
    elif what == "device":
        (built.root / name).symlink_to("/dev/zero")
    elif name == "topicast.toml":
        (built.root / name).mkdir()
    else:
        pytest.skip("a taxonomy may be a folder")
    result = ended(built)
    assert result.code == 2
    why = "Is a directory" if what == "folder" else "is no plain file"
    assert f"{name}: " in result.stderr and f"cannot be read: {why}" in result.stderr
    descriptors = len(os.listdir("/dev/fd"))
    with pytest.raises(OSError, match=why):
        read_beside(str(built.root / name))
    assert len(os.listdir("/dev/fd")) == descriptors
    assert files_of(built.feeds) == before


# After the tree is out.


@pytest.mark.parametrize("error", [sqlite3.OperationalError("no room"), OSError(5, "sick"), Spoilt])
@pytest.mark.parametrize("at", ["remember_tree", "commit"])
def test_trouble_with_the_memory_is_none_of_the_new_feeds(built, monkeypatch, at, error):
    def refuse(*_):
        raise error

    write_records(built, "New")
    monkeypatch.setattr(*{"commit": (Catalog, at), "remember_tree": (recipe, at)}[at], refuse)
    report = built.build()
    monkeypatch.undo()
    assert report.exit_code == 0
    assert len(report.written) > 10
    assert "cannot be kept" in report.notes[-1]
    assert "New 1" in built.titles()
    assert_right(built)


def test_a_catalog_that_cannot_be_removed_hides_nothing(site, monkeypatch):
    """As where a disk is read-only from one moment on."""
    write_records(site, "Old")

    def refuse(path, *_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    def break_down(*_):
        monkeypatch.setattr(os, "unlink", refuse)
        refuse(str(site.feeds / "rss.xml"))

    monkeypatch.setattr(flushers, "take_places", break_down)
    with pytest.raises(BuildError, match=r"Read-only file system; some feeds are new already"):
        site.build()
    monkeypatch.undo()
    assert_right(site)


# Trees that somebody changed.


def test_an_output_folder_that_became_a_link_is_still_the_same_tree(built):
    built.feeds.rename(built.root / "www")
    before = files_of(built.root / "www")
    built.feeds.symlink_to("www")
    report = built.build()
    assert (report.exit_code, report.written, report.removed) == (0, (), ())
    assert built.feeds.is_symlink()
    write_records(built, "New")
    built.build()
    assert built.tree() == built.fresh()
    assert files_of(built.root / "www").keys() == before.keys()


@pytest.mark.parametrize("target", ["an empty folder", "nothing"])
def test_an_output_folder_that_became_a_link_to_elsewhere_is_built_there(target, built):
    before = files_of(built.feeds)
    built.feeds.rename(built.root / "old")
    if target == "an empty folder":
        (built.root / "www").mkdir()
    built.feeds.symlink_to("www")
    built.build()
    assert built.feeds.is_symlink()
    assert {path: data for path, (data, _) in before.items()} == built.tree()
    assert files_of(built.root / "old") == before


def test_a_topic_that_became_a_link_is_never_followed(built):
    elsewhere = built.root / "elsewhere"
    (built.feeds / "ai").rename(elsewhere)
    (elsewhere / "theirs.txt").write_bytes(b"theirs")
    (built.feeds / "ai").symlink_to(elsewhere)
    outside, inside = files_of(elsewhere), files_of(built.feeds)
    write_records(built, "New")
    for more in ((), ("--force",), ("--full",)):
        result = ended(built, *more)
        assert_refused(result, built, inside)
        assert "ai is a symbolic link" in result.stderr
    built.configure(TOML + '[topics]\nexclude = ["AI"]\n')
    assert built.build().exit_code == 0
    assert files_of(elsewhere) == outside
    assert (built.feeds / "ai").is_symlink()


@pytest.mark.parametrize("link", ["ai/atom.xml", "topics.json", "manifest.json"])
def test_a_file_that_became_a_link_is_never_written_through(link, built):
    outside = built.root / "theirs"
    (built.feeds / link).rename(outside)
    (built.feeds / link).symlink_to(outside)
    before = outside.read_bytes()
    write_records(built, "New")
    result = ended(built)
    assert result.code == 1
    assert link in result.stderr
    ended(built, "--force")
    assert outside.read_bytes() == before


@pytest.mark.parametrize("path", ["../../x", "../x", "/x", "ai/../../x", "ai/./../../x", "C:/x"])
def test_a_hostile_manifest_removes_nothing(path, built):
    victims = [built.root / "x", built.root.parent / "x"]
    for victim in victims:
        victim.write_bytes(b"theirs")
    manifest = json.loads((built.feeds / MANIFEST).read_bytes())
    manifest["files"][path] = digest(b"theirs")
    (built.feeds / MANIFEST).write_text(json.dumps(manifest))
    before = files_of(built.feeds)
    result = ended(built)
    assert_refused(result, built, before)
    assert "manifest.json" in result.stderr and "--force" in result.stderr
    assert ended(built, "--force").code == 0
    assert [victim.read_bytes() for victim in victims] == [b"theirs"] * 2
    assert_right(built)


def test_a_hostile_registry_writes_nothing(built):
    registry = json.loads((built.feeds / "topics.json").read_bytes())
    registry["topics"][0]["slug"] = "../../x"
    (built.feeds / "topics.json").write_text(json.dumps(registry))
    before = files_of(built.feeds)
    assert_refused(ended(built), built, before)
    assert not (built.root.parent / "x").exists()


def edit(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"Old", b"Bad"))  # the same size


def restore(file: Path) -> None:
    data = file.read_bytes()  # by a tool that writes beside and renames, as checkouts do
    file.with_name("other").write_bytes(data)
    file.with_name("other").replace(file)


@pytest.mark.parametrize("path", ["atom.xml", "ai/rss.xml", MANIFEST])
@pytest.mark.parametrize("harm", [edit, Path.unlink, lambda file: file.write_bytes(b"")])
def test_a_file_of_the_tree_that_somebody_harmed_is_restored(harm, path, built):
    before = built.tree()
    if path == MANIFEST and harm is not edit:
        (built.feeds / path).write_bytes((built.feeds / path).read_bytes() + b" ")
    else:
        harm(built.feeds / path)
    report = built.build()
    assert built.tree() == before
    assert report.written == ((path,) if path != MANIFEST or harm is not edit else ())
    assert (report.parsed, report.rendered) == (0, 0)


def test_a_file_that_is_another_one_with_the_same_bytes_is_left_alone(built):
    for path in ("atom.xml", "ai/rss.xml"):
        restore(built.feeds / path)
    before = files_of(built.feeds)
    assert built.build().written == ()
    assert files_of(built.feeds) == before


def test_a_registry_that_is_gone_is_never_guessed_anew(built):
    (built.feeds / "topics.json").unlink()
    before = files_of(built.feeds)
    for more in ((), ("--full",)):
        result = ended(built, *more)
        assert_refused(result, built, before)
        assert "topics.json is missing" in result.stderr


def test_a_tree_without_its_manifest_is_a_strangers(built):
    (built.feeds / MANIFEST).unlink()
    before = files_of(built.feeds)
    assert_refused(ended(built), built, before)
    assert built.build(force=True).exit_code == 0
    assert_right(built)


# Clocks, and what is remembered.


def test_a_clock_set_back_hides_again_what_was_not_to_be_seen_yet(built):
    """And set right, all is as it was: the stamps of files are no obstacle."""
    built.record("soon.md", title="Soon", publishedDateTime="2025-06-01T00:00:00Z")
    before, between = parse_now("2025-05-31T00:00:00Z"), parse_now("2025-06-02T00:00:00Z")
    built.build(now=between)
    assert "Soon" in built.titles()
    shown = built.tree()
    report = built.build(now=before)
    assert (report.hidden.embargoed, report.parsed) == (1, 0)
    assert "Soon" not in built.titles()
    assert built.tree() == built.fresh(now=before)
    built.build(now=between)
    assert built.tree() == shown


def test_a_clock_in_1980_empties_no_feed(built):
    before = files_of(built.feeds)
    result = ended(built, "--now", "1980-01-01T00:00:00Z")
    assert_refused(result, built, before)
    assert "clock" in result.stderr


@pytest.mark.parametrize("damage", [b"", b"\0", b"\xff\x5a"])
def test_a_damaged_page_of_the_catalog_is_read_anew(damage, built):
    """Whichever it is; a damaged page is found when it is needed, or does no harm."""
    (catalog,) = (built.root / ".topicast").glob("*.sqlite")
    size, page = catalog.stat().st_size, 4096
    for n, at in enumerate(range(0, size, page * 3)):
        built.build(full=True)
        data = catalog.read_bytes()
        filling = (damage * page)[:page]
        catalog.write_bytes(data[:at] + filling + (data[at + page :] if filling else b""))
        write_records(built, f"New {n}")
        assert ended(built).code == 0
        assert built.tree() == built.fresh()
