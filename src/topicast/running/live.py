"""``topicast ping --live``: wait until what is public is what was built."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from topicast.job import Job
from topicast.problems import BuildError
from topicast.publish.manifest import written
from topicast.running.hubs import feeds_of, public_tree

if TYPE_CHECKING:
    from topicast.running.web import Web

_AGAIN = 2.0  # seconds between two looks
_FIRST_LOOK = 1.0  # seconds that it may take, however short the wait


def wait_until_live(job: Job, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until the public bytes of each feed are the manifest's: the deploy has come through.

    Raises: BuildError after ``seconds``, naming a feed that is still another one.
    """
    from topicast.running.web import FAULTS, Web

    waiting = feeds_of(public_tree(job))
    deadline = time.monotonic() + seconds
    with Web() as http:
        while True:
            for path, digest in list(waiting.items()):
                url = f"{job.config.base_url}/{path}"
                try:
                    public = _digest(http, url, deadline)
                except FAULTS:
                    break  # the host is not there now: the others would cost a time-out each
                if public == digest:
                    del waiting[path]
                elif time.monotonic() >= deadline:
                    break
            if not waiting:
                return
            if time.monotonic() >= deadline:
                raise BuildError(
                    f"{job.shown_out}/{next(iter(waiting))}: is not live after {seconds:g} s"
                    f" ({len(waiting)} of the feeds are not); deploy the tree, then ping again"
                )
            sleep(min(_AGAIN, max(0.05, seconds / 20)))


def _digest(http: Web, url: str, deadline: float) -> str:
    """That of what is public at ``url``. Raises: one of FAULTS."""
    state = sha256()
    http.fetch(url, max(_FIRST_LOOK, deadline - time.monotonic()), state.update)
    return written(state.hexdigest())
