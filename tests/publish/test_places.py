"""Files take their places in the tree, two at a time where there are many."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from topicast.publish import flushers
from topicast.publish.flushers import take_places
from topicast.publish.temporary import temporary


@pytest.fixture
def targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of files that are written beside them, so many that a second thread helps."""
    monkeypatch.setattr(flushers, "FEW_RENAMES", 4)
    targets = [f"{tmp_path}/{number}.xml" for number in range(40)]
    for target in targets:
        Path(temporary(target)).write_text(target)
    return targets


def left(targets: list[str]) -> list[str]:
    return [target for target in targets if os.path.exists(temporary(target))]


def test_each_takes_its_place_and_the_first_goes_first(
    targets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, order, threads = os.replace, list[str](), set[str]()

    def replace(source: str, target: str) -> None:
        order.append(target)
        threads.add(threading.current_thread().name)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    take_places(targets)

    assert all(Path(target).read_text() == target for target in targets)
    assert order[0] == targets[0]
    assert sorted(order) == sorted(targets)
    assert len(threads) == 2
    assert not left(targets)


@pytest.mark.parametrize("number", [0, 5, 39])
def test_one_that_cannot_be_renamed_is_told(targets: list[str], number: int) -> None:
    os.unlink(temporary(targets[number]))
    before = threading.active_count()
    with pytest.raises(FileNotFoundError) as caught:
        take_places(targets)

    assert caught.value.filename2 == targets[number]
    assert threading.active_count() == before
    if number == 0:
        assert left(targets) == targets[1:]


def test_nothing_moves_after_an_interrupt(
    targets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, main = os.replace, threading.current_thread()
    begun, before = threading.Event(), threading.active_count()

    def replace(source: str, target: str) -> None:
        if threading.current_thread() is main:
            if target != targets[0]:
                begun.wait(10)
                raise KeyboardInterrupt
        else:
            begun.set()
            time.sleep(0.05)  # far from done when the interrupt comes
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        take_places(targets)

    assert threading.active_count() == before
    assert set(targets[1:20]) <= set(left(targets))
    assert len(set(targets[20:]) & set(left(targets))) > 10


def test_nothing_is_fine(tmp_path: Path) -> None:
    take_places([])
    assert not list(tmp_path.iterdir())
