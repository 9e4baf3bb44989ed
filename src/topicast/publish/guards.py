"""When a build must not touch the tree it was given. Pure; each says what to do."""

from __future__ import annotations

from topicast.problems import BuildError
from topicast.publish.manifest import REGISTRY, Manifest

SHRINK_FROM = 10
"""Trees with fewer entries than this may shrink as they like (specification, section 8)."""


def guard_shrink(usable: int, registered: int, allowed: bool) -> None:
    """A mount that failed, or a clock in 1980, must not empty the feeds.

    :param usable: records that can be used, embargoed ones not counted; unpublished, withdrawn,
        expired and undated ones counted.
    :param registered: ``entries`` at the top of ``topics.json``; 0 where there is none.
    :param allowed: ``--allow-shrink``.
    :raises BuildError: fewer than half are left.
    """
    if allowed or registered < SHRINK_FROM or usable * 2 >= registered:
        return
    raise BuildError(
        f"only {usable} usable records are left where the feeds had {registered} entries; check"
        " that all records are there and that the clock is right, or use --allow-shrink"
    )


def guard_preview(manifest: Manifest | None, *, preview: bool, force: bool = False) -> None:
    """Unpublished records must not come to where the public feeds are, nor the other way round.

    :param preview: this build is one with ``--include-unpublished``.
    :raises BuildError: the tree was built the other way.
    """
    if force or manifest is None or manifest.preview == preview:
        return
    if preview:
        raise BuildError(
            "the output folder holds public feeds, and this build includes unpublished records;"
            " choose another --out, or use --force"
        )
    raise BuildError(
        "the output folder holds a preview with unpublished records, and this build is a public"
        " one; choose another --out, or use --force"
    )


def guard_registry(
    manifest: Manifest | None, *, registry_exists: bool, force: bool = False
) -> None:
    """Addresses that were published are never guessed anew (specification, section 6).

    :raises BuildError: ``topics.json`` is missing though the manifest says that it was there.
    """
    # A killed first build has announced the registry, with no digest yet, and may not have it.
    if force or registry_exists or manifest is None or not manifest.files.get(REGISTRY):
        return
    raise BuildError(
        f"{REGISTRY} is missing from the output folder, though the manifest lists it: without it"
        " published addresses could change; restore it from version control, or use --force to"
        " start afresh"
    )
