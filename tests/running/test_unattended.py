"""``schedule`` and ``watch`` as processes: time, signals, saves, and what goes wrong meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from unattended import Unattended

from command_line import installed
from site_on_disk import TOML, Site

Start = Callable[..., Unattended]


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_schedule_builds_when_a_record_is_due_and_stops_when_told(
    site: Site, unattended: Start
) -> None:
    site.record("a.md", publishedDateTime=soon(4), expires=soon(6))
    schedule = unattended("schedule", "--every", "1d")
    runs = schedule.wait_for(3)
    assert [run["why"] for run in runs] == ["start", "due", "due"]
    assert [run["shown"] for run in runs] == [0, 1, 0]
    for before, run in pairwise(runs):
        late = datetime.fromisoformat(run["time"]) - datetime.fromisoformat(before["due"])
        assert timedelta(0) <= late <= timedelta(seconds=1)
    assert schedule.stop() == 0
    assert schedule.events("stop") != []


def test_schedule_builds_on_time_and_takes_in_what_changed(site: Site, unattended: Start) -> None:
    site.record("a.md")
    schedule = unattended("schedule", "--cron", "* * * * *")
    assert [run["why"] for run in schedule.wait_for(1)] == ["start"]
    assert schedule.stop() == 0
    schedule = unattended("schedule", "--every", "1s")
    schedule.wait_for(2)
    site.record("b.md")
    run = schedule.until(lambda: [run for run in schedule.events() if run["shown"] == 2])[0]
    assert (run["why"], run["parsed"]) == ("scheduled", 1)
    assert schedule.stop(signal.SIGINT) == 0


@pytest.mark.parametrize("to_all", [False, True])
def test_a_build_that_runs_ends_before_schedule_stops(
    site: Site, unattended: Start, to_all: bool
) -> None:
    for number in range(1200):  # enough for worker processes
        site.record(f"{number}.md")
    schedule = unattended("schedule", "--every", "1d")
    pid = schedule.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("the children of a process are not shown here")
    if len(os.sched_getaffinity(0)) > 1:
        schedule.until(lambda: children.read_text())
    if to_all:  # as service managers and terminals do
        os.killpg(pid, signal.SIGTERM)
        code = schedule.process.wait(30)
    else:
        code = schedule.stop()
    assert code == 0
    (run,) = schedule.events()
    assert (run["exit_code"], run["shown"]) == (0, 1200)
    assert site.build().written == ()


def test_two_schedulers_on_one_tree_take_turns(site: Site, unattended: Start) -> None:
    for number in range(30):
        site.record(f"{number}.md")
    both = [unattended("schedule", "--every", "1s") for _ in range(2)]

    def all_see(count: int) -> bool:
        return all(one.events() and one.events()[-1]["shown"] == count for one in both)

    for number in range(3):
        site.record(f"new-{number}.md")
        both[0].until(partial(all_see, 31 + number))
    for one in both:
        assert one.stop() == 0
        assert {run["exit_code"] for run in one.events()} == {0}
    assert site.build().written == ()
    assert site.tree() == site.fresh()


def test_records_that_vanish_and_come_back(site: Site, unattended: Start) -> None:
    site.record("a.md")
    schedule = unattended("schedule", "--every", "1s")
    schedule.wait_for(1)
    before = site.tree()
    site.seeds.rename(site.root / "elsewhere")
    failed = schedule.until(lambda: [run for run in schedule.events() if run["exit_code"] == 1])
    assert "seeds: cannot be read" in failed[0]["error"]
    assert site.tree() == before
    (site.root / "elsewhere").rename(site.seeds)
    schedule.until(lambda: schedule.events()[-1]["exit_code"] == 0)
    assert schedule.stop() == 0


def test_mounts_that_empty_or_turn_read_only(
    site: Site, unattended: Start, mount: Callable[..., None]
) -> None:
    for number in range(12):
        site.record(f"{number}.md")
    site.build()
    before = site.tree()
    schedule = unattended("schedule", "--every", "1s")
    schedule.wait_for(1)
    mount(site.seeds, "-t", "tmpfs", "none")
    failed = schedule.until(lambda: [run for run in schedule.events() if run["exit_code"] == 1])
    assert "only 0 usable records are left" in failed[0]["error"]
    subprocess.run(["umount", str(site.seeds)], check=True)
    mount(site.seeds, "--bind", str(site.seeds))  # so that the end of the test finds one
    schedule.until(lambda: schedule.events()[-1]["exit_code"] == 0)
    assert site.tree() == before
    mount(site.feeds, "--bind", str(site.feeds))
    subprocess.run(["mount", "-o", "remount,bind,ro", str(site.feeds)], check=True)
    site.record("new.md")
    failed = schedule.until(
        lambda: [run for run in schedule.events() if "Read-only" in run.get("error", "")]
    )
    assert "feeds" in failed[0]["error"]
    assert site.tree() == before
    subprocess.run(["mount", "-o", "remount,bind,rw", str(site.feeds)], check=True)
    schedule.until(lambda: schedule.events()[-1].get("shown") == 13)
    assert schedule.stop() == 0
    assert site.tree() == site.fresh()


def test_records_that_change_while_they_are_read(site: Site, unattended: Start) -> None:
    for number in range(200):
        site.record(f"{number}.md")
    schedule = unattended("schedule", "--every", "1s")
    deadline = time.monotonic() + 3
    round = 0
    while time.monotonic() < deadline or len(schedule.events()) < 3:
        round += 1
        for number in range(0, 200, 7):
            (site.seeds / f"{number}.md").unlink(missing_ok=True)
            site.record(f"moved/{number}.md" if round % 2 else f"{number}.md", title=f"T {round}")
            (site.seeds / f"moved/{number}.md").unlink(missing_ok=round % 2 == 0)
        assert schedule.process.poll() is None, schedule.text()
    assert schedule.stop() == 0
    assert {run["exit_code"] for run in schedule.events()} <= {0, 3}, schedule.text()
    site.build()
    assert site.tree() == site.fresh()


def test_watch_shows_what_changed_and_survives_a_bad_save(site: Site, unattended: Start) -> None:
    site.record("a.md")
    watch = unattended("watch")
    watch.wait_for(1)
    site.record("news/2026/b.md")  # in folders that are new too
    run = watch.wait_for(2)[-1]
    assert run["shown"] == 2 and run["why"].startswith("changed seeds/news")
    site.write("a.md", "---\ntitle: [broken\n---\n")
    run = watch.wait_for(3)[-1]
    assert (run["why"], run["exit_code"], run["set_aside"]) == ("changed seeds/a.md", 3, 1)
    assert "seeds/a.md" in watch.wait_for(1, "error")[0]["message"]
    site.record("a.md", title="Mended")
    run = watch.wait_for(4)[-1]
    assert (run["exit_code"], run["shown"]) == (0, 2)
    assert "Mended" in site.titles()
    assert watch.stop() == 0
    assert watch.events("stop") != []


@pytest.fixture
def few_watches() -> list[str]:
    """Runs a command where the system tells of few folders."""
    few = "echo 5 > /proc/sys/user/max_inotify_watches"
    try:
        subprocess.run(["unshare", "-Ur", "sh", "-c", few], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs user namespaces")
    return ["unshare", "-Ur", "sh", "-c", f'{few}; exec "$@"', "-"]


def test_where_no_change_can_be_seen_watch_goes_on(
    site: Site, unattended: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks for changes, instead of being told, ends at a folder that is closed."""
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    site.record("closed/a.md")
    (site.seeds / "closed").chmod(0)
    watch = unattended("watch", bound_by_permissions=True)
    assert "Permission denied" in watch.wait_for(1)[0]["error"]
    assert "no change of a record can be seen" in watch.wait_for(1, "note")[0]["message"]
    (site.seeds / "closed").chmod(0o755)
    watch.until(lambda: watch.events()[-1]["exit_code"] == 0)
    assert watch.stop() == 0


