"""``Theme``: how pages look. Templates, style sheet and script are ours or the publisher's own."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import msgspec

from topicast.config import Config
from topicast.problems import ConfigError
from topicast.records.files import read_beside

STYLE = "style.css"
ASSETS = ("script.js", STYLE)  # written at the top of the tree as they are
NAMES = ("entry.html", "page.html", "words.html", *ASSETS)
OURS = "topicast/"  # "topicast/page.html" is ours, even where the publisher has a page.html


class Theme(msgspec.Struct, frozen=True):
    """What the publisher has put in the place of our files. ``folder`` is as messages name it."""

    own: tuple[tuple[str, str], ...] = ()  # the name of a file, its text
    folder: str = ""
    zone: str = ""  # IANA name of the one in which pages name days; "" is UTC

    @property
    def names(self) -> set[str]:
        """The names of all files that pages can be made of."""
        return {*NAMES, *dict(self.own), *(OURS + name for name in NAMES)}

    def text(self, name: str) -> str | None:
        """The text of a file: the publisher's, else ours; None where neither has it."""
        own = dict(self.own).get(name)
        return ours(name.removeprefix(OURS)) if own is None else own

    def place(self, name: str) -> str:
        """A file as messages name it."""
        return (
            os.path.join(self.folder, name)
            if name in dict(self.own)
            else f"Topicast's {name.removeprefix(OURS)}"
        )

    def assets(self) -> dict[str, bytes]:
        """The files that stand beside the pages: path in the tree, bytes."""
        return {name: (self.text(name) or "").encode() for name in ASSETS}


@cache
def ours(name: str) -> str | None:
    """The text of a file of Topicast's; None where there is no such."""
    if name not in NAMES:
        return None
    from importlib import resources  # late: it loads much, and a build without pages needs none

    return (resources.files("topicast.formats") / "templates" / name).read_text("utf-8")


def load_theme(config: Config) -> Theme:
    """The theme that ``[html] templates`` makes: every page, style sheet and script in that folder.

    A file that is not there is ours. Raises ConfigError where the folder or a file of it cannot be
    read, or it holds none of the names that pages are made of.
    """
    if not config.html.templates:
        return Theme(zone=config.site.timezone)
    folder = Path(config.root, config.html.templates)
    shown = os.path.relpath(folder)
    try:
        names = sorted(each.name for each in folder.iterdir() if _is_part(each.name))
    except OSError as error:
        raise _unreadable(shown, error.strerror) from None
    if not any(name in NAMES for name in names):
        raise ConfigError(
            f"{shown}: holds none of {', '.join(NAMES)}; put one there, or correct [html] templates"
        )
    own = tuple((name, _text(folder / name, f"{shown}/{name}")) for name in names)
    return Theme(own, shown, config.site.timezone)


def _is_part(name: str) -> bool:
    return name in NAMES or (name.endswith(".html") and not name.startswith("."))


def _text(file: Path, shown: str) -> str:
    try:
        return read_beside(str(file)).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise _unreadable(shown, error.strerror) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{shown}:{line}: is not UTF-8; save it as UTF-8") from None


def _unreadable(shown: str, reason: str | None) -> ConfigError:
    return ConfigError(f"{shown}: cannot be read: {reason}; correct [html] templates")
