"""The text of ``topicast.toml``: reading it, and saying where in it something is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any

import msgspec

from topicast.problems import ConfigError, quote
from topicast.records.files import read_beside

BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

Table = dict[str, Any]
Keys = tuple[str, ...]  # where a value stands: ("feeds", "limit")


class ConfigText(msgspec.Struct, frozen=True):
    """The file as messages name it, and its text."""

    file: str
    text: str

    def parse(self) -> Table:
        """The file as TOML has it. Raises ``ConfigError`` where it is not TOML."""
        try:
            return tomllib.loads(self.text)
        except RecursionError:
            raise ConfigError(f"{self.file}: is nested too deeply") from None
        except ValueError as error:  # TOMLDecodeError, and a number of thousands of digits
            reason = str(error).partition("\n")[0]
            at = AT_LINE.search(reason)
            last = self.text.rstrip().count("\n") + 1
            line = f":{at[1] or last}" if at else ""
            reason = AT_LINE.sub("", reason)
            raise ConfigError(f"{self.file}{line}: is not TOML: {reason[:80]}") from None

    def error(self, keys: Keys, message: str) -> ConfigError:
        """``topicast.toml:3: [feeds] limit: …``, on the nearest line that can be found."""
        line = next((n for end in range(len(keys), 0, -1) if (n := self.line(keys[:end]))), 0)
        where = f"{self.file}:{line}" if line else self.file
        *tables, key = keys
        table = f"[{'.'.join(shown_key(name) for name in tables)}] " if tables else ""
        return ConfigError(f"{where}: {table}{shown_key(key)}: {message}")

    def unknown(self, keys: Keys, known: Iterable[str]) -> ConfigError:
        """The error for a key that is none of ``known``: it names the nearest of them."""
        import difflib  # late: few files have an error in them

        by_lower_case = {name.lower(): name for name in known}
        (near,) = difflib.get_close_matches(keys[-1][:60].lower(), by_lower_case, n=1, cutoff=0)
        what = "key" if len(keys) > 1 else "table"
        return self.error(keys, f"unknown {what}; did you mean {by_lower_case[near]}?")

    def line(self, keys: Keys) -> int:
        """The line of a key or of a table's header; 0 where a search line by line finds none."""
        table: Keys = ()
        for number, line in enumerate(self.text.split("\n"), 1):
            if line.lstrip().startswith("["):
                table = here = _keys(line.strip()) or table
            else:
                name, equals, _ = line.partition("=")
                here = (*table, *_keys(f"{name}=0")) if equals else ()
            if here == keys:
                return number
        return 0


def read_text(file: str) -> ConfigText:
    """The text of the file. Raises ``ConfigError`` where there is none to read."""
    try:
        text = read_beside(file).decode("utf-8-sig")  # Windows editors write a mark
    except FileNotFoundError:
        raise ConfigError(
            f"{file or repr(file)}: there is no such file; name another with --config"
        ) from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}; check --config") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{line}: is not UTF-8; save it as UTF-8") from None
    return ConfigText(file=file, text=text)


def _keys(snippet: str) -> Keys:
    """The keys that one line of TOML stands for: ``[topics."C++"]`` is ``("topics", "C++")``."""
    try:
        tree: Any = tomllib.loads(snippet)
    except ValueError:
        return ()
    keys: list[str] = []
    while isinstance(tree, dict) and tree:
        (key,) = tree
        keys.append(key)
        tree = tree[key][0] if isinstance(tree[key], list) else tree[key]
    return tuple(keys)


def shown_key(key: str) -> str:
    """The key as TOML would have it bare, else quoted."""
    return key if BARE_KEY.fullmatch(key) else quote(key)


def shown(value: object) -> str:
    """The value as a message may show it: at most 40 characters."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
