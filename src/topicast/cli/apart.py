"""What a command writes beside the feeds must not be one of them."""

from __future__ import annotations

import os
from pathlib import Path

from topicast.problems import ConfigError, printable


class InTreeError(ConfigError):
    """A report would take the place of a file of the feeds; so would that of this error."""


def check_apart(out: str, files: dict[str, str | None]) -> None:
    """Raises: InTreeError where one of ``files``, by flag, is a file of the tree in ``out``."""
    named = {flag: file for flag, file in files.items() if file not in (None, "-")}
    if not named:  # the manifest of a large tree takes a while to read
        return
    from topicast.publish.manifest import MANIFEST, REGISTRY, read_manifest

    manifest = read_manifest(Path(out), force=True)
    ours = {MANIFEST, REGISTRY, *(manifest.files if manifest else ())}
    for flag, file in named.items():
        inner = os.path.relpath(os.path.realpath(file), os.path.realpath(out))
        if inner.replace(os.sep, "/") in ours:
            raise InTreeError(f"{flag}: {printable(file)} is a file of the feeds; name another")
