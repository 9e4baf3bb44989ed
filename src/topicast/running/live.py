"""``topicast ping --live``: wait until what is public is what was built."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from topicast.job import Job
from topicast.problems import BuildError
from topicast.publish.manifest import digest as digest_of
from topicast.running.hubs import feeds_of, public_tree

if TYPE_CHECKING:
    from httpx import Client

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
                    body = _body(http, url, deadline)
                except FAULTS:
                    break  # the host is not there now: the others would cost a time-out each
                if digest_of(body) == digest:
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


def _body(http: Client, url: str, deadline: float) -> bytes:
    """What is public at ``url``; what has come of it until ``deadline``, where that takes long."""
    body = bytearray()
    with http.stream("GET", url, headers=_FRESH, follow_redirects=True) as answer:
        for part in answer.iter_bytes():
            body += part
            if time.monotonic() >= deadline:
                break
    return bytes(body)
