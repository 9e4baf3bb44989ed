"""The stored catalog may be lost, spoilt, old or unwelcome: the feeds are the same. It tells
nothing that feeds do not."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_on_disk import TOML, Site
from topicast.clock import parse_now


def catalog_of(site: Site) -> Path:
    (file,) = site.root.glob(".topicast/*.sqlite")
    return file


def stored(site: Site) -> bytes:
    """All bytes that builds left beside the configuration, journals among them."""
    return b"".join(f.read_bytes() for f in sorted((site.root / ".topicast").iterdir()))


@pytest.fixture
def built(site: Site) -> Site:
    """A site that was built: some records, one of which is set aside."""
    for number in range(40):
        site.record(
            f"{number % 3}/r{number}.md", f"Text {number}. " * 200, topics=[f"T{number % 7}"]
        )
    site.write("bad.md", "---\nexcerpt: without a title\n---\n")
    site.build()
    return site


# What can be wrong with it.


def _gone(file: Path) -> None:
    file.unlink()


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _garbage(file: Path) -> None:
    file.write_bytes(random.Random(1).randbytes(file.stat().st_size))


def _text(file: Path) -> None:
    file.write_text("<<<<<<< HEAD\n", "utf-8")


def _one_page(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:4096])


def _half(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def _another_layout(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE meta(name TEXT)")
    db.close()


def _older(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("UPDATE meta SET value = x'00' WHERE name = 'key'")
    db.close()


SPOILT = {
    _gone: "there is no catalog",
    _empty: "cannot be read",
    _garbage: "cannot be read",
    _text: "cannot be read",
    _one_page: "",  # found out at once or later
    _half: "",
    _another_layout: "cannot be read",
    _older: "the configuration, a flag or a version changed",
}


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.parametrize("check", [False, True], ids=["build", "check"])
def test_a_spoilt_catalog_is_made_anew(
    built: Site, spoil: Callable[[Path], None], check: bool
) -> None:
    before = built.tree()
    spoil(catalog_of(built))
    report = built.build(check=check)
    (note,) = report.notes
    assert SPOILT[spoil] in note
    assert note.endswith("everything is read anew")
    assert (report.parsed, report.changed, report.exit_code) == (41, False, 3)
    assert built.tree() == before
    if not check:
        again = built.build()
        assert (again.notes, again.parsed) == ((), 0)


@pytest.mark.parametrize("seed", range(8))
def test_no_entry_is_printed_that_a_disk_has_spoilt(built: Site, seed: int) -> None:
    """Pages are overwritten, and bytes within records that SQLite cannot know to be wrong."""
    chance = random.Random(seed)
    data = bytearray(catalog_of(built).read_bytes())
    for text in (b"Text 3.", b"Text 6."):
        at = data.find(text, chance.randrange(len(data) // 2))
        data[at : at + 4] = b"Lies"
    page = 4096 * chance.randrange(1, len(data) // 4096)
    data[page : page + 4096] = bytes(4096)
    catalog_of(built).write_bytes(data)

    built.record("0/r0.md", "Another text", topics=["T0", "T1", "T2", "T3", "T4", "T5", "T6"])
    built.build()
    changed = built.tree()
    built.build(full=True)
    assert built.tree() == changed


def test_what_a_disk_has_spoilt_is_not_rendered_when_its_turn_comes(site: Site) -> None:
    site.configure(f"{TOML}[feeds]\nlimit = 1\n")
    site.record("old.md", title="Original words")
    newer = site.record("new.md", publishedDateTime="2024-06-01T00:00:00Z")
    site.build()
    data = catalog_of(site).read_bytes()
    assert data.count(b"Original words") == 1
    catalog_of(site).write_bytes(data.replace(b"Original words", b"Somebody's lie"))
    newer.unlink()
    (note,) = site.build().notes
    assert note == "the catalog was damaged; everything is read anew"
    assert site.titles("ai/rss.xml") == ["Original words"]


def test_a_folder_in_its_place_is_left_alone(built: Site) -> None:
    before = built.tree()
    file = catalog_of(built)
    file.unlink()
    (file / "mine").mkdir(parents=True)
    report = built.build()
    (note,) = report.notes
    assert "kept in memory" in note
    assert (report.changed, report.exit_code) == (False, 3)
    assert built.tree() == before
    assert (file / "mine").is_dir()


def test_a_file_where_its_folder_goes(site: Site) -> None:
    site.record("a.md")
    (site.root / ".topicast").write_bytes(b"mine")
    for _ in range(2):
        report = site.build()
        (note,) = report.notes
        assert "kept in memory" in note
        assert (report.parsed, report.exit_code) == (1, 0)
    assert (site.root / ".topicast").read_bytes() == b"mine"
    assert site.titles() == ["Title of a"]


def test_a_first_build_and_a_full_one_have_nothing_to_say(site: Site) -> None:
    site.record("a.md")
    assert site.build().notes == ()
    assert site.build(full=True).notes == ()


def test_a_journal_that_a_killed_run_left_is_played_back(built: Site) -> None:
    """The state amid a transaction, as a kill leaves it: pages written, and their journal."""
    before = built.tree()
    file = catalog_of(built)
    journal = file.with_name(f"{file.name}-journal")
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA cache_size=1")
    db.execute("BEGIN")
    db.execute("UPDATE fragment SET packed = zeroblob(9000)")
    assert journal.stat().st_size > 0
    torn = file.read_bytes(), journal.read_bytes()
    db.rollback()
    db.close()
    file.write_bytes(torn[0])
    journal.write_bytes(torn[1])

    report = built.build()
    assert (report.notes, report.parsed, report.changed) == ((), 0, False)
    assert built.tree() == before
    assert not journal.exists()


# What it remembers.


def test_a_bad_record_is_told_of_again(built: Site) -> None:
    first, again = built.build(), built.build()
    assert (again.parsed, again.changed, again.exit_code) == (0, False, 3)
    assert [str(problem) for problem in again.problems] == [str(p) for p in first.problems]
    assert again.problems[0].path == "bad.md"
    assert again.problems[0].line == 2


def test_it_is_kept_out_of_version_control(built: Site) -> None:
    assert (built.root / ".topicast/.gitignore").read_text("utf-8") == "*\n"


def test_a_moved_project_keeps_it(built: Site) -> None:
    before = built.tree()
    moved = Site.__new__(Site)
    moved.root = built.root.with_name("moved")
    moved.seeds, moved.feeds = moved.root / "seeds", moved.root / "feeds"
    built.root.rename(moved.root)
    report = moved.build()
    assert (report.notes, report.parsed, report.changed) == ((), 0, False)
    assert moved.tree() == before


def test_a_copied_project_does_not_disturb_the_first(built: Site, tmp_path: Path) -> None:
    copy = Site.__new__(Site)
    copy.root = tmp_path / "copy"
    copy.seeds, copy.feeds = copy.root / "seeds", copy.root / "feeds"
    shutil.copytree(built.root, copy.root)
    copy.build()
    assert copy.tree() == built.tree()
    report = built.build()
    assert (report.notes, report.parsed, report.changed) == ((), 0, False)


def test_each_tree_has_its_own(built: Site) -> None:
    built.build(out=str(built.root / "other"))
    built.build(include_unpublished=True)
    assert len(list(built.root.glob(".topicast/*.sqlite"))) == 3
    report = built.build()
    assert (report.notes, report.parsed, report.changed) == ((), 0, False)


def test_a_file_that_comes_back_as_it_was_is_read_again(site: Site) -> None:
    """It was a link to nowhere, or unreadable, meanwhile: its digest is the known one."""
    file = site.record("a.md")
    site.record("b.md")
    site.build()
    data = file.read_bytes()
    file.unlink()
    file.symlink_to("nowhere.md")
    assert site.build().set_aside == 1
    file.unlink()
    site.write("a.md", data)
    report = site.build()
    assert (report.parsed, report.shown, report.set_aside) == (1, 2, 0)


def test_an_unreadable_file_costs_its_neighbours_nothing(site: Site) -> None:
    for name in ("a.md", "c.md"):
        site.record(name)
    os.mkfifo(site.seeds / "b.md")
    assert site.build().set_aside == 1
    for name in ("a.md", "c.md"):
        site.write(name, (site.seeds / name).read_bytes())  # known by their digests
    report = site.build()
    assert (report.parsed, report.set_aside, report.changed) == (1, 1, False)


def test_an_entry_that_leaves_one_feed_and_comes_into_another_in_one_build(site: Site) -> None:
    site.configure(TOML + "\n[feeds]\nlimit = 1\n")
    site.record("moving.md", topics=["A", "B"], publishedDateTime="2024-01-01")
    site.record("before-it.md", topics=["B"], publishedDateTime="2024-02-01")
    site.record("newest.md", topics=["C"], publishedDateTime="2024-03-01")
    site.build()
    site.record("after.md", topics=["A"], publishedDateTime="2024-01-02")
    (site.seeds / "before-it.md").unlink()
    report = site.build()
    assert (report.parsed, report.rendered, report.notes) == (1, 1, ())
    assert site.tree() == site.fresh()


def test_a_name_that_is_edited_in_the_registry_shows_in_every_entry(site: Site) -> None:
    site.record("a.md", topics=["AI", "Ships"])
    site.record("b.md", topics=["Ships"])
    site.build()
    registry = site.feeds / "topics.json"
    registry.write_text(registry.read_text("utf-8").replace('"AI"', '"aI"'), "utf-8")
    tree = site.fresh()
    report = site.build()
    assert (report.parsed, report.rendered) == (0, 1)
    assert site.tree() == tree
    assert b'term="aI"' in tree["ships/atom.xml"]


# What it must not tell.

HIDING = [{"published": "no"}, {"draft": "true"}, {"removed": "true"}]


# In the last two, texts stay in gaps of pages if the file is not written anew.
@pytest.mark.parametrize(("seed", "hiding"), [(n, HIDING[n % 3]) for n in (0, 1, 2, 33, 35)])
def test_it_forgets_what_is_taken_back(site: Site, seed: int, hiding: dict[str, str]) -> None:
    """However the pages of the store were filled, split and emptied before."""
    site.configure(TOML + '[feeds]\nlimit = 30\nformats = ["atom"]\n')
    chance = random.Random(seed)

    def write(number: int, **more: str) -> None:
        word = f"word{number}x "
        date = f"2024-05-{chance.randrange(1, 28):02}T00:00:00Z"
        texts = {"title": word, "excerpt": word * chance.choice([1, 10]), "publishedDateTime": date}
        site.record(f"r{number}.md", word * chance.choice([1, 5, 20, 60, 200]), **texts, **more)

    public = set(range(250))
    for number in public:
        write(number)
    site.build(jobs=1)
    for _ in range(6):
        for number in chance.sample(sorted(public), 20):
            if chance.random() < 0.5:
                write(number)
            else:
                write(number, **hiding)
                public.discard(number)
        before = catalog_of(site).stat().st_ino
        site.build(jobs=1)
        assert catalog_of(site).stat().st_ino != before
    found = {int(number) for number in re.findall(rb"word(\d+)x", stored(site))}
    assert found == public


def test_what_a_killed_run_left_to_forget_is_forgotten(built: Site) -> None:
    """It was killed between its commit and the scrubbing that this announces."""
    with sqlite3.connect(catalog_of(built)) as db:
        db.execute("PRAGMA secure_delete=OFF")
        db.execute("INSERT INTO meta VALUES ('taken back', x'31')")
        db.execute("DELETE FROM shown")
        db.execute("DELETE FROM fragment")
    db.close()
    assert b"Text 3." in stored(built)  # nothing zeroes it here
    built.build()
    assert b"Text 3." not in stored(built)
    with sqlite3.connect(catalog_of(built)) as db:
        assert db.execute("SELECT count(*) FROM meta WHERE name = 'taken back'").fetchone() == (0,)
    db.close()


def test_it_forgets_what_is_deleted_and_what_was_written_before(site: Site) -> None:
    site.record("a.md", title="Earlieria", topics=["Oldtopia"])
    site.record("b.md", title="Deletia", webUrl="https://example.com/gonelink")
    site.build()
    site.record("a.md", title="Lateria")
    (site.seeds / "b.md").unlink()
    site.build()
    left = stored(site)
    assert b"Lateria" in left
    for word in (b"Earlieria", b"Deletia", b"gonelink"):
        assert word not in left


texts = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6, max_size=30)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    secret=texts.map("hush{}".format),
    unknown=texts.map("odd{}".format),
    unpublished=texts.map("unseen{}".format),
    embargoed=st.booleans(),
)
def test_it_holds_no_text_that_no_feed_may_show(
    tmp_path_factory: pytest.TempPathFactory,
    secret: str,
    unknown: str,
    unpublished: str,
    embargoed: bool,
) -> None:
    site = Site(tmp_path_factory.mktemp("held") / "site")
    when = {"publishedDateTime": "2027-01-01T00:00:00Z"} if embargoed else {}
    hidden = {"secured": {"a": {secret: [secret]}}, "quality": secret, "heat": secret}
    site.record("a.md", **when, **hidden, **{f"x-{unknown}": unknown})
    site.record(
        "b.md", unpublished, **hidden, title=unpublished, topics=[unpublished], draft="true"
    )
    site.record("c.md", **hidden, title=unpublished, removed="yes", webUrl=f"/{unpublished}")
    site.record("d.md", **hidden, title=unpublished, publishedDateTime=None)
    site.record("e.md", **hidden, title=unpublished, published="maybe")
    site.record("f.md", **hidden, title="F", publishedDateTime=unpublished, draft="true")
    report = site.build(jobs=1)
    shown = stored(site) + b"".join(site.tree().values())
    for word in (secret, unknown):
        assert word.encode() not in shown
        assert word not in str(report.to_json())
    assert unpublished.encode() not in shown


def test_a_preview_has_a_catalog_apart(site: Site) -> None:
    site.record("a.md")
    site.record("b.md", title="Unseen", draft="true")
    site.build()
    site.build(include_unpublished=True, now=parse_now("2026-01-02T00:00:00Z"))
    public, preview = sorted(site.root.glob(".topicast/*.sqlite"))
    assert "preview" in preview.name
    assert b"Unseen" in preview.read_bytes()
    assert b"Unseen" not in public.read_bytes()