def test_watch_sees_what_the_system_has_no_room_to_tell_of(
    site: Site, unattended: Start, few_watches: list[str]
) -> None:
    for number in range(9):
        site.record(f"{number}/a.md")
    watch = unattended("watch", within=few_watches)
    watch.wait_for(1)
    assert "are looked for" in watch.wait_for(1, "note")[0]["message"]
    site.record("8/b.md")
    assert watch.wait_for(2)[-1]["shown"] == 10
    assert watch.stop() == 0


def test_watch_cannot_say_a_path_that_is_no_text(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xff"))
    (folder / "seeds").mkdir(parents=True)
    watched = installed(folder, "watch")
    assert watched.code == 1
    assert "watch cannot say this path in utf-8; set PYTHONUTF8=1" in watched.err
    assert "Traceback" not in watched.err


def test_watch_makes_one_build_of_many_saves(site: Site, unattended: Start) -> None:
    site.record("a.md")
    watch = unattended("watch")
    watch.wait_for(1)
    for number in range(50):
        site.record(f"{number}.md")
    watch.until(lambda: watch.events()[-1]["shown"] == 51)
    time.sleep(0.8)
    assert len(watch.events()) <= 4
    named = [run["why"] for run in watch.events() if "more" in run["why"]]
    assert named and named[0].count("seeds/") == 3


def test_watch_sees_configuration_and_taxonomy_that_editors_replace(
    site: Site, unattended: Start
) -> None:
    site.record("a.md")
    watch = unattended("watch")
    watch.wait_for(1)
    for name, text in (
        ("topicast.toml", TOML.replace("Test Site", "New Name")),
        ("topics.yaml", "- name: AI\n  description: Thinking machines\n"),  # one that is new
        ("topics.yaml", "- name: AI\n  description: Machines that think\n"),
    ):
        count = len(watch.events())
        (site.root / f"{name}~").write_text(text)
        os.replace(site.root / f"{name}~", site.root / name)
        run = watch.wait_for(count + 1)[-1]
        assert run["why"] == f"changed {name}"
        assert "atom.xml" in run["written"] or "ai/atom.xml" in run["written"]
    assert site.feed().feed.title == "New Name"
    assert site.feed("ai/atom.xml").feed.subtitle == "Machines that think"


def test_watch_goes_to_where_the_records_are_configured_to_be(
    site: Site, unattended: Start
) -> None:
    site.record("a.md")
    other = Site(site.root / "other")
    other.record("x.md")
    watch = unattended("watch")
    watch.wait_for(1)
    site.configure(TOML + '[records]\npath = "other/seeds"\n')
    watch.until(lambda: "Title of x" in site.titles())
    watch.until(lambda: watch.events()[-1]["why"] == "changed other/seeds")
    other.record("y.md")
    watch.until(lambda: "Title of y" in site.titles())


def test_watch_goes_on_when_the_folder_of_records_is_replaced(
    site: Site, unattended: Start
) -> None:
    site.record("a.md")
    watch = unattended("watch")
    watch.wait_for(1)
    site.seeds.rename(site.root / "elsewhere")
    watch.until(lambda: watch.events()[-1]["exit_code"] == 1)
    site.seeds.mkdir()
    site.record("b.md")
    watch.until(lambda: site.titles() == ["Title of b"])
    site.record("c.md")
    watch.until(lambda: len(site.titles()) == 2)


def test_watch_is_not_woken_by_what_it_writes(site: Site, unattended: Start) -> None:
    site.configure(TOML + '[feeds]\nout = "seeds/feeds"\n')
    site.record("a.md")
    watch = unattended("watch")
    watch.wait_for(1)
    (site.seeds / ".hidden").write_text("x")
    time.sleep(1.0)
    assert len(watch.events()) == 1


def test_watch_builds_when_a_record_is_due(site: Site, unattended: Start) -> None:
    site.record("a.md", publishedDateTime=soon(4))
    watch = unattended("watch")
    runs = watch.wait_for(2)
    assert [(run["why"], run["shown"]) for run in runs] == [("start", 0), ("due", 1)]


def test_a_folder_that_cannot_be_read_ends_a_run_and_a_file_is_set_aside(
    site: Site, unattended: Start
) -> None:
    site.record("a.md")
    site.record("b.md").chmod(0)
    locked = site.record("locked/c.md").parent
    locked.chmod(0)
    try:
        schedule = unattended("schedule", "--every", "1s", bound_by_permissions=True)
        (run,) = schedule.wait_for(1)
        assert run["exit_code"] == 1 and "locked: cannot be read: Permission" in run["error"]
    finally:
        locked.chmod(0o700)
    run = schedule.until(lambda: [run for run in schedule.events() if run["exit_code"] != 1])[0]
    assert (run["exit_code"], run["shown"], run["set_aside"]) == (3, 2, 1)
    (site.seeds / "b.md").chmod(0o600)
    schedule.until(lambda: schedule.events()[-1]["exit_code"] == 0)
    assert len(site.titles()) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["schedule"], "give one of --every"),
        (["schedule", "--every", "soon"], "--every: expected a duration"),
        (["schedule", "--cron", "often"], "--cron: expected five fields"),
        (["schedule", "--every", "1h", "--metrics", "nowhere/x.prom"], "--metrics: the folder of"),
        (["watch", "--config", "nowhere.toml"], "nowhere.toml: there is no such file"),
    ],
)
def test_wrong_usage_ends_at_once(
    site: Site, unattended: Start, arguments: list[str], said: str
) -> None:
    process = unattended(*arguments)
    assert process.process.wait(30) == 2
    (line,) = process.text().splitlines()
    assert line.startswith(f"topicast: {said}")


