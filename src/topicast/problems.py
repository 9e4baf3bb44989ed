"""What can go wrong, in words that say where, what, and what to do next."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum

import msgspec

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Level(StrEnum):
    """How much a problem costs: an error sets a record aside, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Problem(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One thing that is wrong with one record.

    ``path`` is from SEEDS on, with ``/``; ``line`` counts from 1 and is 0 where none is known;
    ``field`` names the field as it is written in the file (``""`` for the file as a whole);
    ``expected`` says what is wrong, ``remedy`` what to write instead.
    """

    path: str
    line: int
    field: str
    expected: str
    remedy: str
    level: Level = Level.ERROR

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        field = f"{self.field}: " if self.field else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return one_line(f"{where}: {field}{self.expected}{remedy}")


class Found(msgspec.Struct, frozen=True, array_like=True):
    """A problem before it is known where: the fields of ``Problem`` without path and line."""

    field: str
    expected: str
    remedy: str
    level: Level = Level.ERROR


def has_error(found: Iterable[Problem | Found]) -> bool:
    """Whether one of them sets its record aside."""
    return any(one.level is Level.ERROR for one in found)


def quote(value: str, limit: int = 40) -> str:
    """The value as a message may show it: one line, at most ``limit`` characters."""
    shown = value if len(value) <= limit else value[: limit - 1] + "…"
    return repr(shown)


def as_text(path: str) -> str:
    """The path of a file as text that can be stored: a byte that is not UTF-8 as ``\\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def printable(path: str) -> str:
    """The path of a file as messages can show it: ``as_text``, on one line."""
    return one_line(as_text(path))


def one_line(text: str) -> str:
    """``text`` with line ends and other controls as ``\\n``: a name of a file may hold them.

    What reads messages line by line would take the rest for one of its own, or for a command.
    """
    return _CONTROLS.sub(lambda match: repr(match[0])[1:-1], text)


def system_words(error: OSError) -> str:
    """What the system said, with the path that it said it of."""
    where = f"{printable(error.filename)}: " if isinstance(error.filename, str) else ""
    return f"{where}{error.strerror or error}"


class TopicastError(Exception):
    """The root of all errors of Topicast: shown as one line, never as a traceback.

    ``exit_code`` is what the command ends with: 1 where a build failed and the old feeds
    stand as they were, 2 where the usage or the configuration is wrong.
    """

    exit_code = 1


class ConfigError(TopicastError):
    """The configuration or the usage is wrong."""

    exit_code = 2


class BuildError(TopicastError):
    """The build failed; the old feeds stand as they were."""


@contextmanager
def told_of(place: str) -> Iterator[None]:
    """Let a ``BuildError`` begin with the place that it is about."""
    try:
        yield
    except BuildError as error:
        raise BuildError(f"{place}: {error}") from None
