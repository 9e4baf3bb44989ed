"""``topicast ping`` after a deploy, and what ``build`` leaves for monitors."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import Away, Dripping, Host, Moody, Server
from prometheus_client.parser import text_string_to_metric_families

from command_line import NOW, CommandLine
from site_on_disk import TOML, Site
from topicast.job import Options, make_job
from topicast.problems import BuildError
from topicast.running.live import wait_until_live

Serve = Callable[[Server], Server]
BASE = "https://feeds.example.org"


def configure(site: Site, hub: str, base_url: str = BASE) -> None:
    site.configure(TOML.replace(BASE, base_url) + f'[websub]\nhubs = ["{hub}"]\nafter = "ping"\n')


def told(hub: Server) -> list[str]:
    return sorted(form["hub.url"].removeprefix(f"{BASE}/") for form in hub.forms())


@pytest.fixture
def clone(site: Site) -> Path:
    """Where a fresh clone of the site will be: without ``.topicast/``."""
    return site.root.parent / "clone"


def cloned(site: Site, clone: Path) -> Path:
    shutil.rmtree(clone, ignore_errors=True)
    return Path(shutil.copytree(site.root, clone, ignore=shutil.ignore_patterns(".topicast")))


def test_ping_tells_what_changed_since_it_told(site: Site, serve: Serve, run: CommandLine) -> None:
    hub = serve(Server())
    configure(site, hub.url)
    site.record("a.md")
    site.build()
    ran = run(site.root, "ping")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "6 announcements to 1 hub\n"
    hub.requests.clear()
    assert run(site.root, "ping", "--quiet").said == ""
    assert hub.requests == []


def test_on_a_fresh_clone_the_report_names_what_changed(
    site: Site, serve: Serve, run: CommandLine, clone: Path, tmp_path: Path
) -> None:
    hub = serve(Server())
    configure(site, hub.url)
    site.record("a.md", topics=["AI"])
    site.record("b.md", topics=["Maps"])
    site.build()
    site.record("b.md", topics=["Maps"], title="Other")
    report = tmp_path / "report.json"
    assert run(site.root, "build", *NOW, "--report", str(report)).code == 0
    assert run(cloned(site, clone), "ping", "--report", str(report)).code == 0
    kinds = ("atom.xml", "feed.json", "rss.xml")
    assert told(hub) == sorted(folder + kind for folder in ("", "maps/") for kind in kinds)
    hub.requests.clear()
    assert run(clone, "ping", "--report", str(report)).code == 0  # the hub has heard already
    assert hub.requests == []
    assert run(cloned(site, clone), "ping").code == 0  # without a report: of every feed
    assert len(told(hub)) == 9


def test_ping_fails_while_a_hub_has_not_heard(site: Site, serve: Serve, run: CommandLine) -> None:
    hub = serve(Moody(400))
    configure(site, hub.url)
    site.record("a.md")
    site.build()
    ran = run(site.root, "ping")
    assert ran.code == 1
    assert "answers 400 for ai/atom.xml; it will be told again" in ran.err
    assert run(site.root, "ping").code == 0
    assert len(set(told(hub))) == 6


def test_without_hubs_there_is_nothing_to_do(site: Site, run: CommandLine) -> None:
    ran = run(site.root, "ping")
    assert (ran.code, ran.err) == (0, "no hub is told: [websub] hubs names none\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("{}", "is no report of a build"),
        ("[", "is no rep"),
        ('{"check": true, "written": ["ai/rss.xml"]}', "is of a build with --check, which wrote"),
        (
            '{"preview": true, "written": ["ai/rss.xml"]}',
            "is of a preview, of which nobody",
        ),
        ('{"exit_code": 1, "error": "x"}', "is of a build that failed, and wrote nothing; write"),
    ],
)
def test_a_report_must_be_one(
    site: Site, run: CommandLine, tmp_path: Path, content: str | None, said: str
) -> None:
    configure(site, "http://127.0.0.1:9/")
    file = tmp_path / "report.json"
    if content is not None:
        file.write_text(content)
    ran = run(site.root, "ping", "--report", str(file))
    assert ran.code == 2 and said in ran.err


def test_a_preview_is_never_told_of(site: Site, serve: Serve, run: CommandLine) -> None:
    hub = serve(Server())
    configure(site, hub.url)
    site.record("a.md")
    site.build(include_unpublished=True)
    ran = run(site.root, "ping", "--out", "preview")
    assert ran.code == 1 and "is a preview, of which no hub is told" in ran.err
    assert hub.requests == []


def test_live_waits_until_the_new_feeds_are_public(
    site: Site, serve: Serve, run: CommandLine, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    host, hub = serve(Host(public)), serve(Server())
    configure(site, hub.url, host.url)
    site.record("a.md")
    site.build()
    shutil.copytree(site.feeds, public)
    site.record("a.md", title="New")
    site.build()
    ran = run(site.root, "ping", "--live", "--wait", "300ms")
    assert ran.code == 1
    assert "feeds/ai/atom.xml: is not live after 0.3 s (6 of the feeds are not)" in ran.err
    assert hub.requests == []
    looked: list[float] = []

    def deploy(seconds: float) -> None:
        looked.append(seconds)
        shutil.copytree(site.feeds, public, dirs_exist_ok=True)

    job = make_job(str(site.root / "topicast.toml"), Options(now=0))
    wait_until_live(job, 60, deploy)
    assert len(looked) == 1
    assert run(site.root, "ping", "--live").code == 0
    assert len(hub.requests) == 6


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nX-A: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_live_waits_no_longer_than_it_may(site: Site, serve: Serve, beginning: bytes) -> None:
    host = serve(Dripping(beginning))
    configure(site, "http://127.0.0.1:9/", host.url)
    site.record("a.md")
    site.build()
    job = make_job(str(site.root / "topicast.toml"), Options(now=0))
    with pytest.raises(BuildError, match=r"is not live after 0\.3 s"):
        wait_until_live(job, 0.3)
    assert len(host.requests) == 1


def test_live_looks_once_however_short_the_wait(site: Site, serve: Serve) -> None:
    host = serve(Host(site.feeds))
    configure(site, "http://127.0.0.1:9/", host.url)
    site.record("a.md")
    site.build()
    wait_until_live(make_job(str(site.root / "topicast.toml"), Options(now=0)), 0)
    assert len(host.requests) == 6


def test_live_says_in_words_that_a_redirect_leads_nowhere(site: Site, serve: Serve) -> None:
    host = serve(Away("http://127.0.0.1:99999/"))
    configure(site, "http://127.0.0.1:9/", host.url)
    site.record("a.md")
    site.build()
    with pytest.raises(BuildError, match="is not live"):
        wait_until_live(make_job(str(site.root / "topicast.toml"), Options(now=0)), 0)


def test_live_does_not_wait_for_each_feed_of_a_host_that_is_down(site: Site) -> None:
    configure(site, "http://127.0.0.1:9/", "http://127.0.0.1:9")
    site.record("a.md")
    site.build()
    job = make_job(str(site.root / "topicast.toml"), Options(now=0))
    started = time.monotonic()
    with pytest.raises(BuildError, match="is not live"):
        wait_until_live(job, 0.1)
    assert time.monotonic() - started < 20


def test_the_report_of_a_build_is_for_monitors(
    site: Site, run: CommandLine, tmp_path: Path
) -> None:
    site.record("a.md")
    site.record("bad.md", title=None)
    site.record("later.md", publishedDateTime="2026-02-01T00:00:00.5Z")
    file = tmp_path / "report.json"
    assert run(site.root, "build", *NOW, "--report", str(file)).code == 3
    report = json.loads(file.read_bytes())
    assert report["exit_code"] == 3
    assert (report["records"], report["shown"], report["set_aside"]) == (3, 1, 1)
    assert report["hidden"]["embargoed"] == 1
    assert report["due"] == "2026-02-01T00:00:01Z"
    assert "atom.xml" in report["written"]
    assert report["seconds"] > 0
    (problem,) = report["problems"]
    assert (problem["path"], problem["field"]) == ("bad.md", "title")


def test_the_report_of_a_build_that_failed_says_so(
    site: Site, run: CommandLine, tmp_path: Path
) -> None:
    site.record("a.md")
    report, metrics = tmp_path / "report.json", tmp_path / "topicast.prom"
    asked = ("build", *NOW, "--report", str(report), "--metrics", str(metrics))
    assert run(site.root, *asked).code == 0
    assert success_in(metrics) == 1
    site.seeds.rename(site.root / "elsewhere")
    ran = run(site.root, *asked)
    assert ran.code == 1
    failed = json.loads(report.read_bytes())
    assert failed == {
        "exit_code": 1,
        "now": "2026-01-01T00:00:00Z",
        "error": ran.err.removeprefix("topicast: ").rstrip("\n"),
    }
    assert success_in(metrics) == 0
    site.configure("[feeds]\nlimit = 0\n")
    assert run(site.root, *asked).code == 2
    assert json.loads(report.read_bytes())["exit_code"] == 2


def success_in(file: Path) -> float:
    (sample,) = [
        sample
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
        if sample.name == "topicast_last_run_success"
    ]
    return float(sample.value)


def test_the_closing_line_says_what_is_due(site: Site, run: CommandLine) -> None:
    site.record("a.md", expires="2026-03-01T00:00:00Z")
    ran = run(site.root, "build", *NOW)
    assert ran.lines()[-1].endswith("; next due 2026-03-01T00:00:00Z")


@pytest.mark.parametrize("flag", ["--report", "--metrics"])
def test_a_folder_that_is_not_there_is_said_before_the_build(
    site: Site, run: CommandLine, flag: str
) -> None:
    site.record("a.md")
    ran = run(site.root, "build", flag, "nowhere/file")
    assert ran.code == 2 and f"{flag}: the folder of nowhere/file is not there" in ran.err
    for file in ("seeds", "seeds/", ""):
        ran = run(site.root, "build", flag, file)
        assert ran.code == 2 and f"{flag}: '{file}' is no name of a file; name one" in ran.err
    assert not site.feeds.exists()


def test_no_hub_is_told_of_addresses_that_are_made_up(
    site: Site, serve: Serve, run: CommandLine
) -> None:
    hub = serve(Server())
    site.configure(f'[websub]\nhubs = ["{hub.url}"]\n')
    site.record("a.md")
    site.build()
    for more in ((), ("--live", "--wait", "1h")):
        ran = run(site.root, "ping", *more)
        assert ran.code == 2 and "[site] base_url is not set" in ran.err
    assert not hub.requests
