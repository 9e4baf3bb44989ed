"""What a build will do to the tree, decided before anything is touched: ``Plan``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from topicast.problems import BuildError, quote
from topicast.publish.manifest import MANIFEST, REGISTRY, Manifest, digest, is_publishable

Stat: TypeAlias = tuple[int, int, int]
"""Size in bytes, mtime in nanoseconds, inode: compared for being equal, never for order."""


class Kind(StrEnum):
    """What stands at a path, in the words of a message."""

    FILE = "a file"
    FOLDER = "a folder"
    LINK = "a symbolic link"
    OTHER = "a device, pipe or socket"


class Found(msgspec.Struct, frozen=True):
    """What stands at one path of the tree; ``digest`` is ``""`` where it could not be read."""

    kind: Kind
    digest: str = ""
    stat: Stat = (0, 0, 0)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What ``writer.carry_out`` does, and ``--check`` only shows. Paths are from the tree on."""

    write: Mapping[str, bytes]  # new or with other bytes, sorted
    sizes: dict[str, int]  # of those, in bytes
    keep: tuple[str, ...]  # not touched, mtime neither
    remove: tuple[str, ...]
    stats: dict[str, Stat]  # of those in ``keep`` that were looked at
    before: Manifest | None
    pending: Manifest  # the manifest while files change
    after: Manifest  # and when they have
    digest: str  # of the manifest's bytes then
    settle: bool  # whether the manifest on disk has others

    @property
    def changes(self) -> bool:
        """Whether carrying it out changes a byte of the tree."""
        return bool(self.write or self.remove or self.settle)

    @property
    def written(self) -> tuple[str, ...]:
        """The files that get other bytes, for reports: the manifest only where it alone does."""
        return tuple(self.write) or ((MANIFEST,) if self.settle and not self.remove else ())


class _Part(Mapping[str, bytes]):
    """Some files of many, each looked up only when it is read: they need not all be in memory."""

    def __init__(self, whole: Mapping[str, bytes], paths: Collection[str]) -> None:
        self._whole = whole
        self._paths = dict.fromkeys(paths)

    def __getitem__(self, path: str) -> bytes:
        if path not in self._paths:
            raise KeyError(path)
        return self._whole[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def folders_of(path: str) -> Iterator[str]:
    """The folders of the tree that hold a path, outermost first; the tree itself is not one."""
    at = path.find("/")
    while at != -1:
        yield path[:at]
        at = path.find("/", at + 1)


def in_question(
    wanted: Iterable[str], unchanged: Collection[str], manifest: Manifest | None
) -> set[str]:
    """The paths that ``make_plan`` must know the present state of."""
    listed = manifest.files.keys() if manifest else set[str]()
    return {MANIFEST, *wanted} | (listed - set(unchanged))


def make_plan(
    wanted: Mapping[str, bytes],
    unchanged: Collection[str],
    manifest: Manifest | None,
    present: Mapping[str, Found],
    *,
    preview: bool = False,
    force: bool = False,
) -> Plan:
    """Decide what becomes of the tree (specification, sections 2 and 8). Pure.

    :param wanted: the files composed in this build.
    :param unchanged: files of the manifest that stay as they are, not composed again: only where
        the manifest is complete and their stat is the remembered one. What the manifest lists
        beyond these and ``wanted`` is removed.
    :param present: what stands at the paths that ``in_question`` names, and at their folders.
    :param force: files that are not ours, where ours must go, are replaced.
    :raises BuildError: something that is not Topicast's stands where a file or a folder must go.
    """
    listed = manifest.files if manifest else {}
    stay = set(unchanged) - wanted.keys()
    if stay and not (manifest and manifest.complete and stay <= listed.keys()):
        raise ValueError("only files of a complete manifest can stay without being composed")
    _refuse_obstacles(wanted, present)
    if not force:
        _refuse_strangers(wanted, manifest, present)

    digests: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for path in sorted(wanted):
        data = wanted[path]
        digests[path], sizes[path] = digest(data), len(data)
    same = {path for path in wanted if _digest_at(path, present) == digests[path]}
    gone = listed.keys() - wanted.keys() - stay
    after = Manifest(preview, True, {path: listed[path] for path in stay} | digests)
    settled = digest(after.encode())
    write = [path for path in digests if path not in same]
    return Plan(
        write=_Part(wanted, write),
        sizes={path: sizes[path] for path in write},
        keep=tuple(sorted(stay | same)),
        # Another thing than a file at a listed path is not what was written there.
        remove=tuple(sorted(path for path in gone if _kind_at(path, present) is Kind.FILE)),
        stats={path: present[path].stat for path in sorted(same)},
        before=manifest,
        pending=_pending(wanted, manifest, present, preview),
        after=after,
        digest=settled,
        settle=_digest_at(MANIFEST, present) != settled,
    )


def _pending(
    wanted: Iterable[str], manifest: Manifest | None, present: Mapping[str, Found], preview: bool
) -> Manifest:
    """The old paths and those to come; ``""`` marks a file that has not been there yet."""
    listed = manifest.files if manifest else {}
    files = {path: value or _digest_at(path, present) for path, value in listed.items()}
    files |= {path: _digest_at(path, present) for path in wanted if path not in listed}
    # While files of a preview may still be there, a build without the flag must refuse the tree.
    mixed = preview or (manifest is not None and manifest.preview)
    return Manifest(mixed, False, files)


def _refuse_obstacles(wanted: Iterable[str], present: Mapping[str, Found]) -> None:
    """What a rename cannot replace, or would leave the tree through; ``--force`` does not help."""
    for path in sorted(wanted):
        if not is_publishable(path):
            raise BuildError(
                f"{quote(path)} cannot be published: an address is lower-case ASCII letters,"
                " digits, '.', '_' and '-'; correct it"
            )
        for folder in folders_of(path):
            if (kind := _kind_at(folder, present)) not in (None, Kind.FOLDER):
                raise BuildError(
                    f"{folder} is {kind} in the output folder, where a folder for feeds must go;"
                    " move it away"
                )
    for path in sorted({MANIFEST, *wanted}):
        if _kind_at(path, present) is Kind.FOLDER:
            raise BuildError(
                f"{path} is a folder in the output folder, where a file must go; move it away"
            )


def _refuse_strangers(
    wanted: Iterable[str], manifest: Manifest | None, present: Mapping[str, Found]
) -> None:
    listed = manifest.files if manifest else {}
    strangers = [
        path
        for path in sorted(wanted)
        if (kind := _kind_at(path, present)) and not (kind is Kind.FILE and path in listed)
    ]
    # A registry is all that a fresh tree needs to keep its addresses: it may come without the rest.
    if manifest is None and strangers == [REGISTRY] and present[REGISTRY].kind is Kind.FILE:
        return
    if strangers:
        first, more = strangers[0], len(strangers) - 1
        also = f" ({more} more like it)" if more else ""
        raise BuildError(
            f"{first}{also} is in the output folder where a feed must go, and the manifest does not"
            f" say that Topicast wrote it ({present[first].kind}); move it away, choose another"
            " --out, or use --force to replace it"
        )


def _kind_at(path: str, present: Mapping[str, Found]) -> Kind | None:
    return found.kind if (found := present.get(path)) else None


def _digest_at(path: str, present: Mapping[str, Found]) -> str:
    return found.digest if (found := present.get(path)) else ""
