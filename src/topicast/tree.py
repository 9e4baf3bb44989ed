"""The feed tree as a build finds it: its manifest, its registry, and what changed in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from topicast.catalog.catalog import Catalog
from topicast.identity import Resolved, resolve_identity
from topicast.job import Job
from topicast.problems import BuildError, told_of
from topicast.publish.disk import compare
from topicast.publish.guards import guard_preview, guard_registry
from topicast.publish.manifest import (
    REGISTRY,
    Manifest,
    digest,
    load_manifest,
    read_file,
    read_manifest,
)
from topicast.publish.plan import Stat
from topicast.publish.writer import Published
from topicast.topics.registry import Registry, read_registry


class Tree(NamedTuple):
    """What stands in ``out`` before the build. ``registry_bytes`` are the live tree's.

    ``kept_registry`` is what a preview that --force puts over a public tree leaves there as it is.
    """

    manifest: Manifest | None
    manifest_digest: str
    registry: Registry
    registry_bytes: bytes
    kept_registry: bytes
    identity: Resolved


def read_tree(job: Job) -> Tree:
    """Look at the tree, and refuse what must not be built over.

    Raises: BuildError where manifest or registry cannot be read or the tree is of the other kind
    (preview or public), ConfigError where the configuration contradicts the pin of the ids.
    """
    options, out = job.options, Path(job.out)
    manifest, manifest_bytes = load_manifest(out, force=options.force)
    with told_of(job.shown_out):
        guard_preview(manifest, preview=job.preview, force=options.force)
    live = Path(job.live)
    data = _bytes_of(live / REGISTRY, options.force)
    live_manifest = manifest if live == out else read_manifest(live, force=options.force)
    with told_of(os.path.relpath(live)):
        guard_registry(live_manifest, registry_exists=data is not None, force=options.force)
    registry = _registry(data, str(live / REGISTRY), options.force)
    if registry.preview:  # it has names in it that only unpublished records have
        registry = Registry()
    identity = resolve_identity(job.config.site, registry.pin, force=options.force)
    left_digest = digest(manifest_bytes) if manifest else ""
    kept = _kept_registry(out, live, manifest, options.force) if job.preview else b""
    return Tree(manifest, left_digest, registry, data or b"", kept, identity)


def _kept_registry(out: Path, live: Path, manifest: Manifest | None, force: bool) -> bytes:
    data = _bytes_of(out / REGISTRY, force)
    public = manifest is None or not manifest.preview or out.resolve() == live.resolve()
    if data is None or not public or _registry(data, "", force=True).preview:
        return b""
    return data


def _registry(data: bytes | None, path: str, force: bool) -> Registry:
    if data is None:
        return Registry()
    try:
        return read_registry(data, path)
    except BuildError:
        if force:
            return Registry()
        raise


def _bytes_of(path: Path, force: bool) -> bytes | None:
    try:
        return read_file(path, through_links=True)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if force:
            return None
        raise BuildError(
            f"{path}: cannot be read: {error.strerror}; the old feeds stand; restore it, or use"
            " --force to start afresh"
        ) from None


def damaged(tree: Tree, catalog: Catalog, job: Job, left: Mapping[str, Stat]) -> set[str] | None:
    """The files that are not as the last build left them; None where any may be another."""
    known = catalog.recall("manifest").decode(), catalog.recall("registry")
    now = tree.manifest_digest, digest(tree.registry_bytes).encode()
    if tree.manifest is None or known != now or not tree.manifest.complete:
        return None
    return compare(Path(job.out), tree.manifest, left)


def left_stats(catalog: Catalog) -> dict[str, Stat]:
    """What is remembered of the files of the tree, as the last build left them."""
    packed = catalog.recall("stats")
    return msgspec.msgpack.decode(packed, type=dict[str, Stat]) if packed else {}


def remember_tree(
    catalog: Catalog,
    left: Mapping[str, Stat],
    published: Published,
    gone: Iterable[str],
    registry: bytes,
) -> None:
    """Remember how the tree was left, so that the next build sees whether it still is so.

    ``left`` is how the build before left it, ``gone`` what was removed since.
    """
    if published.stats or gone:
        stats = {**left, **published.stats}
        for path in gone:
            stats.pop(path, None)
        catalog.remember("stats", msgspec.msgpack.encode(stats))
    catalog.remember("manifest", published.manifest.encode())
    catalog.remember("registry", digest(registry).encode())


def forget_tree(catalog: Catalog) -> None:
    """Know nothing of the tree: a build that is killed from here on leaves it to be compared."""
    catalog.remember("manifest", b"")
