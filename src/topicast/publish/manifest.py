"""``manifest.json``: the files of a tree that Topicast wrote, and so may rewrite or delete."""

from __future__ import annotations

import os
import re
import stat
from hashlib import sha256
from pathlib import Path

import msgspec

from topicast.problems import BuildError

MANIFEST = "manifest.json"
REGISTRY = "topics.json"

# At most three segments of lower-case ASCII, none hidden: nothing of that shape leaves the tree.
_SHAPE = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*){0,2}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Of more at a time hashlib lets go of the interpreter. To have it back from the threads that write
# takes longer than the digest does.
_AT_A_TIME = 2047  # bytes


class Manifest(msgspec.Struct, frozen=True):
    """What Topicast wrote into one tree; the manifest does not list itself.

    ``files`` maps a path from the tree on, with ``/``, to its digest. Where ``complete`` is false
    a build is on its way or was killed: the files may be old or new, and a path whose digest is
    ``""`` may not be there yet.
    """

    preview: bool
    complete: bool
    files: dict[str, str]

    def encode(self) -> bytes:
        """The bytes of the file: a function of these three values and nothing else."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2) + b"\n"


def digest(data: bytes) -> str:
    """``sha256:`` and 64 hexadecimal digits."""
    state, rest = sha256(), memoryview(data)
    for start in range(0, len(rest), _AT_A_TIME):
        state.update(rest[start : start + _AT_A_TIME])
    return written(state.hexdigest())


def written(hexadecimal: str) -> str:
    """A SHA-256 as manifests have it, whoever took it."""
    return f"sha256:{hexadecimal}"


def is_publishable(path: str) -> bool:
    """Whether a path is of a shape that Topicast writes; such a path cannot leave the tree."""
    return _SHAPE.fullmatch(path) is not None and path != MANIFEST


def parse_manifest(data: bytes) -> Manifest:
    """Read the bytes of a manifest; other fields than ours are passed over.

    :raises ValueError: it is no manifest, or lists what Topicast would not write.
    """
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    for path, value in manifest.files.items():
        if not is_publishable(path):
            raise ValueError("it lists a path that Topicast does not write")
        if not (_DIGEST.fullmatch(value) or (value == "" and not manifest.complete)):
            raise ValueError("it lists something that is no digest")
    return manifest


def read_manifest(out: Path, *, force: bool = False) -> Manifest | None:
    """The manifest of the tree in ``out``, or None where there is none; see ``load_manifest``."""
    return load_manifest(out, force=force)[0]


def load_manifest(out: Path, *, force: bool = False) -> tuple[Manifest | None, bytes]:
    """The manifest of the tree in ``out`` with its bytes; None and none where there is none.

    :param force: an unreadable one counts as none, so that this build takes over its own paths.
    :raises BuildError: it cannot be read (bad JSON, conflict markers, a path that leaves the tree).
    """
    file = out / MANIFEST
    try:
        data = read_file(file)
        return parse_manifest(data), data
    except (FileNotFoundError, NotADirectoryError):
        return None, b""
    except OSError as exc:
        reason = exc.strerror or "it cannot be opened"
    except UnicodeError:
        reason = "it is not UTF-8"
    except msgspec.ValidationError:
        reason = "it is not a manifest of Topicast's"
    except msgspec.DecodeError:
        reason = "it is not JSON"
    except ValueError as exc:
        reason = str(exc)
    if force:
        return None, b""
    raise BuildError(
        f"{file}: {reason}, so it cannot say which files are Topicast's; restore it from version"
        " control, or use --force to take over the paths of this build"
    )


def read_file(file: Path, *, through_links: bool = False) -> bytes:
    """The bytes of a file of the tree.

    :raises OSError: it is not there, or no plain file: a pipe in its place must not make the build
        wait, nor a link lead out of the tree, unless it may.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    flags |= 0 if through_links else getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(file, flags | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(0, "it is not a regular file")
        with open(fd, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(fd)