# What watch must not lose, nor be woken by


def shown(process: Unattended, count: int) -> Callable[[], bool]:
    def is_shown() -> bool:
        events = process.events()
        return bool(events) and events[-1].get("shown") == count

    return is_shown


def test_watch_sees_a_folder_of_records_that_takes_the_place_of_another(
    site: Site, unattended: Start
) -> None:
    site.record("a.md")
    watch = unattended("watch")
    watch.until(shown(watch, 1))
    for count in range(2, 5):
        shutil.copytree(site.seeds, site.root / "copy")
        shutil.rmtree(site.seeds)  # a new folder gets its inode, on most file systems
        shutil.copytree(site.root / "copy", site.seeds)
        shutil.rmtree(site.root / "copy")
        watch.until(shown(watch, count - 1))
        site.record(f"{count}.md")
        watch.until(shown(watch, count))
    assert watch.stop() == 0


def test_watch_goes_on_where_a_name_is_not_utf8(site: Site, unattended: Start) -> None:
    site.record("a.md")
    watch = unattended("watch")
    watch.until(shown(watch, 1))
    os.mkdir(os.fsencode(site.seeds) + b"/caf\xe9")
    site.record("b.md")
    watch.until(shown(watch, 2))
    site.record("c.md")
    watch.until(shown(watch, 3))
    assert watch.stop() == 0
    assert "Traceback" not in watch.text()


