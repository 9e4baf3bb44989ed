"""One build as it was asked for: the configuration with the command line's wishes, resolved."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256

import msgspec

import topicast
from topicast.catalog.rows import digest_of
from topicast.config import Config, Html, Schedule
from topicast.configfile import check_folders, load_config, with_base_url
from topicast.problems import printable
from topicast.records.model import Micros
from topicast.theme import Theme, load_theme

MEMORY = ".topicast"  # the folder of catalogs, beside the configuration
_SHAPING = (
    "feedgen",
    "idna",
    "Jinja2",
    "lxml",
    "markdown-it-py",
    "MarkupSafe",
    "mdurl",
    "msgspec",
    "nh3",
    "PyYAML",
    "python-dateutil",
    "python-slugify",
    "text-unidecode",
    "tzdata",
)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may ask of one build. ``now`` is in microseconds since 1970, UTC."""

    seeds: str | None = None  # relative to the current folder, like ``out``
    out: str | None = None
    base_url: str | None = None
    include_unpublished: bool = False
    check: bool = False
    full: bool = False
    strict: bool = False
    force: bool = False
    allow_shrink: bool = False
    jobs: int = 0  # worker processes; 0: as many as there are cores to use
    now: Micros


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A build with all paths absolute. ``shown_*`` are paths as messages name them."""

    config: Config
    options: Options
    theme: Theme = Theme()
    seeds: str
    out: str
    live: str  # the tree that is public: its registry counts in a preview too
    shown_seeds: str
    shown_out: str

    @property
    def preview(self) -> bool:
        return self.options.include_unpublished

    @property
    def memory(self) -> str:
        """The folder that the catalog lies in."""
        return os.path.join(self.config.root, MEMORY)

    @property
    def catalog(self) -> str:
        """The file of this tree's catalog. A preview's is another one."""
        place = sha256(self._from_root(self.out)).hexdigest()
        kind = "-preview" if self.preview else ""
        return os.path.join(self.memory, f"{os.path.basename(self.out)}-{place[:10]}{kind}.sqlite")

    def _from_root(self, path: str) -> bytes:
        """``path`` as it stays when the whole project is moved."""
        root = os.path.realpath(self.config.root)
        return os.path.relpath(os.path.realpath(path), root).encode("utf-8", "surrogateescape")

    def trees_among_records(self) -> set[str]:
        """The feed trees that lie in the folder of records, by their paths in it."""
        feeds = self.config.feeds
        trees = (
            self.out,
            self.live,
            *(os.path.join(self.config.root, f) for f in (feeds.out, feeds.preview)),
        )
        inner = (os.path.relpath(tree, self.seeds).replace(os.sep, "/") for tree in trees)
        return {path for path in inner if not path.startswith("..")}

    def key(self, *more: bytes) -> bytes:
        """What a catalog must have been made under to be of use now."""
        # Where the configuration lies has no part in what it says.
        placeless = msgspec.structs.replace(
            self.config, root="", file="", html=Html(), schedule=Schedule()
        )
        config = msgspec.json.encode(placeless, order="deterministic")
        parts = [
            _versions().encode(),
            _sources().encode(),
            config,
            self._from_root(self.seeds),
            msgspec.json.encode(self.theme.own),
        ]
        parts += [str(self.preview).encode(), *more]
        return digest_of(b"\0".join(digest_of(part) for part in parts))


def make_job(config: Config | str | os.PathLike[str] | None, options: Options) -> Job:
    """The job that ``config`` (read already, or the path of its file) and ``options`` make.

    Raises: ConfigError where the configuration or an option is wrong.
    """
    if not isinstance(config, Config):
        config = load_config(None if config is None else os.fspath(config))
    if options.base_url is not None:
        config = with_base_url(config, options.base_url)
    seeds = options.seeds or os.path.join(config.root, config.records.path)
    live = os.path.join(config.root, config.feeds.out)
    chosen = (
        os.path.join(config.root, config.feeds.preview) if options.include_unpublished else live
    )
    out = options.out or chosen
    _check_folders_of(options, config, os.path.abspath(seeds), os.path.abspath(out))
    return Job(
        config=config,
        options=options,
        theme=load_theme(config),
        seeds=os.path.abspath(seeds),
        out=os.path.abspath(out),
        live=os.path.abspath(live if options.include_unpublished else out),
        shown_seeds=_shown(seeds),
        shown_out=_shown(out),
    )


def _check_folders_of(options: Options, config: Config, seeds: str, out: str) -> None:
    """The folders of the command line are held to the rules of those in the configuration."""
    feeds = {"preview": out} if options.include_unpublished else {"out": out}
    chosen = msgspec.structs.replace(
        config,
        records=msgspec.structs.replace(config.records, path=seeds),
        feeds=msgspec.structs.replace(config.feeds, **feeds),
    )
    # One that names the other tree is refused for what was built there, or not at all.
    check_folders(chosen, flag="--out" if options.out else "", apart=not options.out)


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return printable(path if relative.startswith("..") else relative)


def _versions() -> str:
    """The versions of everything that can change a byte."""
    python = ".".join(str(part) for part in sys.version_info[:2])
    installed = _installed()
    libraries = [f"{name} {installed.get(_key(name)) or _looked_up(name)}" for name in _SHAPING]
    return " ".join(["topicast", topicast.__version__, python, *libraries])


@cache
def _sources() -> str:
    """What our own files are where they are worked on: their version says too little there."""
    package = os.path.dirname(topicast.__file__)
    if not os.path.exists(os.path.join(package, "..", "..", "pyproject.toml")):
        return ""
    found = []
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            status = os.stat(os.path.join(folder, name))
            inner = folder.removeprefix(package)
            found.append(f"{inner}/{name} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(found)


def _installed() -> dict[str, str]:
    """What ``importlib.metadata`` would find, by the names of folders: it reads a file for each."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with suppress(OSError):
            for entry in os.listdir(folder or "."):
                if entry.endswith(".dist-info"):
                    name, _, version = entry.removesuffix(".dist-info").partition("-")
                    found.setdefault(_key(name), version)
    return found


def _key(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _looked_up(name: str) -> str:
    from importlib import metadata  # slow to import

    return metadata.version(name)
