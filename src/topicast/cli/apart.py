"""What a command writes beside the feeds: there must be a place for it, and not among them."""

from __future__ import annotations

import os
from pathlib import Path

from topicast.problems import ConfigError, printable, quote


class InTreeError(ConfigError):
    """A report would take the place of a file of the feeds; so would that of this error."""


def check_places(files: dict[str, str | None]) -> None:
    """See before a run that ``files``, by flag, can be written after it, maybe hours later.

    Raises: ConfigError where the folder of one is not there, or it is a folder itself.
    """
    for flag, file in files.items():
        if file is None or (flag, file) == ("--report", "-"):
            continue
        if not file or os.path.isdir(file):
            raise ConfigError(f"{flag}: {quote(file)} is no name of a file; name one")
        if not os.path.isdir(os.path.dirname(file) or "."):
            raise ConfigError(
                f"{flag}: the folder of {printable(file)} is not there; make it first"
            )


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