def test_what_is_no_record_does_not_wake_watch(site: Site, unattended: Start) -> None:
    site.configure(f'{TOML}[records]\npath = "."\nexclude = ["left-out/*"]\n')
    site.record("a.md")
    pytest.importorskip("prometheus_client")
    watch = unattended("watch", "--metrics", "seeds/topicast.prom")
    watch.until(shown(watch, 1))
    time.sleep(1)
    before = len(watch.events())
    for number in range(12):
        (site.root / "some.log").write_text(f"{number}")
        (site.seeds / ".hidden").write_text(f"{number}")
        (site.root / "left-out").mkdir(exist_ok=True)
        (site.root / "left-out" / "b.md").write_text(f"{number}")
        time.sleep(0.1)
    time.sleep(1)
    assert len(watch.events()) <= before + 1  # for the folder that came
    site.record("c.md")
    watch.until(shown(watch, 2))
    assert watch.stop() == 0


def test_hidden_changes_do_not_keep_watch_from_what_is_due(site: Site, unattended: Start) -> None:
    site.record("a.md")
    site.record("b.md", publishedDateTime=soon(5))
    watch = unattended("watch")
    watch.until(shown(watch, 1))
    (site.seeds / ".git").mkdir()

    def restless() -> bool:
        (site.seeds / ".git" / "log").write_text(f"{time.monotonic()}")
        return shown(watch, 2)()

    watch.until(restless)
    late = datetime.now(UTC) - datetime.fromisoformat(watch.events()[-2]["due"])
    assert late < timedelta(seconds=3)
    assert watch.stop() == 0


@pytest.mark.parametrize("lost", ["", "# half written\n", None])
def test_a_configuration_that_is_lost_changes_no_feed(
    site: Site, unattended: Start, lost: str | None
) -> None:
    site.record("a.md")
    watch = unattended("watch")
    watch.until(shown(watch, 1))
    before = site.tree()
    file = site.root / "topicast.toml"
    good = file.read_text("utf-8")
    if lost is None:
        file.unlink()
    else:
        file.write_text(lost, "utf-8")
    failed = watch.until(lambda: [run for run in watch.events() if run["exit_code"] == 1])
    assert "is gone" in failed[0]["error"]
    assert site.tree() == before
    file.write_text(good, "utf-8")
    site.record("b.md")
    watch.until(shown(watch, 2))
    assert watch.stop() == 0
