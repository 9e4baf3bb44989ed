"""What a build will do to the tree: ``Announced`` before it composes, ``Plan`` when it has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Self, TypeAlias

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


class Made(NamedTuple):
    """A file that was composed, as far as deciding needs it."""

    digest: str
    size: int  # bytes


class Composed(NamedTuple):
    """A file of the tree on its way there."""

    path: str
    digest: str
    size: int  # bytes
    data: bytes  # b"" where another process wrote it, or need not
    stat: Stat | None = None  # of what another process wrote beside the target, not flushed yet

    @classmethod
    def of(cls, path: str, data: bytes) -> Self:
        return cls(path, digest(data), len(data), data)


class Found(msgspec.Struct, frozen=True):
    """What stands at one path of the tree; ``digest`` is ``""`` where it could not be read."""

    kind: Kind
    digest: str = ""
    stat: Stat = (0, 0, 0)


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """What a build is about to compose, when nothing of it is written yet."""

    wanted: frozenset[str]  # the files that are composed
    stay: frozenset[str]  # those that are not, since they are as they must be
    gone: frozenset[str]  # those of the manifest that are no longer wanted
    present: Mapping[str, Found]
    before: Manifest | None
    pending: Manifest  # the manifest while files change
    preview: bool

    def stands(self, path: str) -> str:
        """The digest of the file at ``path`` now; ``""`` where there is none to be kept."""
        return _digest_at(path, self.present)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What ``Draft.publish`` does, and ``--check`` only shows. Paths are from the tree on."""

    write: tuple[str, ...]  # new or with other bytes
    keep: tuple[str, ...]  # not touched, mtime neither
    remove: tuple[str, ...]
    stats: dict[str, Stat]  # of those in ``keep`` that were looked at
    after: Manifest  # the manifest when files have changed
    encoded: bytes  # the bytes of that
    digest: str  # and their digest
    settle: bool  # whether the manifest on disk has others

    @property
    def changes(self) -> bool:
        """Whether carrying it out changes a byte of the tree."""
        return bool(self.write or self.remove or self.settle)

    @property
    def written(self) -> tuple[str, ...]:
        """The files that get other bytes, for reports: the manifest only where it alone does."""
        return self.write or ((MANIFEST,) if self.settle and not self.remove else ())


def folders_of(path: str) -> Iterator[str]:
    """The folders of the tree that hold a path, outermost first; the tree itself is not one."""
    at = path.find("/")
    while at != -1:
        yield path[:at]
        at = path.find("/", at + 1)


def folders_holding(paths: Iterable[str]) -> set[str]:
    """The folders of the tree that hold any of these paths."""
    # Many files lie in one folder: what is above it is asked once.
    inner = {path.rpartition("/")[0] for path in paths} - {""}
    return inner.union(*map(folders_of, inner))


def in_question(
    wanted: Iterable[str], unchanged: Collection[str], manifest: Manifest | None
) -> set[str]:
    """The paths that ``announce`` must know the present state of."""
    listed = manifest.files if manifest else {}
    return {MANIFEST, *wanted, *(path for path in listed if path not in unchanged)}


def announce(
    wanted: Collection[str],
    unchanged: Collection[str],
    manifest: Manifest | None,
    present: Mapping[str, Found],
    *,
    preview: bool = False,
    force: bool = False,
) -> Announced:
    """Decide whether files may come to stand at ``wanted`` (specification, section 2). Pure.

    :param unchanged: files of the manifest that stay as they are, not composed again: only where
        the manifest is complete and their stat is the remembered one. What the manifest lists
        beyond these and ``wanted`` is removed.
    :param present: what stands at the paths that ``in_question`` names, and at their folders.
    :param force: files that are not ours, where ours must go, are replaced.
    :raises BuildError: something that is not Topicast's stands where a file or a folder must go.
    """
    listed = manifest.files if manifest else {}
    composed = frozenset(wanted)
    stay = frozenset(unchanged)
    if stay and not (manifest and manifest.complete and stay <= listed.keys()):
        raise ValueError("only files of a complete manifest can stay without being composed")
    _refuse_obstacles(composed, present)
    if not force:
        _refuse_strangers(composed, manifest, present)
    return Announced(
        wanted=composed,
        stay=stay,
        gone=frozenset(path for path in listed if path not in stay and path not in composed),
        present=present,
        before=manifest,
        pending=_pending(composed, manifest, present, preview),
        preview=preview,
    )


def make_plan(announced: Announced, made: Mapping[str, Made]) -> Plan:
    """Decide what becomes of the tree, when all that was announced is made. Pure."""
    if made.keys() != announced.wanted:
        raise ValueError("what was made is not what was announced")
    listed = announced.before.files if announced.before else {}
    present, stay = announced.present, announced.stay
    digests = {path: one.digest for path, one in made.items()}
    write = sorted(path for path, value in digests.items() if announced.stands(path) != value)
    same = sorted(made.keys() - set(write))
    after = Manifest(announced.preview, True, {path: listed[path] for path in stay} | digests)
    encoded = after.encode()
    settled = digest(encoded)
    return Plan(
        write=tuple(write),
        keep=tuple(sorted(stay.union(same))),
        # Another thing than a file at a listed path is not what was written there.
        remove=tuple(
            sorted(path for path in announced.gone if _kind_at(path, present) is Kind.FILE)
        ),
        stats={path: present[path].stat for path in same},
        after=after,
        encoded=encoded,
        digest=settled,
        settle=_digest_at(MANIFEST, present) != settled,
    )


def _pending(
    wanted: Iterable[str], manifest: Manifest | None, present: Mapping[str, Found], preview: bool
) -> Manifest:
    """The old paths and those to come; ``""`` marks a file that has not been there yet."""
    listed = manifest.files if manifest else {}
    files = dict(listed)
    if manifest and not manifest.complete:  # only then some may not have been there
        files = {path: value or _digest_at(path, present) for path, value in listed.items()}
    files |= {path: _digest_at(path, present) for path in wanted if path not in listed}
    # While files of a preview may still be there, a build without the flag must refuse the tree.
    mixed = preview or (manifest is not None and manifest.preview)
    return Manifest(mixed, False, files)


def _refuse_obstacles(wanted: Iterable[str], present: Mapping[str, Found]) -> None:
    """What a rename cannot replace, or would leave the tree through; ``--force`` does not help."""
    clear = set[str]()  # folders in which nothing is in the way of a path
    for path in sorted(wanted):
        if not is_publishable(path):
            raise BuildError(
                f"{quote(path)} cannot be published: an address is lower-case ASCII letters,"
                " digits, '.', '_' and '-'; correct it"
            )
        parent = path.rpartition("/")[0]
        if parent in clear:
            continue
        clear.add(parent)
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
