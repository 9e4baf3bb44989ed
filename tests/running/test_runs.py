"""Runs one after another: what is logged, what is due next, and what a fault costs."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from loopback import Moody, Server
from prometheus_client.parser import text_string_to_metric_families

from site_on_disk import TOML, Site
from topicast.job import Options, make_job
from topicast.report import Printer
from topicast.running import health, runs
from topicast.running.health import Phase, address_of
from topicast.running.log import Log
from topicast.running.runs import FIRST_RETRY, LONGEST_RETRY, Runs

Serve = Callable[[Server], Server]


class Watched:
    """Runs of a site, and the JSON lines that they log."""

    def __init__(self, site: Site, json_lines: bool = True, **options: Any) -> None:
        self.log = io.StringIO()
        self.runs = Runs(
            lambda now: make_job(str(site.root / "topicast.toml"), Options(now=now)),
            Log(Printer(err=self.log), json_lines=json_lines),
            wait=0.0,
            **options,
        )

    def lines(self) -> list[str]:
        """What was logged since the last call."""
        text = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        return text.splitlines()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]

    def once(self) -> list[dict[str, Any]]:
        self.runs.once("test")
        return self.events()


@pytest.fixture
def watched(site: Site) -> Watched:
    site.record("a.md")
    return Watched(site)


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_run_is_one_line(site: Site) -> None:
    site.record("a.md")
    watched = Watched(site, json_lines=False)
    watched.runs.once("start")
    (line,) = watched.lines()
    at, _, rest = line.partition(" ")
    assert abs(datetime.fromisoformat(at) - datetime.now(UTC)) < timedelta(minutes=1)
    assert rest.startswith("start: ")
    assert "1 record (1 file read now), 1 shown, 0 hidden, 0 set aside" in rest


def test_a_run_is_one_json_object(watched: Watched) -> None:
    (event,) = watched.once()
    assert event["event"] == "build" and event["why"] == "test" and event["exit_code"] == 0
    assert (event["records"], event["shown"], event["set_aside"], event["due"]) == (1, 1, 0, None)
    assert "ai/atom.xml" in event["written"]
    (event,) = watched.once()
    assert (event["parsed"], event["written"], event["removed"]) == (0, [], [])


def test_a_record_that_stays_bad_is_said_once_then_counted(site: Site, watched: Watched) -> None:
    site.record("bad.md", title=None)
    problem, run = watched.once()
    assert problem["event"] == "error" and "seeds/bad.md" in problem["message"]
    assert (run["exit_code"], run["set_aside"]) == (3, 1)
    for _ in range(2):
        (run,) = watched.once()
        assert (run["exit_code"], run["set_aside"]) == (3, 1)
    site.record("worse.md", title=None)
    problem, run = watched.once()
    assert "worse.md" in problem["message"] and run["set_aside"] == 2
    site.record("bad.md")
    (run,) = watched.once()
    assert run["set_aside"] == 1
    site.record("bad.md", title=None)
    problem, _ = watched.once()
    assert "seeds/bad.md" in problem["message"]


def test_what_concerns_all_runs_is_said_once(site: Site) -> None:
    site.configure("[site]\ntimezone = 'UTC'\n")
    watched = Watched(site)
    assert [event["event"] for event in watched.once()] == ["note", "build"]
    assert [event["event"] for event in watched.once()] == ["build"]


def test_a_run_that_fails_leaves_the_feeds_and_is_tried_again(
    site: Site, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.once()
    before = site.tree()
    site.seeds.rename(site.root / "elsewhere")
    now = 1_800_000_000.0
    monkeypatch.setattr(runs.time, "time", lambda: now)
    (event,) = watched.once()
    assert event["exit_code"] == 1
    assert "seeds: cannot be read: No such file or directory" in event["error"]
    assert site.tree() == before
    waits = []
    for _ in range(9):
        wait = FIRST_RETRY * 2 ** len(waits)
        watched.runs.attend(now + min(wait, LONGEST_RETRY) - 1)
        assert watched.events() == []
        now += min(wait, LONGEST_RETRY)
        watched.runs.attend(now)
        (event,) = watched.events()
        assert event["why"] == "again" and event["exit_code"] == 1
        waits.append(wait)
    (site.root / "elsewhere").rename(site.seeds)
    watched.runs.attend(now + LONGEST_RETRY)
    (event,) = watched.events()
    assert (event["why"], event["exit_code"]) == ("again", 0)
    watched.runs.attend(now + 10 * LONGEST_RETRY)
    assert watched.events() == []


def test_it_wakes_when_an_embargo_ends_and_when_an_entry_expires(
    site: Site, watched: Watched
) -> None:
    opens, closes = soon(1.2), soon(3.2)
    site.record("b.md", publishedDateTime=opens, expires=closes)
    (event,) = watched.once()
    assert (event["shown"], event["due"]) == (1, opens)
    woken = []
    deadline = time.monotonic() + 20
    while len(woken) < 2 and time.monotonic() < deadline:
        watched.runs.attend(time.time())
        for event in watched.events():
            late = datetime.now(UTC) - datetime.fromisoformat((opens, closes)[len(woken)])
            woken.append((event["why"], event["shown"], event["parsed"], event["due"]))
            assert timedelta(0) <= late < timedelta(seconds=5)  # a busy machine is slow
        time.sleep(0.02)
    assert woken == [("due", 2, 0, closes), ("due", 1, 0, None)]


def test_what_is_due_is_so_after_a_run_that_failed_too(site: Site, watched: Watched) -> None:
    opens = soon(1.5)
    site.record("b.md", publishedDateTime=opens)
    watched.once()
    site.configure("[feeds")
    assert watched.once()[-1]["exit_code"] == 1
    site.configure(TOML)
    (event,) = attended(watched)
    assert (event["why"], event["shown"]) == ("due", 2)


def attended(watched: Watched) -> list[dict[str, Any]]:
    """What is logged next of what is done by itself."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        watched.runs.attend(time.time())
        if events := watched.events():
            return events
        time.sleep(0.02)
    return []


