"""``topicast schedule``: runs at start, on time, and when something is due by itself."""

from __future__ import annotations

import time

from topicast.running.runs import Runs
from topicast.running.stopping import Stop
from topicast.running.timetable import Timetable, Trigger


def schedule(runs: Runs, trigger: Trigger) -> int:
    """Build now and then on time, until SIGTERM or SIGINT; a running build ends first.

    All is done in this very thread, one run at a time: a run that was missed while another one
    ran, or while the machine slept, is caught up once.
    """
    stop = Stop()
    timetable = Timetable(trigger, time.time())
    runs.once("start")
    while not stop.is_set():
        now = time.time()
        left = timetable.left(now)
        if left <= 0:
            timetable.start(now)
            runs.once("scheduled")
        else:
            runs.attend(now)
            stop.pause(left)
    runs.note("stop", "stopped")
    return 0
