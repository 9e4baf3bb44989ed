"""The command line as its users meet it: flags, exit codes, what goes to which stream, the API."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import topicast
from command_line import COMMAND, NOW, CommandLine, installed
from site_on_disk import TOML, Site
from topicast.cli.app import COMMANDS
from topicast.clock import parse_now
from topicast.config import Config, Feeds
from topicast.configfile import load_config
from topicast.engines.processes import FEW_FILES
from topicast.problems import BuildError, ConfigError, Level
from topicast.records.documents import read_documents
from topicast.records.tree import Document

REPOSITORY = Path(__file__).parent.parent


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below ``folder`` with its bytes and the time of its last change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def bad(site: Site) -> None:
    site.record("bad.md", published="maybe")


BAD = "seeds/bad.md:7: published: expected true or false, got 'maybe'; write true or false"

# build: streams and exit codes


def test_a_build_says_what_it_did_on_stderr_and_nothing_on_stdout(
    site: Site, run: CommandLine
) -> None:
    site.configure(TOML + '[feeds]\nformats = ["rss", "atom"]\n')
    site.record("a.md")
    site.record("b.md", draft="true")
    site.record("c.md", removed="true")
    site.record("d.md", publishedDateTime="2031-01-01T00:00:00Z", topics=["Later"])
    built = run(site.root, "build", *NOW)
    assert (built.code, built.out) == (0, "")
    assert built.err == (
        "feeds: 4 records (4 files read now), 1 shown,"
        " 3 hidden (1 unpublished, 1 withdrawn, 1 embargoed), 0 set aside;"
        " 5 files written, 0 unchanged, 0 removed; next due 2031-01-01T00:00:00Z\n"
    )
    again = run(site.root, "build", *NOW)
    assert "(0 files read now)" in again.err
    assert "0 files written, 5 unchanged, 0 removed" in again.err
    (site.seeds / "a.md").unlink()
    site.record("e.md", topics=["Other"])
    changed = run(site.root, "build", "-v", *NOW)
    assert [line for line in changed.lines() if line.startswith("write: ")] == [
        *(f"write: feeds/{path}" for path in ("ai/atom.xml", "ai/rss.xml", "atom.xml")),
        *(f"write: feeds/{path}" for path in ("other/atom.xml", "other/rss.xml", "rss.xml")),
        "write: feeds/topics.json",
    ]
    assert not any("later" in path for path in site.tree())


def test_quiet_leaves_errors_only(site: Site, run: CommandLine) -> None:
    site.record("a.md", topics="AI")
    assert run(site.root, "build", "-q", *NOW)[:3] == (0, "", "")
    bad(site)
    assert run(site.root, "build", "-q", *NOW)[:3] == (3, "", f"error: {BAD}\n")


def test_a_report_goes_to_stdout_alone(site: Site, run: CommandLine) -> None:
    site.record("a.md")
    bad(site)
    built = run(site.root, "build", "--report", "-", *NOW)
    report = json.loads(built.out)
    assert (built.code, report["exit_code"]) == (3, 3)
    assert (report["out"], report["preview"], report["check"]) == ("feeds", False, False)
    assert (report["records"], report["files"], report["parsed"]) == (2, 2, 2)
    assert (report["shown"], report["set_aside"], report["removed"]) == (1, 1, [])
    assert {*report["written"], "manifest.json"} == site.tree().keys()
    assert report["now"] == "2026-01-01T00:00:00Z"
    (problem,) = report["problems"]
    assert (problem["path"], problem["line"], problem["field"]) == ("bad.md", 7, "published")
    assert (problem["level"], f"seeds/{problem['message']}") == ("error", BAD)
    assert f"error: {BAD}" in built.lines()


def test_a_report_goes_to_a_file(site: Site, run: CommandLine) -> None:
    site.record("a.md")
    (site.root / "sub").mkdir()
    config = ("--config", "../topicast.toml")
    built = run(site.root / "sub", "build", "--report", "r.json", *config, *NOW)
    assert (built.code, built.out) == (0, "")
    assert json.loads((site.root / "sub" / "r.json").read_bytes())["shown"] == 1
    # Where it cannot be written, that is known before anything is built.
    before = everything(site.feeds)
    site.record("b.md")
    refused = run(site.root, "build", "--report", "none/r.json", *NOW)
    assert refused.code == 2
    assert (
        refused.err == "topicast: --report: the folder of none/r.json is not there; make it first\n"
    )
    assert everything(site.feeds) == before


@pytest.mark.parametrize("flag", ["--report", "--metrics"])
@pytest.mark.parametrize("name", ["topics.json", "manifest.json", "ai/rss.xml"])
def test_no_report_takes_the_place_of_a_feed(
    flag: str, name: str, site: Site, run: CommandLine
) -> None:
    site.record("a.md")
    site.build()
    before = site.tree()
    refused = run(site.root, "build", flag, f"feeds/{name}")
    assert refused.code == 2
    assert refused.err == f"topicast: {flag}: feeds/{name} is a file of the feeds; name another\n"
    assert site.tree() == before


def test_no_locale_changes_an_id(site: Site) -> None:
    site.record("f\u00fcnf.md")
    site.record("A.MD")
    command = [sys.executable, "-m", "topicast", "build", "-q"]
    ids = []
    for extra in ({}, {"LC_ALL": "C"}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        env = {**os.environ, "LC_ALL": "C.UTF-8", **extra}
        if "PYTHONUTF8" in extra:
            env["LC_ALL"] = "POSIX"
        done = subprocess.run(command, cwd=site.root, env=env, capture_output=True, text=True)
        assert done.returncode == (1 if "PYTHONUTF8" in extra else 0)
        assert ("set PYTHONUTF8=1" in done.stderr) == ("PYTHONUTF8" in extra)
        ids.append([entry.id for entry in site.feed().entries])
    assert ids[0] == ids[1] == ids[2]
    assert "tag:feeds.example.org,2026:f%C3%BCnf" in ids[0]


def test_a_closed_output_is_no_fault(site: Site) -> None:
    site.record("a.md")
    command = f"'{sys.executable}' -m topicast topics >&-"
    done = subprocess.run(command, shell=True, cwd=site.root, capture_output=True, text=True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_whatever_is_closed_a_build_is_the_same(site: Site, closed: str) -> None:
    for number in range(FEW_FILES + 1):
        site.record(f"{number}.md")
    (site.seeds / "bad.md").write_text("---\ntitle: Bad\npublishedDateTime: soon\n---\n")
    before = site.fresh()
    options = f"build {' '.join(NOW)} --report report.json {closed}"
    command = f"'{sys.executable}' -m topicast {options}"
    assert subprocess.run(command, shell=True, cwd=site.root).returncode == 3
    assert site.tree() == before
    assert json.loads((site.root / "report.json").read_bytes())["set_aside"] == 1


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize("wrong", ["--nope", r"--config $'o\xff'"])
def test_wrong_usage_is_that_though_nobody_hears_of_it(site: Site, closed: str, wrong: str) -> None:
    (site.root / os.fsdecode(b"o\xff")).mkdir()
    command = f"'{sys.executable}' -m topicast build {wrong} {closed}"
    done = subprocess.run(["bash", "-c", command], cwd=site.root, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("err", ["/dev/full", "broken pipe"])
def test_messages_that_cannot_be_written_end_no_build(site: Site, err: str) -> None:
    site.record("a.md")
    command = f"'{sys.executable}' -m topicast build {' '.join(NOW)} --report r.json --metrics m"
    command += " 2>/dev/full" if err == "/dev/full" else " 2>&1 >/dev/null | true"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=site.root, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert site.titles() == ["Title of a"]
    assert json.loads((site.root / "r.json").read_bytes())["exit_code"] == 0
    assert (site.root / "m").exists()


def test_a_check_writes_nothing_at_all(
    site: Site, run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    site.configure(TOML + '[feeds]\nformats = ["atom"]\n')
    site.record("a.md")
    before = everything(tmp_path)
    checked = run(site.root, "build", "--check", *NOW)
    assert (checked.code, checked.out) == (1, "")
    assert checked.lines()[:-1] == [
        "write: feeds/ai/atom.xml",
        "write: feeds/atom.xml",
        "write: feeds/topics.json",
    ]
    assert "3 files to write, 0 unchanged, 0 to remove" in checked.lines()[-1]
    assert everything(tmp_path) == before
    assert not (site.root / ".topicast").exists()

    assert run(site.root, "build", *NOW).code == 0
    built = everything(tmp_path)
    assert run(site.root, "build", "--check", *NOW).code == 0
    site.configure(TOML + '[feeds]\nformats = ["atom"]\n[topics]\nexclude = ["AI"]\n')
    checked = run(site.root, "build", "--check", *NOW)
    assert checked.code == 1
    assert "remove: feeds/ai/atom.xml" in checked.lines()
    site.configure(TOML + '[feeds]\nformats = ["atom"]\n')
    bad(site)
    assert run(site.root, "build", "--check", *NOW).code == 3
    (site.seeds / "bad.md").unlink()
    (site.feeds / "atom.xml").write_text("not what was built")
    checked = run(site.root, "build", "--check", *NOW)
    assert (checked.code, checked.lines()[0]) == (1, "write: feeds/atom.xml")
    (site.feeds / "atom.xml").write_bytes(built["site/feeds/atom.xml"][0])
    now = everything(tmp_path)
    for path in ("site/feeds/atom.xml", "site/topicast.toml"):  # what the test itself wrote
        now[path] = built[path]
    assert now == built


def test_strict_builds_nothing_where_one_record_is_bad(site: Site, run: CommandLine) -> None:
    site.record("a.md")
    run(site.root, "build", *NOW)
    before = everything(site.feeds)
    site.record("b.md")
    bad(site)
    built = run(site.root, "build", "--strict", *NOW)
    assert (built.code, everything(site.feeds)) == (1, before)
    assert built.err == f"topicast: {BAD}; nothing is written with --strict\n"
    site.record("worse.md", title=None)
    built = run(site.root, "build", "--strict", *NOW)
    assert built.err == (
        f"topicast: {BAD} (and 1 more: see topicast lint); nothing is written with --strict\n"
    )
    # Hidden, undated and warned records are no errors.
    (site.seeds / "bad.md").unlink()
    (site.seeds / "worse.md").unlink()
    site.record("c.md", topics="AI")
    site.record("d.md", draft="true")
    site.record("e.md", publishedDateTime=None)
    assert run(site.root, "build", "--strict", *NOW).code == 0
    assert site.titles() == ["Title of a", "Title of b", "Title of c"]


def test_full_reads_everything_anew(site: Site, run: CommandLine) -> None:
    for name in "abc":
        site.record(f"{name}.md")
    run(site.root, "build", *NOW)
    site.record("b.md", excerpt="Another one")
    parsed = {
        flags: json.loads(run(site.root, "build", "--report", "-", *flags, *NOW).out)["parsed"]
        for flags in [(), ("--full",)]
    }
    assert parsed == {(): 1, ("--full",): 3}
    assert "(3 files read now)" in run(site.root, "build", "--full", *NOW).err


@pytest.mark.parametrize("key", ['authority = "other.example"', "since = 2019"])
def test_only_force_gives_new_ids(key: str, site: Site, run: CommandLine) -> None:
    site.record("a.md")
    run(site.root, "build", *NOW)
    before = site.tree()
    site.configure(TOML + key + "\n")
    refused = run(site.root, "build", *NOW)
    assert (refused.code, site.tree()) == (2, before)
    assert "--force" in refused.err
    assert run(site.root, "build", "--force", *NOW).code == 0
    authority, since = ("other.example", 2026) if "auth" in key else ("feeds.example.org", 2019)
    assert site.feed().entries[0].id == f"tag:{authority},{since}:a"
    assert run(site.root, "build", *NOW).code == 0


# build: the clock


def test_the_time_that_counts(
    site: Site, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.record("a.md", publishedDateTime="2024-05-01T09:00:00Z")

    def shown(*flags: str) -> int:
        return int(json.loads(run(site.root, "build", "--report", "-", *flags).out)["shown"])

    assert shown("--now", "2024-05-01T08:59:59Z") == 0
    assert shown("--now", "2024-05-01T09:00:00Z") == 1
    assert shown("--now", "@1714554000") == 1
    assert shown("--now", "2024-05-01T10:59:59+02:00") == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1714553999")
    assert shown() == 0
    assert shown("--now", "2024-05-01T09:00:00Z") == 1
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1714554000")
    assert shown() == 1
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert run(site.root, "build").err.startswith("topicast: SOURCE_DATE_EPOCH: expected seconds")
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert shown() == 1
    refused = run(site.root, "build", "--now", "tomorrow")
    assert (refused.code, refused.err.partition(",")[0]) == (
        2,
        "topicast: --now: expected a time such as 2026-01-31T12:00:00Z or @1700000000",
    )


# build: addresses and ids


def test_base_url_changes_addresses_and_no_id(site: Site, run: CommandLine) -> None:
    site.record("a.md", "A body.", webUrl=None)
    run(site.root, "build", *NOW)
    before = site.feed("ai/atom.xml")
    registry = json.loads(site.tree()["topics.json"])
    url = "https://preview.example.com/x/"
    assert run(site.root, "build", "--base-url", url, *NOW).code == 0
    after = site.feed("ai/atom.xml")
    assert (after.feed.id, after.entries[0].id) == (before.feed.id, before.entries[0].id)
    links = {link.rel: link.href for link in after.feed.links}
    assert links["self"] == "https://preview.example.com/x/ai/atom.xml"
    assert links["alternate"] == "https://preview.example.com/x/ai/"
    moved = json.loads(site.tree()["topics.json"])
    assert (moved["authority"], moved["since"]) == (registry["authority"], registry["since"])
    assert moved["topics"][0]["url"] == "https://preview.example.com/x/ai/"
    refused = run(site.root, "build", "--base-url", "preview.example.com", *NOW)
    assert refused.code == 2
    assert refused.err.startswith(
        "topicast: --base-url: expected an absolute http or https address"
    )


def test_base_url_on_the_command_line_pins_nothing(site: Site, run: CommandLine) -> None:
    site.configure("")
    site.record("a.md")
    assert run(site.root, "build", "--base-url", "https://one.example", *NOW).code == 0
    registry = json.loads(site.tree()["topics.json"])
    assert (registry["authority"], registry["since"]) == (None, None)
    assert site.feed().entries[0].id == "tag:localhost,2026:a"
    site.configure('[site]\nbase_url = "https://two.example"\n')
    assert run(site.root, "build", *NOW).code == 0
    registry = json.loads(site.tree()["topics.json"])
    assert (registry["authority"], registry["since"]) == ("two.example", 2026)
    # From then on the pin wins over what would be the default.
    site.configure('[site]\nbase_url = "https://three.example"\n')
    assert run(site.root, "build", *NOW).code == 0
    assert site.feed().entries[0].id == "tag:two.example,2026:a"
    assert site.feed().feed.link == "https://three.example/"
    # Without one the feeds are of no use, but the ids stay.
    site.configure("")
    built = run(site.root, "build", *NOW)
    assert "readers need a real one\n" in built.err
    assert site.feed().entries[0].id == "tag:two.example,2026:a"


# build: fewer records than there were


def ten(site: Site, run: CommandLine, count: int = 10) -> None:
    for number in range(count):
        site.record(f"{number}.md", publishedDateTime="2024-05-01T09:00:00Z")
    assert run(site.root, "build", *NOW).code == 0


def test_a_tree_that_would_lose_more_than_half_stands(site: Site, run: CommandLine) -> None:
    ten(site, run)
    before = everything(site.feeds)
    for number in range(6):
        (site.seeds / f"{number}.md").unlink()
    refused = run(site.root, "build", *NOW)
    assert (refused.code, everything(site.feeds)) == (1, before)
    assert refused.err.startswith(
        "topicast: seeds: only 4 usable records are left where the feeds had 10 entries"
    )
    assert "--allow-shrink" in refused.err
    assert run(site.root, "build", "--allow-shrink", *NOW).code == 0
    assert len(site.titles()) == 4


def test_half_may_go_and_a_small_tree_may_shrink_as_it_likes(site: Site, run: CommandLine) -> None:
    ten(site, run)
    for number in range(5):
        (site.seeds / f"{number}.md").unlink()
    assert run(site.root, "build", *NOW).code == 0
    for number in range(5, 10):
        (site.seeds / f"{number}.md").unlink()
    assert run(site.root, "build", *NOW).code == 0
    assert site.titles() == []


def test_a_clock_that_is_wrong_empties_no_feed_and_a_takedown_is_no_loss(
    site: Site, run: CommandLine
) -> None:
    ten(site, run)
    before = everything(site.feeds)
    assert run(site.root, "build", "--now", "1980-01-01T00:00:00Z").code == 1
    for number in range(6):
        site.record(f"{number}.md", published="maybe")
    assert run(site.root, "build", *NOW).code == 1
    assert everything(site.feeds) == before
    hidden: list[dict[str, Any]] = [{"draft": "true"}, {"removed": "true"}, {"published": "no"}]
    hidden += [{"expires": "2025-01-01T00:00:00Z"}, {"publishedDateTime": None}, {"deleted": "on"}]
    for number, fields in enumerate(hidden):
        site.record(f"{number}.md", **fields)
    assert run(site.root, "build", *NOW).code == 0
    assert len(site.titles()) == 4


# build: configuration


def test_everything_has_a_default(site: Site, run: CommandLine) -> None:
    (site.root / "topicast.toml").unlink()
    site.record("a.md")
    built = run(site.root, "build", *NOW)
    assert (built.code, built.out) == (0, "")
    (note,) = [line for line in built.lines() if "base_url" in line]
    assert note.endswith("readers need a real one, and ids will change when it is set")
    registry = json.loads(site.tree()["topics.json"])
    assert (registry["authority"], registry["since"]) == (None, None)
    feed = site.feed("ai/atom.xml").feed
    assert (feed.title, feed.link) == ("AI · Topicast", "http://localhost:8000/ai/")
    assert {path.name for path in site.root.iterdir()} == {"seeds", "feeds", ".topicast"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[site]\nbas_url = 'x'\n",
            "topicast.toml:2: [site] bas_url: unknown key; did you mean base_url?",
        ),
        ("[feed]\n", "topicast.toml:1: feed: unknown table; did you mean feeds?"),
        (
            "[feeds]\nlimits = 3\n",
            "topicast.toml:2: [feeds] limits: unknown key; did you mean limit?",
        ),
        ("[feeds]\nlimit = 0\n", "topicast.toml:2: [feeds] limit: expected a whole number from 1"),
        (
            "[topics.AI]\nlimt = 1\n",
            "topicast.toml:2: [topics.AI] limt: unknown key; did you mean limit?",
        ),
        (
            "[fields]\ntitel = 'x'\n",
            "topicast.toml:2: [fields] titel: unknown key; did you mean title?",
        ),
        ("[site]\ntitle = 'a\n", "topicast.toml:2: is not TOML"),
        (
            "[site]\ntimezone = 'Mars'\n",
            "topicast.toml:2: [site] timezone: expected an IANA time zone",
        ),
    ],
)
def test_a_wrong_configuration_ends_with_2_and_says_where(
    text: str, said: str, site: Site, run: CommandLine
) -> None:
    site.record("a.md")
    site.configure(text)
    for command in (
        ["build"],
        ["build", "--check"],
        ["lint"],
        ["topics"],
        ["explain", "seeds/a.md"],
    ):
        ran = run(site.root, *command)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"topicast: {said}")
        assert len(ran.lines()) == 1
    assert not site.feeds.exists()


def test_paths_are_from_the_configuration_on_or_from_the_current_folder(
    site: Site, run: CommandLine, tmp_path: Path
) -> None:
    site.record("a.md")
    site.configure(TOML + '[feeds]\nout = "public"\npreview = "draft"\n[records]\npath = "seeds"\n')
    config = ("--config", "site/topicast.toml")
    built = run(tmp_path, "build", *config, *NOW)
    assert (built.code, built.lines()[0].partition(":")[0]) == (0, "site/public")
    assert run(tmp_path, "build", "--include-unpublished", *config, *NOW).code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"site"}
    assert {path.name for path in site.root.iterdir()} == {
        *("topicast.toml", "seeds", "public", "draft", ".topicast")
    }
    # Those on the command line are from the current folder on.
    (tmp_path / "mine").mkdir()
    (site.seeds / "a.md").rename(tmp_path / "mine" / "b.md")
    built = run(tmp_path, "build", "mine", "--out", "tree", *config, *NOW)
    assert (built.code, built.lines()[0].partition(":")[0]) == (0, "tree")
    assert (tmp_path / "tree" / "ai" / "atom.xml").exists()
    assert len(list((site.root / ".topicast").glob("*.sqlite"))) == 3
    explained = run(site.root / "seeds", "explain", "../seeds/x.md", "--config", "../topicast.toml")
    assert (explained.code, explained.err) == (
        2,
        "topicast: ../seeds/x.md: there is no such file; check the path\n",
    )


def test_a_configuration_that_is_named_must_be_there(site: Site, run: CommandLine) -> None:
    for command in (["build"], ["lint"], ["topics"], ["explain", "seeds/a.md"], ["schema"]):
        ran = run(site.root, *command, "--config", "other.toml")
        assert ran.code == 2
        assert ran.err.startswith("topicast: other.toml: there is no such file")


# lint


def test_lint_names_every_problem_and_writes_nothing(site: Site, run: CommandLine) -> None:
    site.record("good.md")
    before = everything(site.root)
    assert run(site.root, "lint")[:3] == (0, "", "seeds: 0 errors, 0 warnings\n")
    site.record("topic.md", topics="AI")
    warned = run(site.root, "lint")
    assert (warned.code, len(warned.out.splitlines())) == (0, 1)
    assert run(site.root, "lint", "--strict").code == 1
    site.record("undated.md", publishedDateTime=None)
    bad(site)
    linted = run(site.root, "lint")
    assert linted.code == 1
    assert linted.out.splitlines() == [
        f"error: {BAD}",
        "warning: seeds/topic.md:6: topics: expected a list; write a list, one item a line: - …",
        "warning: seeds/undated.md:2: publishedDateTime: no date, so the record is hidden;"
        " write publishedDateTime: 2024-05-01T09:00:00Z",
    ]
    assert linted.err == "seeds: 1 error, 2 warnings\n"
    for name in ("topic.md", "undated.md", "bad.md"):
        (site.seeds / name).unlink()
    assert everything(site.root) == before
    assert run(site.root, "lint", "nowhere").code == 1


def test_lint_knows_by_the_pin_what_ids_are(site: Site, run: CommandLine) -> None:
    site.record("a.md")
    site.build()
    site.record("b.md", id="tag:feeds.example.org,2026:a", publishedDateTime="2024-06-01")
    site.configure(TOML.replace("feeds.example.org", "new.example.org"))
    linted = run(site.root, "lint")
    assert (linted.code, run(site.root, "build").code) == (1, 3)
    assert "b.md:7: id: a.md has the same id" in linted.out
    site.configure(TOML + 'authority = "other.example.org"\n')
    assert run(site.root, "lint").code == 0, "what differs from the pin is for build to refuse"


def test_a_line_end_in_a_name_ends_no_line_of_a_message(site: Site, run: CommandLine) -> None:
    site.record("a\n::error::x.md", publishedDateTime="soon")
    name = "seeds/a\\n::error::x.md"
    for command in (["build"], ["lint"], ["explain", "seeds/a\n::error::x.md"]):
        done = run(site.root, *command)
        told = [line for line in (done.out + done.err).splitlines() if "::error::" in line]
        assert told, command
        assert all(name in line for line in told), command


def test_a_record_with_a_line_end_in_its_name_is_found(site: Site, run: CommandLine) -> None:
    site.record("a\nb.md")
    assert run(site.root, "build", *NOW).code == 0
    explained = run(site.root, "explain", "seeds/a\nb.md", *NOW)
    assert explained.out.startswith("seeds/a\\nb.md: shown: ")
    told = json.loads(run(site.root, "explain", "seeds/a\nb.md", "--format", "json", *NOW).out)
    assert [(one["path"], one["standing"]) for one in told] == [("a\nb.md", "shown")]


def test_lint_as_json_and_for_github(site: Site, run: CommandLine) -> None:
    assert run(site.root, "lint", "--format", "json").out == "[]\n"
    bad(site)
    site.record("50%, a:b/c.md", title="")
    linted = run(site.root, "lint", "--format", "json")
    title, published = json.loads(linted.out)
    assert linted.code == 1
    assert title.keys() == {"path", "line", "field", "expected", "remedy", "level", "message"}
    assert (published["path"], published["line"], published["field"]) == ("bad.md", 7, "published")
    assert published["expected"] == "expected true or false, got 'maybe'"
    assert published["remedy"] == "write true or false"
    annotated = run(site.root, "lint", "--format", "github")
    assert annotated.code == 1
    assert annotated.out.splitlines() == [
        "::error file=seeds/50%25%2C a%3Ab/c.md,line=2::title: expected a title; write title: …",
        "::error file=seeds/bad.md,line=7::published: expected true or false, got 'maybe';"
        " write true or false",
    ]
    assert run(site.root, "lint", "--format", "xml").code == 2


def test_lint_looks_where_it_is_told(site: Site, run: CommandLine) -> None:
    (site.root / "drafts").mkdir()
    (site.root / "drafts" / "x.md").write_text("---\ndraft: true\n---\n")
    assert run(site.root, "lint").code == 0
    linted = run(site.root, "lint", "drafts")
    assert (linted.code, linted.out) == (
        1,
        "error: drafts/x.md:2: title: expected a title; write title: …\n",
    )


# explain

EXPLAINED = {
    "shown.md": ("shown", "it is published, and its date has come"),
    "draft.md": ("unpublished", "published is false or draft is true; it ends when"),
    "private.md": ("unpublished", "published is false or draft is true; it ends when"),
    "gone.md": ("withdrawn", "removed or deleted is true; it ends when neither is written"),
    "undated.md": ("undated", "it has no publishedDateTime, nor a date in its file name"),
    "later.md": ("embargoed", "publishedDateTime is ahead; it ends at 2031-01-01T00:00:00Z"),
    "over.md": ("expired", "it expired at 2025-01-01T00:00:00Z; it ends with a later expires"),
    "twin.md": ("duplicate", "a newer record has the same link, and [feeds] duplicates is newest"),
    "bad.md": ("set aside", "it has an error; it ends when that is mended"),
    "bare.md": ("set aside", "it has an error; it ends when that is mended"),
    "left-out/x.md": ("no record", "[records] include or exclude leaves it out"),
    ".hidden.md": ("no record", "hidden files and folders are skipped"),
    ".git/x.md": ("no record", "hidden files and folders are skipped"),
    "picture.png": ("no record", "records end in .md .markdown .html .txt .yaml .yml .json .jsonl"),
    "readme.md": ("no record", "it has no front matter, or neither title nor date nor link"),
    "data.yaml": ("no record", "it has no front matter, or neither title nor date nor link"),
    "left-out": ("no record", "it is a folder; give the path of a file in it"),
}


@pytest.fixture
def mixed(site: Site) -> Site:
    """A site with a file of every kind."""
    site.configure(TOML + '[feeds]\nduplicates = "newest"\n[records]\nexclude = ["left-out/*"]\n')
    site.record("shown.md", topics=["AI", "Science"], expires="2030-01-01T00:00:00Z")
    site.record("newer.md", publishedDateTime="2024-06-01T00:00:00Z")
    site.record("draft.md", draft="true")
    site.record("private.md", published="no", expires="2030-01-01T00:00:00Z")
    site.record("gone.md", removed="true")
    site.record("undated.md", publishedDateTime=None)
    site.record("later.md", publishedDateTime="2031-01-01T00:00:00Z")
    site.record("over.md", expires="2025-01-01T00:00:00Z")
    site.record("twin.md", webUrl="https://example.com/newer")
    site.record("bare.md", webUrl=None)
    bad(site)
    for path in ("left-out/x.md", ".hidden.md", ".git/x.md"):
        site.record(path)
    site.write("picture.png", b"\x89PNG")
    site.write("readme.md", "# Not a record\n")
    site.write("data.yaml", "colour: red\n")
    return site


@pytest.mark.parametrize("built", [False, True])
def test_explain_says_what_became_of_a_record(built: bool, mixed: Site, run: CommandLine) -> None:
    if built:
        assert run(mixed.root, "build", "-q", *NOW).code == 3
    before = everything(mixed.root)
    for path, (standing, reason) in EXPLAINED.items():
        explained = run(mixed.root, "explain", f"seeds/{path}", *NOW)
        assert (explained.code, explained.err) == (0, "")
        assert explained.out.startswith(f"seeds/{path}: {standing}: {reason}")
    assert everything(mixed.root) == before


def test_explain_says_that_only_a_preview_shows_it(mixed: Site, run: CommandLine) -> None:
    said = "published is false or draft is true, and this is a preview"
    for path in ("draft.md", "private.md"):
        explained = run(mixed.root, "explain", f"seeds/{path}", "--include-unpublished", *NOW)
        assert explained.out.startswith(f"seeds/{path}: shown: {said}\n")
    mixed.configure(TOML + '[fields]\npreset = "jekyll"\n')
    mixed.record("_drafts/d.md", title="Draft")
    explained = run(mixed.root, "explain", "seeds/_drafts/d.md", "--include-unpublished", *NOW)
    said = "published is false or draft is true, or it lies under _drafts/, and this is a preview"
    assert explained.out.startswith(f"seeds/_drafts/d.md: shown: {said}\n")
    mixed.configure(TOML)
    explained = run(mixed.root, "explain", "seeds/shown.md", "--include-unpublished", *NOW)
    assert explained.out.startswith("seeds/shown.md: shown: it is published, and its date has come")


def test_explain_numbers_records_by_their_places_in_the_file(site: Site, run: CommandLine) -> None:
    items = [{"title": f"T{n}", "publishedDateTime": "2024-01-01", "id": f"t{n}"} for n in range(3)]
    items[1]["published"] = "maybe"
    site.write("q.json", json.dumps([{**one, "webUrl": f"/{one['id']}"} for one in items]))
    explained = run(site.root, "explain", "seeds/q.json", *NOW)
    heads = [line.partition(": ")[0] for line in explained.out.splitlines() if line[0] != " "]
    assert heads == ["seeds/q.json (1)", "seeds/q.json (2)", "seeds/q.json (3)"]
    told = json.loads(run(site.root, "explain", "seeds/q.json", "--format", "json", *NOW).out)
    assert [one["item"] for one in told] == [0, 1, 2]


def test_explain_says_that_a_list_page_is_none(site: Site, run: CommandLine) -> None:
    site.configure(TOML + '[fields]\npreset = "hugo"\n')
    site.record("_index.md")
    explained = run(site.root, "explain", "seeds/_index.md", *NOW).out
    assert explained.startswith("seeds/_index.md: no record: Hugo's _index is the page of a list")


def test_explain_names_id_feeds_and_places(mixed: Site, run: CommandLine) -> None:
    explained = run(mixed.root, "explain", "seeds/shown.md", *NOW)
    assert explained.out.splitlines()[1:] == [
        "  id: tag:feeds.example.org,2026:shown",
        "  published: 2024-05-01T09:00:00Z",
        "  expires: 2030-01-01T00:00:00Z",
        "  in https://feeds.example.org/: 2 of 2",
        "  in https://feeds.example.org/ai/: 2 of 2",
        "  in https://feeds.example.org/science/: 1 of 1",
    ]
    mixed.configure(TOML + "[feeds]\nlimit = 1\n[topics]\nexclude = ['Science']\n")
    explained = run(mixed.root, "explain", "seeds/shown.md", *NOW)
    assert explained.out.splitlines()[4:] == [
        "  in https://feeds.example.org/: 2 of 4, beyond its newest entries, so not printed",
        "  in https://feeds.example.org/ai/: 2 of 4, beyond its newest entries, so not printed",
    ]


def test_explain_names_problems_and_nothing_of_what_is_hidden(
    mixed: Site, run: CommandLine
) -> None:
    assert f"  error: {BAD}\n" in run(mixed.root, "explain", "seeds/bad.md", *NOW).out
    said = run(mixed.root, "explain", "seeds/private.md", *NOW).out
    assert len(said.splitlines()) == 1
    assert "20" not in said.partition("private.md")[2]


def test_explain_as_json(mixed: Site, run: CommandLine) -> None:
    (shown,) = json.loads(
        run(mixed.root, "explain", "seeds/shown.md", "--format", "json", *NOW).out
    )
    assert (shown["path"], shown["standing"]) == ("shown.md", "shown")
    assert shown["places"][0] == {
        "feed": "https://feeds.example.org/",
        "place": 2,
        "entries": 2,
        "printed": True,
    }
    (aside,) = json.loads(run(mixed.root, "explain", "seeds/bad.md", "--format", "json", *NOW).out)
    assert [problem["field"] for problem in aside["problems"]] == ["published"]


def test_explain_as_a_preview_has_it(mixed: Site, run: CommandLine) -> None:
    flag = "--include-unpublished"
    assert run(mixed.root, "explain", "seeds/draft.md", flag, *NOW).out.startswith(
        "seeds/draft.md: shown: "
    )
    for name, standing in (("gone", "withdrawn"), ("later", "embargoed")):
        explained = run(mixed.root, "explain", f"seeds/{name}.md", flag, *NOW)
        assert explained.out.startswith(f"seeds/{name}.md: {standing}: ")


def test_explain_says_when_it_ends(mixed: Site, run: CommandLine) -> None:
    for now, standing in (("2030-12-31T23:59:59Z", "embargoed"), ("2031-01-01T00:00:00Z", "shown")):
        explained = run(mixed.root, "explain", "seeds/later.md", "--now", now)
        assert explained.out.startswith(f"seeds/later.md: {standing}: ")


@pytest.mark.parametrize("path", ["topicast.toml", ".", "..", "seeds/../x.md", "/", "none/x.md"])
def test_explain_of_what_is_not_among_the_records(path: str, site: Site, run: CommandLine) -> None:
    explained = run(site.root, "explain", path)
    assert (explained.code, explained.out) == (2, "")
    assert explained.err.startswith(f"topicast: {path}: is not in seeds, the folder of records;")


@pytest.mark.parametrize("path", ["seeds", "seeds/", "./seeds/."])
def test_explain_of_the_folder_of_records(path: str, site: Site, run: CommandLine) -> None:
    explained = run(site.root, "explain", path)
    said = f"topicast: {path}: is the folder of records; give the path of one in it\n"
    assert (explained.code, explained.out, explained.err) == (2, "", said)


def test_explain_finds_the_place_of_each_entry_in_the_order_of_the_feed(
    site: Site, run: CommandLine
) -> None:
    days = [3, 1, 2, 2, 2, 1]
    for number, day in enumerate(days):
        site.record(f"r{number}.md", publishedDateTime=f"2024-05-0{day}T00:00:00Z", topics=["AI"])
    assert run(site.root, "build", *NOW).code == 0
    titles = site.titles("ai/atom.xml")
    for number in range(len(days)):
        explained = run(site.root, "explain", f"seeds/r{number}.md", *NOW)
        place = titles.index(f"Title of r{number}") + 1
        assert f"  in https://feeds.example.org/ai/: {place} of 6\n" in explained.out


def test_explain_of_a_link_to_the_folder_of_records(site: Site, run: CommandLine) -> None:
    (site.seeds / "loop").symlink_to("../seeds")
    explained = run(site.root, "explain", "seeds/loop")
    said = "seeds/loop: no record: a symbolic link to a folder, which is not followed"
    assert explained.out.startswith(said)


def test_explain_of_a_file_that_is_not_there(site: Site, run: CommandLine) -> None:
    explained = run(site.root, "explain", "seeds/x.md")
    assert (explained.code, explained.err) == (
        2,
        "topicast: seeds/x.md: there is no such file; check the path\n",
    )


def test_explain_finds_records_by_any_way_to_them(
    site: Site, run: CommandLine, tmp_path: Path
) -> None:
    site.record("a/x.md")
    (tmp_path / "link").symlink_to("site/seeds")
    for path in (str(site.seeds / "a" / "x.md"), "../link/a/x.md", "./seeds/a/../a/x.md"):
        assert run(site.root, "explain", path, *NOW).out.startswith("seeds/a/x.md: shown")


def test_records_may_lie_around_the_feeds(site: Site, run: CommandLine) -> None:
    site.configure(TOML + '[records]\npath = "."\n')
    site.record("a.md")
    assert run(site.root, "build", *NOW).code == 0
    (site.feeds / "b.md").write_text((site.seeds / "a.md").read_text())
    assert "0 files written" in run(site.root, "build", *NOW).err
    explained = run(site.root, "explain", "feeds/b.md", *NOW)
    assert "no record: it lies in a feed tree" in explained.out


# topics


def test_topics_lists_the_topics_that_have_entries(mixed: Site, run: CommandLine) -> None:
    before = everything(mixed.root)
    mixed.record("more.md", topics=["Science"], publishedDateTime="2025-01-01T00:00:00Z")
    mixed.record("secret.md", topics=["Hidden"], draft="true")
    listed = run(mixed.root, "topics", *NOW)
    assert (listed.code, listed.err) == (0, "")
    assert listed.out.splitlines() == [
        "topic    address                             entries  newest",
        "AI       https://feeds.example.org/ai/             2  2024-06-01T00:00:00Z",
        "Science  https://feeds.example.org/science/        2  2025-01-01T00:00:00Z",
    ]
    rows = json.loads(run(mixed.root, "topics", "--format", "json", *NOW).out)
    assert [(row["name"], row["slug"], row["parent"], row["entries"]) for row in rows] == [
        ("AI", "ai", None, 2),
        ("Science", "science", None, 2),
    ]
    mixed.configure(TOML + "[topics]\nexclude = ['Sci*']\n")
    rows = json.loads(run(mixed.root, "topics", "--format", "json", *NOW).out)
    assert [row["name"] for row in rows] == ["AI"]
    rows = json.loads(run(mixed.root, "topics", "left", "--format", "json").out or "[]")
    for name in ("more.md", "secret.md"):
        (mixed.seeds / name).unlink()
    assert everything(mixed.root).keys() == before.keys()


def test_topics_of_other_records_and_of_none(site: Site, run: CommandLine) -> None:
    (site.root / "other").mkdir()
    (site.root / "other" / "x.json").write_text(
        '{"title": "X", "webUrl": "/x", "publishedDateTime": "2024-05-01", "topics": ["Other"]}'
    )
    assert run(site.root, "topics", "--format", "json").out == "[]\n"
    assert run(site.root, "topics").out == "topic  address  entries  newest\n"
    rows = json.loads(run(site.root, "topics", "other", "--format", "json").out)
    assert [row["name"] for row in rows] == ["Other"]


# schema


def schema_of(site: Site, run: CommandLine) -> dict[str, Any]:
    ran = run(site.root, "schema")
    assert (ran.code, ran.err) == (0, "")
    schema: dict[str, Any] = json.loads(ran.out)
    return schema


def test_the_schema_is_one_and_holds_every_sample_record(site: Site, run: CommandLine) -> None:
    schema = schema_of(site, run)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    samples = [path for path in (REPOSITORY / "seeds").rglob("*") if path.is_file()]
    folder = os.environ.get("TOPICAST_RECORDS", REPOSITORY.parent / "shared" / "records")
    samples += [path for path in Path(folder).rglob("*") if path.suffix in (".md", ".txt")]
    checked = 0
    for path in samples:
        for document in read_documents(path.name, path.read_bytes()):
            assert isinstance(document, Document), path
            assert list(validator.iter_errors(document.tree)) == [], path
            checked += 1
    assert checked >= 24


@pytest.mark.parametrize(
    ("record", "valid"),
    [
        ({"title": "T"}, True),
        ({"title": "T", "published": False, "draft": "No", "removed": "OFF"}, True),
        ({"title": "T", "anything": {"else": 1}, "secured": {"x": 1}}, True),
        ({}, False),
        ({"title": ""}, False),
        ({"title": "T", "published": "maybe"}, False),
        ({"title": "T", "published": None}, False),
        ({"title": "T", "published": 0}, False),
        ({"title": "T", "topics": "AI"}, False),
        ({"title": "T", "images": [{"url": "/a.png", "width": 100}, "/b.png"]}, True),
        ({"title": "T", "publishedDateTime": 2024}, False),
    ],
)
def test_the_schema_takes_what_the_program_takes(
    record: dict[str, Any], valid: bool, site: Site, run: CommandLine
) -> None:
    assert jsonschema.Draft202012Validator(schema_of(site, run)).is_valid(record) == valid


def test_the_schema_names_the_fields_of_a_dialect_too(site: Site, run: CommandLine) -> None:
    site.configure('[fields]\npreset = "hugo"\ntitle = "headline"\n')
    validator = jsonschema.Draft202012Validator(schema_of(site, run))
    assert validator.is_valid({"headline": "T", "lastmod": "2024-05-01"})
    assert validator.is_valid({"title": "T"})
    assert not validator.is_valid({"headline": ""})
    assert not validator.is_valid({"titel": "T"})
    assert not validator.is_valid({"title": "T", "expiryDate": ["2024"]})


# The program as such


def test_every_command_and_flag_has_its_help(site: Site, run: CommandLine) -> None:
    overview = run(site.root, "--help")
    assert (overview.code, overview.err) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"^  {command}\b", overview.out, re.MULTILINE)
        helped = run(site.root, command, "--help")
        assert (helped.code, helped.err) == (0, "")
        assert helped.out.startswith(f"Usage: topicast {command} ")
        assert "--config" in helped.out
        assert run(site.root, command, "-h").out == helped.out


def test_wrong_usage_ends_with_2(site: Site, run: CommandLine) -> None:
    for arguments in (["bild"], ["build", "--nope"], ["build", "a", "b"], ["explain"], ["-x"]):
        ran = run(site.root, *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "Usage: topicast" in ran.err
    assert not site.feeds.exists()


def test_the_installed_command_and_the_module_are_one(site: Site) -> None:
    site.record("a.md")
    version = f"topicast, version {topicast.__version__}\n"
    assert installed(site.root, "--version")[:3] == (0, version, "")
    module = [sys.executable, "-m", "topicast"]
    done = subprocess.run([*module, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == version
    done = subprocess.run([*module, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout == installed(site.root, "--help").out
    assert installed(site.root, "build", *NOW).code == 0
    bad(site)
    ran = installed(site.root, "build", "--report", "-", *NOW)
    assert (ran.code, json.loads(ran.out)["exit_code"]) == (3, 3)
    assert installed(site.root, "build", "--strict", *NOW).code == 1
    assert installed(site.root, "build", "--now", "x").code == 2


def test_no_path_and_no_terminal_ends_in_a_traceback(site: Site) -> None:
    site.record("a.md", topics=["Ünïcode 人"])
    odd = os.fsdecode(b"caf\xe9")
    latin = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    for arguments in (
        ["build", "--report", "-", "--out", odd],
        ["build", odd, "--config", odd],
        ["explain", f"seeds/{odd}"],
        ["lint", odd],
    ):
        ran = installed(site.root, *arguments, **latin)
        assert ran.code in (0, 1, 2)
        assert "Traceback" not in ran.err
    assert "\\u4eba" in installed(site.root, "topics", **latin).out


def test_a_reader_that_goes_away_ends_nothing_badly(site: Site) -> None:
    for number in range(300):
        site.record(f"{number}.md", topics="AI")
    process = subprocess.Popen(
        [COMMAND, "lint"], cwd=site.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait(30) in (0, 1)


# The Python API


def test_build_is_a_function(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.record("a.md")
    site.record("b.md", draft="true")
    bad(site)
    now = parse_now("2026-01-01T00:00:00Z")
    path = site.root / "topicast.toml"
    report = topicast.build(path, now=now)
    assert (report.shown, report.hidden.unpublished, report.set_aside) == (1, 1, 1)
    assert (report.exit_code, report.changed) == (3, True)
    assert [f"seeds/{problem}" for problem in report.problems] == [BAD]
    assert topicast.build(str(path), now=now).written == ()
    monkeypatch.chdir(site.root)
    assert topicast.build(now=now).changed is False
    config = load_config(str(path))
    limited = msgspec.structs.replace(config, feeds=Feeds(limit=1, out="other"))
    assert topicast.build(limited, now=now).out == "other"
    assert (site.root / "other" / "atom.xml").exists()
    assert (
        topicast.build(Config(root=str(site.root)), out="third", check=True, now=now).exit_code == 1
    )
    assert not (site.root / "third").exists()
    with pytest.raises(BuildError, match="nothing is written with --strict"):
        topicast.build(path, strict=True)
    with pytest.raises(ConfigError, match="no such file"):
        topicast.build("other.toml")
    with pytest.raises(ConfigError, match="--base-url"):
        topicast.build(path, base_url="x")


def test_build_says_nothing_unless_asked(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    site.record("a.md")
    bad(site)
    topicast.build(site.root / "topicast.toml")
    topicast.lint(site.root / "topicast.toml")
    assert capfd.readouterr() == ("", "")


def test_lint_is_a_function(site: Site) -> None:
    site.record("a.md", topics="AI")
    bad(site)
    before = everything(site.root)
    warning, error = topicast.lint(site.root / "topicast.toml")
    assert (f"seeds/{error}", error.level) == (BAD, Level.ERROR)
    assert (warning.path, warning.line, warning.field, warning.level) == (
        *("a.md", 6, "topics"),
        Level.WARNING,
    )
    assert everything(site.root) == before
    with pytest.raises(BuildError, match="cannot be read"):
        topicast.lint(site.root / "topicast.toml", seeds=str(site.root / "none"))


def test_the_api_is_documented_and_nothing_else() -> None:
    assert topicast.__all__ == ["__version__", "build", "lint"]
    for function in (topicast.build, topicast.lint):
        assert function.__doc__ and "Raises: ConfigError" in " ".join(function.__doc__.split())
        assert function.__annotations__["return"]
    with pytest.raises(AttributeError):
        topicast.bulid  # noqa: B018


# A terminal


# The command, but for each file that takes its time to be read, and leaves a mark when it begins.
SLOW = """
import os, sys, time
from topicast.records import files
read = files.read
def slow(*arguments):
    open("reading", "w").close()
    time.sleep(float(os.environ["SLOW"]))
    return read(*arguments)
