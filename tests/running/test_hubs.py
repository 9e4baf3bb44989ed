"""Telling hubs, and whether a real subscriber then gets what is new (W3C WebSub)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import Dripping, Host, Hub, Moody, Server, Subscriber

from site_on_disk import NOW, TOML, Site
from topicast.job import Job, Options, make_job
from topicast.problems import BuildError
from topicast.running import web
from topicast.running.hubs import FIRST_REST, LONGEST_REST, Manner, Told, passing_by, tell_hubs

Serve = Callable[[Server], Server]
BASE = "https://feeds.example.org"


def with_hubs(site: Site, *hubs: str, base_url: str = BASE) -> Job:
    addresses = ", ".join(f'"{hub}"' for hub in hubs)
    site.configure(TOML.replace(BASE, base_url) + f"[websub]\nhubs = [{addresses}]\n")
    return job_of(site)


def job_of(site: Site, **options: bool) -> Job:
    return make_job(str(site.root / "topicast.toml"), Options(now=NOW, **options))


def announced(hub: Server) -> list[str]:
    return [form["hub.url"] for form in hub.forms()]


def test_a_subscriber_gets_what_is_new(site: Site, serve: Serve) -> None:
    hub, subscriber, host = Hub(), Subscriber(), Host(site.feeds)
    for server in (hub, subscriber, host):
        serve(server)
    job = with_hubs(site, hub.url, base_url=host.url)
    site.record("a.md", title="First")
    site.build()
    address = site.feed("ai/atom.xml").feed.links[0].href
    assert site.feed("ai/atom.xml").feed.links[0].rel == "self"
    assert [link.href for link in site.feed("ai/atom.xml").feed.links if link.rel == "hub"] == [
        hub.url
    ]
    assert subscriber.subscribe(hub.url, address) == 202
    tell_hubs(job)
    site.record("b.md", title="Second")
    site.build()
    tell_hubs(job)
    first, second = subscriber.delivered()
    assert b"Second" not in first
    assert second == (site.feeds / "ai/atom.xml").read_bytes()
    assert b"Second" in second


def test_each_changed_feed_is_announced_once_under_its_own_address(
    site: Site, serve: Serve
) -> None:
    hub = serve(Server())
    job = with_hubs(site, hub.url)
    site.record("a.md", topics=["AI"])
    site.record("b.md", topics=["C++"])
    site.build()
    assert tell_hubs(job) == Told(9, [], None)
    kinds = ("atom.xml", "feed.json", "rss.xml")
    assert sorted(announced(hub)) == sorted(
        f"{BASE}/{folder}{kind}" for folder in ("", "ai/", "c-plus-plus/") for kind in kinds
    )
    assert all(form["hub.mode"] == "publish" for form in hub.forms())
    hub.requests.clear()
    site.record("b.md", topics=["C++"], title="Other")
    site.build()
    tell_hubs(job)
    assert sorted(announced(hub)) == sorted(
        f"{BASE}/{folder}{kind}" for folder in ("", "c-plus-plus/") for kind in kinds
    )
    hub.requests.clear()
    assert tell_hubs(job) == Told(0, [], None)
    assert hub.requests == []


def test_without_a_memory_all_is_announced(site: Site, serve: Serve) -> None:
    hub = serve(Server())
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    tell_hubs(job)
    (memory,) = (site.root / ".topicast").glob("*-hubs.json")
    memory.write_text("{torn")
    assert tell_hubs(job).announced == 6


def pausing() -> tuple[list[float], Manner]:
    pauses: list[float] = []
    return pauses, Manner(sleep=pauses.append)


def test_a_passing_fault_is_asked_again_with_longer_pauses(site: Site, serve: Serve) -> None:
    hub = serve(Moody(500, 429))
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    pauses, manner = pausing()
    assert tell_hubs(job, manner=manner) == Told(6, [], None)
    assert pauses == [1.0, 2.0]


def test_a_hub_that_is_down_is_told_later_of_what_it_missed(site: Site, serve: Serve) -> None:
    hub = serve(Moody(204, 500, 500, 500))
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    _, manner = pausing()
    told = tell_hubs(job, manner=manner)
    assert told.announced == 1
    assert told.failures == [f"'{hub.url}' answers 500; it will be told again"]
    assert len(hub.requests) == 4  # the feeds after it would have fared no better
    assert tell_hubs(job, manner=manner) == Told(5, [], None)
    assert len(set(announced(hub))) == 6


def test_what_a_hub_refuses_holds_up_no_other_feed(site: Site, serve: Serve) -> None:
    hub = serve(Moody(404))
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    pauses, manner = pausing()
    told = tell_hubs(job, manner=manner)
    assert told.announced == 5
    (failure,) = told.failures
    assert failure == f"'{hub.url}' answers 404 for ai/atom.xml; it will be told again"
    assert pauses == []
    assert tell_hubs(job, manner=manner).announced == 1


def test_one_hub_does_not_depend_on_another(site: Site, serve: Serve) -> None:
    good = serve(Server())
    job = with_hubs(site, "http://127.0.0.1:9/", good.url)
    site.record("a.md")
    site.build()
    told = tell_hubs(job, manner=passing_by(1000.0))
    assert told.announced == 6
    (failure,) = told.failures
    assert failure == "'http://127.0.0.1:9/' does not answer (ConnectError); it will be told again"


def test_a_long_address_of_a_hub_is_not_shown_whole(site: Site) -> None:
    job = with_hubs(site, "http://127.0.0.1:9/?token=" + "s3cret" * 20)
    site.record("a.md")
    site.build()
    (failure,) = tell_hubs(job, manner=passing_by(1000.0)).failures
    assert "'http://127.0.0.1:9/?token=s3crets3crets…'" in failure


def test_a_hub_that_hangs_costs_one_time_out(
    site: Site, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.2)
    hub = serve(Moody("hang"))
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    told = tell_hubs(job, manner=passing_by(1000.0))
    assert told.failures == [f"'{hub.url}' does not answer (TimeoutError); it will be told again"]
    assert len(hub.requests) == 1


def test_a_hub_that_answers_without_an_end_costs_one_time_out(
    site: Site, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.3)
    hub = serve(Dripping(b"HTTP/1.1 200 OK\r\nX-A: "))
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    told = tell_hubs(job, manner=passing_by(1000.0))
    assert told.failures == [f"'{hub.url}' does not answer (TimeoutError); it will be told again"]
    assert len(hub.requests) == 1


def test_passing_by_a_hub_that_fails_rests_longer_each_time(site: Site, serve: Serve) -> None:
    hub = serve(Moody(*[503] * 20))
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    now, rests = 1000.0, []
    for _ in range(12):
        told = tell_hubs(job, manner=passing_by(now))
        assert told.again is not None and len(told.failures) == 1
        rests.append(told.again - now)
        hub.requests.clear()
        assert tell_hubs(job, manner=passing_by(told.again - 1)) == Told(0, [], told.again)
        assert hub.requests == []
        now = told.again
    assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert rests[-1] == LONGEST_REST
    hub.moods.clear()
    assert tell_hubs(job, manner=passing_by(now)) == Told(6, [], None)


def test_a_rest_that_is_too_long_is_from_a_clock_that_was_wrong(site: Site, serve: Serve) -> None:
    hub = serve(Moody(503))
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()
    tell_hubs(job, manner=passing_by(5_000_000.0))
    assert tell_hubs(job, manner=passing_by(1_000_000.0)).announced == 6


def test_nothing_is_told_of_a_preview(site: Site, serve: Serve) -> None:
    hub = serve(Server())
    with_hubs(site, hub.url)
    site.record("a.md", published="false")
    site.build(include_unpublished=True)
    with pytest.raises(BuildError, match="is a preview, of which no hub is told"):
        tell_hubs(job_of(site, include_unpublished=True))
    assert hub.requests == []


def test_nothing_is_told_of_a_tree_that_is_not_there(site: Site) -> None:
    with pytest.raises(BuildError, match="no finished feed tree; build it first"):
        tell_hubs(with_hubs(site, "http://127.0.0.1:9/"))


def test_hubs_that_are_no_longer_configured_are_forgotten(site: Site, serve: Serve) -> None:
    first, second = serve(Server()), serve(Server())
    site.record("a.md")
    job = with_hubs(site, first.url, second.url)
    site.build()
    tell_hubs(job)
    tell_hubs(with_hubs(site, second.url))
    (memory,) = (site.root / ".topicast").glob("*-hubs.json")
    assert first.url not in memory.read_text() and second.url in memory.read_text()


def test_a_memory_that_cannot_be_kept_stops_nothing(
    site: Site, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = serve(Server())
    job = with_hubs(site, hub.url)
    site.record("a.md")
    site.build()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert tell_hubs(job) == Told(6, [], None)
