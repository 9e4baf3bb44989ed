"""What stands on disk now, and whether it is what was left there. Looks, never writes."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from topicast.problems import BuildError, told_of
from topicast.publish.manifest import Manifest, digest
from topicast.publish.plan import (
    Announced,
    Found,
    Kind,
    Stat,
    announce,
    folders_holding,
    folders_of,
    in_question,
)


def announce_tree(
    out: Path,
    wanted: Collection[str],
    unchanged: Collection[str],
    manifest: Manifest | None,
    *,
    preview: bool = False,
    force: bool = False,
) -> Announced:
    """Look at the tree and decide what may come to it: ``announce`` on the present state.

    :raises BuildError: the tree cannot be looked at, or something is in the way.
    """
    present = look(out, in_question(wanted, unchanged, manifest))
    with told_of(str(out)):
        return announce(wanted, unchanged, manifest, present, preview=preview, force=force)


def look(out: Path, paths: Iterable[str]) -> dict[str, Found]:
    """What stands at these paths and at the folders that hold them; nothing there, no key.

    Symbolic links below ``out`` are not followed.

    :raises BuildError: a folder cannot be looked into.
    """
    seen: dict[str, Found | None] = {}
    for path in paths:
        for folder in folders_of(path):
            if folder not in seen:
                seen[folder] = _look_at(out, folder, read=False)
            if (found := seen[folder]) is None or found.kind is not Kind.FOLDER:
                break
        else:
            seen[path] = _look_at(out, path, read=True)
    return {path: found for path, found in seen.items() if found is not None}


def _look_at(out: Path, path: str, *, read: bool) -> Found | None:
    file = f"{out}/{path}"
    try:
        status = os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        remedy = "the feeds stand as they were; mend that, then build again"
        raise BuildError(f"{file}: {exc.strerror}; {remedy}") from exc
    if stat.S_ISDIR(status.st_mode):
        return Found(Kind.FOLDER)
    if stat.S_ISLNK(status.st_mode):
        return Found(Kind.LINK)
    if not stat.S_ISREG(status.st_mode):
        return Found(Kind.OTHER)
    # The stat is of before the reading: an edit meanwhile shows as a difference next time.
    return Found(Kind.FILE, digest_of(file) if read else "", stat_of(status))


def _is_folder(path: str) -> bool:
    """Whether it is one itself, or not there at all; no link is."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return True


def stat_of(status: os.stat_result) -> Stat:
    """What is remembered of a file, to see later that nobody touched it."""
    return (status.st_size, status.st_mtime_ns, status.st_ino)


def digest_of(path: str | Path) -> str:
    """The digest of a file's bytes; ``""`` where it is gone or cannot be read."""
    try:
        with open(path, "rb", buffering=0) as stream:
            return digest(stream.readall())
    except OSError:
        return ""


def compare(out: Path, manifest: Manifest, stats: Mapping[str, Stat]) -> set[str]:
    """The listed files that must be composed again: missing, or another stat than remembered.

    Where the manifest is not complete, or what should be a folder is none, that is every one of
    them: the tree is looked at as a whole then.
    """
    prefix = f"{out}/"
    if not manifest.complete or not all(
        _is_folder(prefix + folder) for folder in folders_holding(manifest.files)
    ):
        return set(manifest.files)
    lstat, different = os.lstat, set[str]()
    for path in manifest.files:
        try:
            status = lstat(prefix + path)
        except OSError:
            different.add(path)
            continue
        if stats.get(path) != (status.st_size, status.st_mtime_ns, status.st_ino):
            different.add(path)
    return different
