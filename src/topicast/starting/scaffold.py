"""The recipes: which files each has, where they go, and what is filled in."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shlex
from collections.abc import Callable
from importlib import resources

import msgspec

import topicast
from topicast.configfile import DEFAULT_FILE

# Recipe → the file in starting/recipes/ → where it goes, from the configuration's folder on.
RECIPES: dict[str, dict[str, str]] = {
    "cron": {"topicast.crontab": "topicast.crontab"},
    "systemd": {
        "topicast.service": "systemd/topicast.service",
        "topicast.timer": "systemd/topicast.timer",
    },
    "github": {"workflow.yml": ".github/workflows/topicast.yml"},
    "docker": {"Dockerfile": "Dockerfile", "dockerignore": ".dockerignore"},
    "pre-commit": {"pre-commit-config.yaml": ".pre-commit-config.yaml"},
}

_AT_THE_TOP = ("github", "pre-commit")  # recipes that are read at the top of a repository only

_PLACEHOLDER = re.compile("@[A-Z_]+@")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a recipe is to run. Paths are absolute, but for those that say ``in_root``."""

    root: str  # the folder of the configuration
    config_in_root: str
    seeds: str
    seeds_in_root: str
    out: str
    out_in_root: str
    beside_in_root: tuple[str, ...] = ()  # what else shapes the feeds: taxonomy, templates
    command: str  # the topicast that is run
    user: str


def recipe(name: str, place: Place) -> dict[str, str]:
    """The files of a recipe: where they go → their text."""
    folder = resources.files("topicast.starting").joinpath("recipes")
    values = _values(place, _QUOTES.get(name, shlex.quote))
    return {
        target: _PLACEHOLDER.sub(
            lambda name: values[name[0]], folder.joinpath(source).read_text("utf-8")
        )
        for source, target in RECIPES[name].items()
    }


def remarks(name: str, place: Place) -> list[str]:
    """What a recipe needs beside its files, in this place."""
    if name not in _AT_THE_TOP:
        return []
    said = []
    target = ", ".join(RECIPES[name].values())
    top = _repository(place.root)
    if top and top != place.root:
        said.append(
            f"{target}: is read at the top of the repository only; move it to {top}, and let what"
            f" it runs start in {os.path.relpath(place.root, top)}"
        )
    if name == "pre-commit" and place.seeds_in_root.split("/")[0] == "..":
        said.append(
            f"{target}: the records lie outside, so no commit here will have it look at them"
        )
    return said


def _repository(folder: str) -> str:
    """The top of the git repository that a folder is in; "" where it is in none."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def _values(place: Place, quoted: Callable[[str], str]) -> dict[str, str]:
    default = place.config_in_root == DEFAULT_FILE
    below = "" if place.seeds_in_root == "." else re.escape(place.seeds_in_root) + "/"
    return {
        "@ROOT@": quoted(place.root),
        "@ROOT_PLAIN@": place.root.replace("%", "%%"),  # to the end of a line of a unit
        "@READ_ONLY@": _read_only(place, quoted),
        "@TREE@": quoted("-" + place.out),
        "@OUT@": quoted(place.out_in_root),
        "@OUT_TEXT@": json.dumps(place.out_in_root),  # a text of JSON is one of YAML
        "@FILES@": json.dumps(f"^{below}|(^|/){re.escape(place.config_in_root)}$"),
        "@MOUNTS@": "\n".join(_mounts(place)),
        "@FOLDERS_THERE@": shlex.join(map(_there, (place.seeds_in_root, place.out_in_root))),
        "@TREE_THERE@": shlex.quote(_there(place.out_in_root)),
        "@TREE_TEXT_THERE@": json.dumps(_there(place.out_in_root)),
        "@TOPICAST@": quoted(place.command),
        "@CONFIG@": "" if default else f" --config {quoted(place.config_in_root)}",
        "@CONFIG_FILE@": place.config_in_root,
        "@PATH@": f"{os.path.dirname(place.command)}:/usr/local/bin:/usr/bin:/bin",
        "@USER@": place.user,
        "@VERSION@": topicast.__version__,
    }


def _read_only(place: Place, quoted: Callable[[str], str]) -> str:
    """A line of a unit: the records, unless what is to be written is among them."""
    holds = os.path.commonpath([place.seeds, place.root]) == place.seeds
    return "" if holds else f"ReadOnlyPaths={quoted('-' + place.seeds)}"


def _there(path: str) -> str:
    """Where in a container a path is that is from the configuration's folder on."""
    return posixpath.normpath(posixpath.join("/site", path))


def _mounts(place: Place) -> list[str]:
    """The lines that let a container see what it reads."""
    read = [(place.config_in_root, DEFAULT_FILE)]
    read += [(path, path) for path in (place.seeds_in_root, *place.beside_in_root)]
    return [
        f'#     --volume "$PWD"/{shlex.quote(f"{here}:{_there(there)}:ro")} \\'
        for here, there in read
    ]


def _for_cron(text: str) -> str:
    """A word of a line of crontab, where the shell reads it and ``%`` would be a new line."""
    return shlex.quote(text).replace("%", r"\%")


def _for_systemd(text: str) -> str:
    """A word of a unit, where ``%`` is a specifier and ``$`` a variable."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


_QUOTES: dict[str, Callable[[str], str]] = {"cron": _for_cron, "systemd": _for_systemd}