files.read = slow
from topicast.cli.app import app
sys.exit(app())
"""


def slowly(folder: Path, stderr: int, seconds: float, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, *arguments],
        cwd=folder,
        env={**os.environ, "SLOW": str(seconds)},
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        text=True,
    )


def on_a_terminal(folder: Path, seconds: float, *arguments: str) -> tuple[int, str]:
    """Run a command with a terminal for stderr; its exit code and what it showed."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = slowly(folder, theirs, seconds, *arguments)
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            data = os.read(ours, 65536)
        except OSError:  # the other end is gone
            break
        if not data:
            break
        shown += data
    os.close(ours)
    return process.wait(60), shown.decode("utf-8", "replace")


def test_a_bar_on_a_terminal_for_what_takes_a_second(site: Site) -> None:
    site.record("a.md")
    code, shown = on_a_terminal(site.root, 1.1, "build", *NOW)
    assert code == 0
    assert re.search(r"\rreading: 1 files \[", shown)
    # It is wiped away, and the closing line stands alone.
    assert shown.rstrip().rpartition("\r")[2].startswith("feeds: 1 record ")
    assert on_a_terminal(site.root, 1.1, "build", "-q", "--full", *NOW) == (0, "")


def test_no_bar_for_what_is_quick(site: Site) -> None:
    site.record("a.md")
    code, shown = on_a_terminal(site.root, 0, "build", *NOW)
    assert (code, shown.count("\r")) == (0, 1)
    assert shown.startswith("feeds: 1 record ")


def test_no_bar_in_a_pipe(site: Site) -> None:
    site.record("a.md")
    process = slowly(site.root, subprocess.PIPE, 1.1, "build", *NOW)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, len(err.splitlines())) == (0, 1)
    assert "\r" not in err


def test_an_interrupted_build_leaves_the_old_feeds(site: Site) -> None:
    site.record("a.md")
    assert installed(site.root, "build", *NOW).code == 0
    before = everything(site.feeds)
    site.record("b.md")
    process = slowly(site.root, subprocess.PIPE, 60, "build", *NOW)
    while not (site.root / "reading").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert everything(site.feeds) == before
