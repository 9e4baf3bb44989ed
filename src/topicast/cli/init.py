"""``topicast init``: a configuration to start from, and recipes for schedulers."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from topicast.cli import options
from topicast.config import Config
from topicast.configfile import DEFAULT_FILE, load_config, with_base_url
from topicast.problems import BuildError, ConfigError, printable
from topicast.report import Printer
from topicast.starting.configuration import configuration
from topicast.starting.scaffold import RECIPES, Place, recipe, remarks
from topicast.topics.taxonomyfile import taxonomy_path


@click.command("init", short_help="Write a commented topicast.toml, and recipes for schedulers.")
@options.config
@click.option("--base-url", metavar="URL", help="The address at which the feeds will be served.")
@click.option(
    "--with",
    "recipes",
    type=click.Choice(list(RECIPES)),
    multiple=True,
    help="Write this recipe too; may be given several times.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
def command(config: str | None, base_url: str | None, recipes: tuple[str, ...], force: bool) -> int:
    """Write a commented topicast.toml, and recipes that build the feeds by themselves.

    With --with, a configuration that is there stays, and the recipe is made for it. Exit codes:
    0 written; 1 a file is there already, and nothing was written; 2 wrong usage.
    """
    file = config or DEFAULT_FILE
    kept = bool(recipes) and os.path.lexists(file)  # with --force too: it is the user's own
    texts: dict[str, str] = {}
    if kept:
        if base_url is not None:
            raise ConfigError(f"--base-url: {printable(file)} is there already; write it there")
        known = load_config(file)
    else:
        known = Config(root=os.path.dirname(os.path.abspath(file)), file=file)
        address = with_base_url(known, base_url).base_url_override if base_url else ""
        texts[file] = configuration(datetime.now(UTC).year, address)
    place = _place(known)
    for name in recipes:
        for target, text in recipe(name, place).items():
            texts[os.path.join(os.path.dirname(file), target)] = text
    _write(texts, force)
    for name in recipes:
        for remark in remarks(name, place):
            Printer().line(f"note: {printable(remark)}")
    return 0


def _place(config: Config) -> Place:
    root = config.root
    seeds, out = os.path.join(root, config.records.path), os.path.join(root, config.feeds.out)
    beside = [taxonomy_path(config)]
    if config.html.templates:
        beside.append(os.path.join(root, config.html.templates))
    return Place(
        root=root,
        config_in_root=os.path.basename(config.file),
        seeds=os.path.abspath(seeds),
        seeds_in_root=_in_root(seeds, root),
        out=os.path.abspath(out),
        out_in_root=_in_root(out, root),
        beside_in_root=tuple(_in_root(path, root) for path in beside if os.path.exists(path)),
        command=_command(),
        user=_user(),
    )


def _in_root(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


def _command() -> str:
    """The ``topicast`` of this environment, or the one that a shell finds."""
    here = os.path.join(os.path.dirname(sys.executable), "topicast")
    return here if os.path.exists(here) else shutil.which("topicast") or "/usr/local/bin/topicast"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user that has no name
        return str(os.getuid())


def _write(texts: Mapping[str, str], force: bool) -> None:
    for path in texts:
        if os.path.lexists(path) and not force:
            raise BuildError(
                f"{printable(path)}: is there already, so nothing was written; move it away, or"
                " use --force"
            )
    for path, text in texts.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        # A path in it may have bytes that are no text, or that the locale takes for none.
        Path(path).write_bytes(text.encode("utf-8", "surrogateescape"))
        Printer().line(f"wrote {printable(path)}")
