"""The loop of ``schedule``, with a clock of its own: a day of it takes no time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from topicast.running import scheduler
from topicast.running.timetable import trigger_of

START = 1_767_268_800.0  # 2026-01-01T12:00:00Z


class World:
    """A clock, runs that take time on it, and a stop when its end has come."""

    def __init__(self, seconds: float) -> None:
        self.now = START
        self.end = START + seconds
        self.ran: list[tuple[str, float]] = []
        self.takes: Callable[[int], float] = lambda number: 1.0
        self.attended = 0
        self._passed = 0.0  # the time that really went by, whatever the clock says
        self._seconds = seconds

    # As the module time.
    def time(self) -> float:
        return self.now

    # As Stop.
    def is_set(self) -> bool:
        return self._passed >= self._seconds

    def pause(self, seconds: float) -> None:
        assert seconds > 0
        self.advance(min(seconds, 0.2))

    # As Runs.
    def once(self, why: str) -> None:
        self.ran.append((why, self.now - START))
        self.advance(self.takes(len(self.ran)))

    def attend(self, now: float) -> None:
        self.attended += 1

    def note(self, kind: str, text: str) -> None:
        assert (kind, text) == ("stop", "stopped")

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self._passed += seconds


@pytest.fixture
def simulate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def run(world: World, every: float | None = None, cron: str | None = None) -> World:
        monkeypatch.setattr(scheduler, "time", world)
        monkeypatch.setattr(scheduler, "Stop", lambda: world)
        assert scheduler.schedule(world, trigger_of(every, cron, "")) == 0  # type: ignore[arg-type]
        return world

    return run


def test_it_runs_at_start_and_on_time(simulate: Callable[..., World]) -> None:
    world = simulate(World(3500), every=900)
    assert [why for why, _ in world.ran] == ["start", "scheduled", "scheduled", "scheduled"]
    assert [at for _, at in world.ran] == pytest.approx([0, 900, 1800, 2700], abs=0.5)
    assert world.attended > 1000


def test_a_cron_line_keeps_to_the_wall_clock(simulate: Callable[..., World]) -> None:
    world = simulate(World(3600), cron="10,40 * * * *")
    assert [at for _, at in world.ran] == pytest.approx([0, 600, 2400], abs=0.5)


def test_runs_missed_by_a_long_run_are_caught_up_once(simulate: Callable[..., World]) -> None:
    world = World(200)
    world.takes = lambda number: 95.0 if number == 2 else 1.0
    simulate(world, every=10)
    times = [round(at) for _, at in world.ran]
    assert times[:5] == [0, 10, 105, 115, 125]


def test_runs_missed_while_the_machine_slept_are_caught_up_once(
    simulate: Callable[..., World],
) -> None:
    world = World(100)

    def sleep(number: int) -> float:
        if number == 2:
            world.now += 7 * 86400  # the wall clock went on
        return 1.0

    world.takes = sleep
    simulate(world, every=10)
    times = [round(at) for _, at in world.ran]
    week = 7 * 86400
    assert times[:5] == [0, 10, week + 11, week + 21, week + 31]


def test_a_clock_that_is_set_back_stops_nothing(simulate: Callable[..., World]) -> None:
    world = World(100)

    def set_back(number: int) -> float:
        if number == 2:
            world.now -= 86400
        return 1.0

    world.takes = set_back
    simulate(world, every=10)
    assert len(world.ran) == 10


def test_the_start_is_not_followed_by_a_burst(simulate: Callable[..., World]) -> None:
    world = World(100)
    world.takes = lambda number: 60.0 if number == 1 else 1.0
    simulate(world, every=10)
    assert [round(at) for _, at in world.ran][:4] == [0, 60, 70, 80]