def test_a_clock_that_is_set_back_lets_an_embargo_hold_again(
    site: Site, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.record("b.md", publishedDateTime="2027-03-01T00:00:00Z")
    times = {"now": datetime(2027, 3, 2, tzinfo=UTC).timestamp()}
    monkeypatch.setattr(runs, "current", lambda *_: int(times["now"] * 1_000_000))
    monkeypatch.setattr(runs.time, "time", lambda: times["now"])
    assert watched.once()[-1]["shown"] == 2
    times["now"] -= 1.5  # a clock that is corrected is no reason
    watched.runs.attend(times["now"])
    assert watched.events() == []
    times["now"] -= 2 * 86400
    watched.runs.attend(times["now"])
    (event,) = watched.events()
    assert (event["why"], event["shown"]) == ("clock", 1)
    watched.runs.attend(times["now"] + 0.2)
    assert watched.events() == []


def test_a_configuration_that_breaks_is_an_error_until_it_is_mended(
    site: Site, watched: Watched
) -> None:
    watched.once()
    site.configure("[feeds]\nlimit = 'many'\n")
    (event,) = watched.once()
    assert event["exit_code"] == 1 and "[feeds] limit: expected" in event["error"]
    site.configure(TOML)
    (event,) = watched.once()
    assert event["exit_code"] == 0


def test_a_fault_of_topicast_ends_no_process_and_tells_nothing_of_a_record(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise KeyError("secret of a record")

    monkeypatch.setattr(runs, "run", fault)
    (event,) = watched.once()
    assert event["error"].startswith("a fault of Topicast itself (KeyError at test_runs.py:")
    assert "secret" not in str(event)


def test_hubs_are_told_by_a_run_and_again_when_they_had_failed(site: Site, serve: Serve) -> None:
    hub = serve(Moody(503))
    site.configure(TOML + f'[websub]\nhubs = ["{hub.url}"]\n')
    site.record("a.md")
    watched = Watched(site)
    _, failure = watched.once()
    assert failure["event"] == "hub" and "answers 503" in failure["message"]
    watched.runs.attend(time.time())
    watched.once()
    assert len(hub.requests) == 1  # it rests
    watched.runs.attend(time.time() + 31)
    assert len({form["hub.url"] for form in hub.forms()}) == 6
    hub.requests.clear()
    watched.once()
    assert hub.requests == []


@pytest.mark.parametrize("after", ["build", "ping"])
def test_who_tells_the_hubs_is_configured(site: Site, serve: Serve, after: str) -> None:
    hub = serve(Server())
    site.configure(TOML + f'[websub]\nhubs = ["{hub.url}"]\nafter = "{after}"\n')
    site.record("a.md")
    Watched(site).once()
    assert len(hub.requests) == (6 if after == "build" else 0)


def test_a_build_tells_nobody(site: Site, serve: Serve) -> None:
    hub = serve(Server())
    site.configure(TOML + f'[websub]\nhubs = ["{hub.url}"]\n[schedule]\nping_url = "{hub.url}/m"\n')
    site.record("a.md")
    site.build()
    assert hub.requests == []


def monitored(site: Site, url: str) -> Watched:
    site.configure(TOML + f'[schedule]\nping_url = "{url}/uuid"\n')
    site.record("a.md")
    return Watched(site)


def test_a_monitor_hears_of_start_success_and_failure(site: Site, serve: Serve) -> None:
    monitor = serve(Server())
    watched = monitored(site, monitor.url)
    watched.once()
    site.seeds.rename(site.root / "elsewhere")
    watched.once()
    assert [path for _, path, _ in monitor.requests] == [
        *("/uuid/start", "/uuid", "/uuid/start", "/uuid/fail")
    ]
    assert b"1 shown" in monitor.requests[1][2]
    monitor_said = len(monitor.requests)
    site.configure("[feeds")  # whose monitor it is, only the last one that could be read says
    watched.once()
    assert [path for _, path, _ in monitor.requests[monitor_said:]] == ["/uuid/fail"]
    assert b"cannot be read" in monitor.requests[3][2]


def test_a_monitor_that_is_down_is_said_once_and_costs_no_run(
    site: Site, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "TIMEOUT", 0.2)
    monitor = serve(Moody("hang", "hang", "hang", "hang", 204, 204, 500))
    watched = monitored(site, monitor.url)
    said, run = watched.once()
    assert said["message"] == "the monitor does not answer (TimeoutError)"
    assert run["exit_code"] == 0
    for _ in range(2):
        assert [event["event"] for event in watched.once()] == ["build"]
    said, _ = watched.once()
    assert said["message"] == "the monitor answers 500"


def test_a_network_that_is_down_costs_no_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreachable(*_: object, **__: object) -> None:
        raise httpx.ConnectError("Temporary failure in name resolution")

    monkeypatch.setattr(httpx.AsyncClient, "send", unreachable)
    site.configure(
        TOML
        + '[websub]\nhubs = ["https://hub.example/"]\n'
        + '[schedule]\nping_url = "https://monitor.example/"\n'
    )
    site.record("a.md")
    watched = Watched(site)
    events = watched.once()
    assert {event["event"] for event in events} == {"monitor", "build", "hub"}
    (run,) = [event for event in events if event["event"] == "build"]
    assert run["exit_code"] == 0


@pytest.mark.parametrize(
    ("url", "phase", "expected"),
    [
        ("https://m.example/uuid", Phase.START, "https://m.example/uuid/start"),
        ("https://m.example/uuid/", Phase.FAIL, "https://m.example/uuid/fail"),
        ("https://m.example/uuid/", Phase.SUCCESS, "https://m.example/uuid/"),
        ("https://m.example/uuid?key=1", Phase.FAIL, "https://m.example/uuid/fail?key=1"),
    ],
)
def test_the_addresses_of_a_monitor(url: str, phase: Phase, expected: str) -> None:
    assert address_of(url, phase) == expected


def metrics_of(file: Path) -> dict[str, float]:
    return {
        "".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(file.read_text("utf-8"))
        for sample in family.samples
    }


def test_metrics_are_those_of_the_last_run(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "topicast.prom"
    site.record("a.md")
    site.record("b.md", published="false")
    site.record("c.md", title=None)
    site.record("d.md", publishedDateTime="2999-01-01T00:00:00Z")
    watched = Watched(site, metrics=str(file))
    watched.once()
    metrics = metrics_of(file)
    assert {name.removeprefix("topicast_"): metrics[name] for name in metrics} == {
        "last_run_timestamp_seconds": pytest.approx(time.time(), abs=60),
        "last_run_duration_seconds": pytest.approx(0, abs=60),
        "last_run_success": 1,
        "records": 4,
        "records_shown": 1,
        "records_set_aside": 1,
        "records_hiddenunpublished": 1,
        "records_hiddenembargoed": 1,
        **{f"records_hidden{why}": 0 for why in ("withdrawn", "undated", "expired", "duplicate")},
        "files_written": len(site.tree()) - 1,  # all but the manifest
        "files_removed": 0,
        "next_due_timestamp_seconds": datetime(2999, 1, 1, tzinfo=UTC).timestamp(),
    }
    site.seeds.rename(site.root / "elsewhere")
    watched.once()
    metrics = metrics_of(file)
    assert metrics["topicast_last_run_success"] == 0
    assert "topicast_records" not in metrics
    assert list(tmp_path.glob("topicast.prom*")) == [file]


def test_metrics_that_cannot_be_written_cost_no_run(site: Site, tmp_path: Path) -> None:
    site.record("a.md")
    watched = Watched(site, metrics=str(tmp_path / "gone" / "x.prom"))
    run, error = watched.once()
    assert run["exit_code"] == 0
    assert "the metrics cannot be written: No such file" in error["message"]
    assert [event["event"] for event in watched.once()] == ["build"]


def test_a_takedown_goes_through_and_an_emptied_mount_does_not(
    site: Site, watched: Watched
) -> None:
    for number in range(20):
        site.record(f"r{number}.md", title=f"Number {number}")
    watched.once()
    for number in range(13):  # over 60 % of the records, at once
        site.record(f"r{number}.md", title=f"Number {number}", published="false")
    (run,) = watched.once()
    assert (run["exit_code"], run["shown"], run["hidden"]["unpublished"]) == (0, 8, 13)
    assert "Number 12" not in str(site.titles())
    before = site.tree()
    for number in range(1, 20):
        site.record(f"r{number}.md", title=f"Number {number}")
    watched.once()
    before = site.tree()
    for file in site.seeds.iterdir():
        file.unlink()
    (run,) = watched.once()
    assert run["exit_code"] == 1 and "only 0 usable records are left" in run["error"]
    assert site.tree() == before


def test_what_was_done_to_the_tree_by_hand_is_undone_by_the_next_run(
    site: Site, watched: Watched
) -> None:
    watched.once()
    before = site.tree()
    (site.feeds / "ai/atom.xml").write_text("edited")
    (site.feeds / "rss.xml").unlink()
    (run,) = watched.once()
    assert sorted(run["written"]) == ["ai/atom.xml", "rss.xml"]
    assert site.tree() == before
