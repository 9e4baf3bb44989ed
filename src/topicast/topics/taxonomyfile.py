"""The only reader of ``topics.yaml``, the taxonomy that lies beside the configuration."""

from __future__ import annotations

import os
from pathlib import Path

from topicast.config import Config
from topicast.problems import ConfigError
from topicast.records.files import is_there, read_beside
from topicast.topics.taxonomy import Taxonomy, read_taxonomy

DEFAULT_FILE = "topics.yaml"
_SUFFIXES = (".yaml", ".yml")


def taxonomy_path(config: Config) -> str:
    """The file or folder of the taxonomy, whether or not it is there."""
    return os.path.join(config.root, config.topics.file or DEFAULT_FILE)


def load_taxonomy(config: Config) -> tuple[Taxonomy, bytes]:
    """The taxonomy, and the bytes that it was read from; an empty one where there is none.

    ``[topics] file`` names a file, or a folder of them. Raises ConfigError where it is missing,
    cannot be read, or contradicts itself.
    """
    path = Path(taxonomy_path(config))
    try:
        if not config.topics.file and not is_there(str(path)):
            return Taxonomy(()), b""
        paths = sorted(_files_in(path)) if path.is_dir() else [path]
        files = [(os.path.relpath(each), read_beside(str(each))) for each in paths]
    except OSError as error:
        raise ConfigError(
            f"{os.path.relpath(path)}: the taxonomy cannot be read: {error.strerror}; "
            "correct [topics] file"
        ) from None
    return read_taxonomy(files), b"\0".join(data for _, data in files)


def _files_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.suffix in _SUFFIXES and each.name[0] != "."]
