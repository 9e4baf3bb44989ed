"""``topicast ping --live``: wait until what is public is what was built."""

from __future__ import annotations

import time
from collections.abc import Callable

from topicast.job import Job
from topicast.problems import BuildError
from topicast.publish.manifest import digest as digest_of
from topicast.running.hubs import feeds_of, public_tree

_AGAIN = 2.0  # seconds between two looks
_FRESH = {"Cache-Control": "no-cache"}  # ask caches on the way to look again


def wait_until_live(job: Job, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until the public bytes of each feed are the manifest's: the deploy has come through.

    Raises: BuildError after ``seconds``, naming a feed that is still another one.
    """
    from topicast.running.web import FAULTS, client

    waiting = feeds_of(public_tree(job))
    deadline = time.monotonic() + seconds
    with client() as http:
        while True:
            for path, digest in list(waiting.items()):
                url = f"{job.config.base_url}/{path}"
                try:
                    body = http.get(url, headers=_FRESH, follow_redirects=True).content
                except FAULTS:
                    break  # the host is not there now: the others would cost a time-out each
                if digest_of(body) == digest:
                    del waiting[path]
            if not waiting:
                return
            if time.monotonic() >= deadline:
                raise BuildError(
                    f"{job.shown_out}/{next(iter(waiting))}: is not live after {seconds:g} s"
                    f" ({len(waiting)} of the feeds are not); deploy the tree, then ping again"
                )
            sleep(min(_AGAIN, max(0.05, seconds / 20)))
