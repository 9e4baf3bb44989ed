"""WebSub (W3C Recommendation, section 6): tell hubs which feeds changed, until they have heard.

What each hub has heard of is remembered by the digest of the feed, so that a hub that was down is
told later, and a feed that did not change is never announced.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from topicast.formats import FORMATS
from topicast.job import Job
from topicast.problems import BuildError, ConfigError, quote
from topicast.publish.manifest import Manifest, read_manifest
from topicast.running.memory import HubMemory, recall, remember

if TYPE_CHECKING:
    from topicast.running.web import Answer, Web

ATTEMPTS = 3
FIRST_PAUSE = 1.0  # seconds between attempts; doubled after each
FIRST_REST = 30.0  # seconds for which a hub that failed is left alone; doubled each time
LONGEST_REST = 3600.0


class Told(NamedTuple):
    """What came of telling the hubs."""

    announced: int  # pairs of hub and feed that were told now
    failures: list[str]  # a line for each hub that has not heard
    again: float | None  # seconds since 1970 at which a hub that failed can be asked again


class Manner(NamedTuple):
    """How a hub is told: ``attempts`` for each feed, or one and a rest where ``now`` is given."""

    attempts: int = ATTEMPTS
    sleep: Callable[[float], None] = time.sleep
    now: float | None = None  # seconds since 1970


PATIENT = Manner()


def passing_by(now: float) -> Manner:
    """For one who comes back: a hub that fails rests, longer each time, and holds up nothing."""
    return Manner(attempts=1, now=now)


def feeds_of(manifest: Manifest) -> dict[str, str]:
    """The feeds of a tree with their digests: what readers subscribe to, and hubs know of."""
    names = {format.filename for format in FORMATS.values() if format.is_feed}
    return {
        path: digest for path, digest in manifest.files.items() if path.rpartition("/")[2] in names
    }


def public_tree(job: Job) -> Manifest:
    """The manifest of the tree that hubs are told of.

    Raises: BuildError where there is none, ConfigError where the addresses in it are made up.
    """
    if not (job.config.site.base_url or job.config.base_url_override):
        raise ConfigError(
            "[site] base_url is not set, so hubs would be told of addresses that nobody can reach;"
            " set it, and build again"
        )
    manifest = read_manifest(Path(job.out))
    if manifest is None or not manifest.complete:
        raise BuildError(f"{job.shown_out}: there is no finished feed tree; build it first")
    if manifest.preview:
        raise BuildError(f"{job.shown_out}: is a preview, of which no hub is told")
    return manifest


def tell_hubs(job: Job, only: Collection[str] | None = None, manner: Manner = PATIENT) -> Told:
    """Announce each feed that changed to each hub of the configuration.

    ``only`` are the paths that a build has written, for a machine that remembers nothing; without
    it, what the hub has not heard of in its present form is announced. Raises: BuildError where
    there is no finished public tree, ConfigError where the addresses of feeds are made up.
    """
    feeds = feeds_of(public_tree(job))
    memory = recall(job)
    announced, failures, again = 0, list[str](), list[float]()
    for hub in job.config.websub.hubs:
        known = memory.hubs.setdefault(hub, HubMemory())
        due = [
            path
            for path, digest in feeds.items()
            if known.heard.get(path) != digest and (only is None or path in only)
        ]
        resting = manner.now is not None and 0 < known.rests_until - manner.now <= LONGEST_REST
        if due and not resting:
            fault = _announce(job, hub, known, {path: feeds[path] for path in due}, manner)
            if fault:
                failures.append(f"{quote(hub)} {fault}; it will be told again")
        announced += sum(known.heard.get(path) == feeds[path] for path in due)
        if due and known.rests_until:
            again.append(known.rests_until)
        # A feed that is gone needs no remembering.
        known.heard = {path: digest for path, digest in known.heard.items() if path in feeds}
    if job.config.websub.hubs:
        memory.hubs = {hub: memory.hubs[hub] for hub in job.config.websub.hubs}
        remember(job, memory)
    return Told(announced, failures, min(again, default=None))


def _announce(job: Job, hub: str, known: HubMemory, due: dict[str, str], manner: Manner) -> str:
    """Tell one hub of feeds; what went wrong, or ""."""
    from topicast.running.web import Web  # late: most builds tell nobody

    down, refusals = "", []
    with Web() as http:
        for path, digest in due.items():
            data = {"hub.mode": "publish", "hub.url": f"{job.config.base_url}/{path}"}
            answer = _persist(http, hub, data, manner)
            if answer.passes:
                down = answer.fault
                break  # the others would fare no better, and a hub that hangs costs time
            if answer.fault:
                refusals.append(f"{answer.fault} for {path}")
            else:
                known.heard[path] = digest
    known.failures = known.failures + 1 if down else 0
    rest = min(FIRST_REST * 2.0 ** min(known.failures - 1, 20), LONGEST_REST)
    known.rests_until = (manner.now or time.time()) + rest if down else 0.0
    return down or next(iter(refusals), "")


def _persist(http: Web, hub: str, data: dict[str, str], manner: Manner) -> Answer:
    """Post to a hub, again after a while where that may help."""
    answer = http.post(hub, data=data)
    for attempt in range(manner.attempts - 1):
        if not answer.passes:
            break
        manner.sleep(FIRST_PAUSE * 2**attempt)
        answer = http.post(hub, data=data)
    return answer
