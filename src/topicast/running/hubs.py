"""WebSub (W3C Recommendation, section 6): tell hubs which feeds changed, until they have heard.

What each hub has heard of is remembered in ``.topicast/`` by the digest of the feed, so that a hub
that was down is told at the next run, and a feed that did not change is never announced.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from topicast.config import Config
from topicast.formats import FORMATS
from topicast.job import Job
from topicast.problems import BuildError
from topicast.publish.manifest import Manifest, read_manifest
from topicast.publish.writer import ignore_folder

TIMEOUT = 10.0  # seconds for one request
ATTEMPTS = 3
FIRST_PAUSE = 1.0  # seconds; doubled after each attempt


class Told(NamedTuple):
    """What came of telling the hubs."""

    announced: int  # pairs of hub and feed that were told now
    failures: list[str]  # a line for each hub that has not heard


class Memory(msgspec.Struct):
    """What each hub has heard: hub → path of the feed → its digest then."""

    heard: dict[str, dict[str, str]] = {}


def feeds_of(manifest: Manifest) -> dict[str, str]:
    """The feeds of a tree with their digests: what readers subscribe to, and hubs know of."""
    names = {format.filename for format in FORMATS.values() if format.name != "html"}
    return {
        path: digest for path, digest in manifest.files.items() if path.rpartition("/")[2] in names
    }


def tell_hubs(
    job: Job,
    only: Collection[str] | None = None,
    *,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], None] = time.sleep,
) -> Told:
    """Announce each feed that changed to each hub of the configuration.

    ``only`` are the paths that a build has written, for a machine that remembers nothing; without
    it, what the hub has not heard of in its present form is announced. Nothing is sent for a
    preview. Raises: BuildError where there is no finished public tree.
    """
    manifest = public_tree(job)
    hubs = job.config.websub.hubs
    memory = _recall(job)
    feeds = feeds_of(manifest)
    announced, failures = 0, []
    for hub in hubs:
        heard = memory.heard.setdefault(hub, {})
        due = [
            path
            for path, digest in feeds.items()
            if (path in only if only is not None else heard.get(path) != digest)
        ]
        fault = _announce(hub, job.config, due, heard, feeds, attempts, sleep)
        announced += sum(heard.get(path) == feeds[path] for path in due)
        if fault:
            failures.append(f"{hub}: {fault}; it will be told again next time")
        # A feed that is gone needs no remembering.
        memory.heard[hub] = {path: digest for path, digest in heard.items() if path in feeds}
    if hubs:
        _remember(job, memory)
    return Told(announced, failures)


def public_tree(job: Job) -> Manifest:
    """The manifest of the tree that hubs are told of. Raises: BuildError where there is none."""
    manifest = read_manifest(Path(job.out))
    if manifest is None or not manifest.complete:
        raise BuildError(f"{job.shown_out}: there is no finished feed tree; build it first")
    if manifest.preview:
        raise BuildError(f"{job.shown_out}: is a preview, of which no hub is told")
    return manifest


def _announce(
    hub: str,
    config: Config,
    due: Iterable[str],
    heard: dict[str, str],
    feeds: dict[str, str],
    attempts: int,
    sleep: Callable[[float], None],
) -> str:
    """Tell one hub of feeds; what went wrong, or ""."""
    import httpx  # late: most builds tell nobody

    with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client:
        for path in due:
            data = {"hub.mode": "publish", "hub.url": f"{config.base_url}/{path}"}
            fault = _post(client, hub, data, attempts, sleep)
            if fault:
                return fault  # the others would fare no better, and a hub that hangs costs time
            heard[path] = feeds[path]
    return ""


def _post(
    client: object,
    hub: str,
    data: dict[str, str],
    attempts: int,
    sleep: Callable[[float], None],
) -> str:
    import httpx

    assert isinstance(client, httpx.Client)
    fault = ""
    for attempt in range(attempts):
        if attempt:
            sleep(FIRST_PAUSE * 2 ** (attempt - 1))
        try:
            answer = client.post(hub, data=data)
        except httpx.HTTPError as error:
            fault = f"does not answer ({type(error).__name__})"
            continue
        if answer.is_success:
            return ""
        fault = f"answers {answer.status_code}"
        if answer.status_code < 500 and answer.status_code != 429:
            break  # asking again would not help
    return fault


def wait_until_live(job: Job, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until the public bytes of each feed are the manifest's: the deploy has come through.

    Raises: BuildError after ``seconds``, naming a feed that is still another one.
    """
    import httpx

    manifest = public_tree(job)
    waiting = dict(feeds_of(manifest))
    deadline = time.monotonic() + seconds
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        while True:
            for path, digest in list(waiting.items()):
                try:
                    body = client.get(f"{job.config.base_url}/{path}").content
                except httpx.HTTPError:
                    continue
                if f"sha256:{sha256(body).hexdigest()}" == digest:
                    del waiting[path]
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise BuildError(
                    f"{job.config.base_url}/{next(iter(waiting))}: is not live after {seconds:g} s"
                    f" ({len(waiting)} of the feeds are not); deploy the tree, then ping again"
                )
            sleep(min(2.0, max(0.05, seconds / 20)))


def _file(job: Job) -> Path:
    return Path(job.catalog.removesuffix(".sqlite") + "-hubs.json")


def _recall(job: Job) -> Memory:
    try:
        return msgspec.json.decode(_file(job).read_bytes(), type=Memory)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        # Without a memory every feed counts as changed: told once too often does no harm.
        return Memory()


def _remember(job: Job, memory: Memory) -> None:
    file = _file(job)
    temporary = file.with_suffix(".new")
    try:
        file.parent.mkdir(exist_ok=True)
        ignore_folder(file.parent)
        temporary.write_bytes(msgspec.json.encode(memory, order="sorted"))
        os.replace(temporary, file)
    except OSError:
        # As with the catalog: what cannot be remembered is done again.
        return
