"""The only reader of ``topicast.toml``: a file in, a checked ``Config`` out.

To add a table, write its struct in ``config.py`` and give ``Config`` a field of that type; what
its values may be beyond their type goes into ``configrules.RULES``.
"""

from __future__ import annotations

import os
import types
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from topicast.config import RECORD_FIELDS, SECRET_FIELDS, Config, Fields, Topics, TopicSettings
from topicast.configrules import ADDRESS, RULES, Rule, is_plain
from topicast.configtext import ConfigText, Keys, Table, read_text, shown
from topicast.problems import ConfigError, quote
from topicast.records.files import is_there

DEFAULT_FILE = "topicast.toml"

S = TypeVar("S", bound=msgspec.Struct)


def load_config(path: str | None) -> Config:
    """The configuration in the file ``path``; by default ``topicast.toml`` in the current folder.

    Without a path and without that file, everything is as by default. ``Config.root`` is the
    absolute folder of the file. Raises ``ConfigError``, which names file, line and key.
    """
    file = DEFAULT_FILE if path is None else path
    if path is None and not _is_there(file):
        return Config(root=os.path.abspath("."))
    source = read_text(file)
    config = Config(
        root=str(Path(os.path.abspath(file)).parent), file=file, **_tables(source, source.parse())
    )
    check_folders(config)
    return config


def _is_there(file: str) -> bool:
    """Whether the file is there: if nobody can tell, its feeds must not be built by defaults."""
    try:
        return is_there(file)
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be looked for: {error.strerror}; check the folder and its disk"
        ) from None


def with_base_url(config: Config, url: str) -> Config:
    """The configuration with ``--base-url``: other addresses, the same ids (specification,
    section 5).

    Raises ``ConfigError`` where ``url`` is not an absolute http(s) address.
    """
    try:
        return msgspec.structs.replace(config, base_url_override=ADDRESS.take(url))
    except ValueError:
        raise ConfigError(f"--base-url: expected {ADDRESS.expected}, got {quote(url)}") from None


def check_folders(config: Config, *, flag: str = "", apart: bool = True) -> None:
    """Raises ``ConfigError`` where writing a tree could hit the records, or publish a preview.

    The command line can name other folders: check again after it has, with the ``flag`` that
    named the tree. Without ``apart`` the public tree and the preview may be one folder: what was
    built there decides then.
    """
    root = os.path.realpath(config.root)
    records = os.path.realpath(os.path.join(root, config.records.path))
    out, preview = (
        os.path.realpath(os.path.join(root, folder))
        for folder in (config.feeds.out, config.feeds.preview)
    )

    def wrong(key: str, expected: str, written: str) -> ConfigError:
        where = flag or f"{config.file}: [feeds] {key}".removeprefix(": ")
        return ConfigError(f"{where}: expected {expected}, got {quote(written)}")

    for key, folder, written in (
        ("out", out, config.feeds.out),
        ("preview", preview, config.feeds.preview),
    ):
        if _contains(folder, records):
            raise wrong(key, "a folder that does not hold the records", written)
        if _contains(folder, root):
            raise wrong(key, "a folder that does not hold the configuration", written)
    # A preview inside the public tree would be deployed with it.
    one = out == preview and not apart
    if not one and (_contains(out, preview) or _contains(preview, out)):
        if flag:
            raise ConfigError(f"{flag}: expected a folder neither in the other tree nor around it")
        raise wrong("preview", "a folder apart from out", config.feeds.preview)


def _contains(folder: str, other: str) -> bool:
    return os.path.commonpath([folder, other]) == folder


def _tables(source: ConfigText, raw: Table) -> Table:
    tables = {
        field.name: field.type
        for field in msgspec.structs.fields(Config)
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
    }
    read: Table = {}
    for name, value in raw.items():
        if name not in tables:
            homes = [f"[{table}]" for table, type_ in tables.items() if name in _keys_of(type_)]
            if homes and not isinstance(value, dict):
                raise source.error((name,), f"is in no table; write it in {' or '.join(homes)}")
            raise source.unknown((name,), tables)
        if not isinstance(value, dict):
            raise source.error((name,), f"expected a table [{name}], got {shown(value)}")
        if tables[name] is Topics:
            read[name] = _topics(source, value)
        elif tables[name] is Fields:
            read[name] = _fields(source, value)
        else:
            read[name] = _struct(source, (name,), tables[name], value)
    return read


def _topics(source: ConfigText, raw: Table) -> Topics:
    settings = {
        name: _struct(source, ("topics", name), TopicSettings, value)
        for name, value in raw.items()
        if isinstance(value, dict)
    }
    keys = {name: value for name, value in raw.items() if not isinstance(value, dict)}
    topics = _struct(source, ("topics",), Topics, keys)
    return msgspec.structs.replace(topics, settings=settings)


def _fields(source: ConfigText, raw: Table) -> Fields:
    own = _keys_of(Fields)
    names: dict[str, str] = {}
    for ours, theirs in raw.items():
        at = ("fields", ours)
        if ours in own:
            continue
        if ours not in RECORD_FIELDS:
            raise source.unknown(at, (*own, *RECORD_FIELDS))
        if not isinstance(theirs, str) or not theirs.strip() or not is_plain(theirs):
            raise source.error(at, f"expected the name of a field, got {shown(theirs)}")
        theirs = theirs.strip()
        if not set(theirs.casefold().split(".")).isdisjoint(SECRET_FIELDS):
            raise source.error(at, f"{theirs} never leaves a record; name another field")
        names[ours] = theirs
    keys = {key: raw[key] for key in own if key in raw}
    return msgspec.structs.replace(_struct(source, ("fields",), Fields, keys), map=names)


def _keys_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of the keys of a table; a mapping holds what has names of the user's own."""
    return {
        field.name: field.type
        for field in msgspec.structs.fields(struct)
        if get_origin(field.type) is not dict
    }


def _struct(source: ConfigText, at: Keys, struct: type[S], raw: Table) -> S:
    known = _keys_of(struct)
    rules = RULES.get(struct, {})
    values: Table = {}
    for key, value in raw.items():
        if key not in known:
            raise source.unknown((*at, key), known)
        rule = rules.get(key, Rule(_expected(known[key]), lambda value: value))
        try:
            values[key] = _value(known[key], rule, value, getattr(struct(), key))
        except ValueError:
            message = f"expected {rule.expected}, got {shown(value)}"
            raise source.error((*at, key), message) from None
    return struct(**values)


def _value(type_: Any, rule: Rule, value: object, default: object) -> object:
    typed = msgspec.convert(value, type_)  # ValidationError is a ValueError
    texts = typed if isinstance(typed, tuple) else (typed,)
    if not all(is_plain(text) for text in texts if isinstance(text, str)):
        raise ValueError("control characters")
    # "" as written is "" as by default: a commented file can show a key that is not set.
    return default if typed == default else rule.take(typed)


def _expected(type_: Any) -> str:
    if get_origin(type_) is Literal:
        return "one of " + ", ".join(name for name in get_args(type_) if name)
    if get_origin(type_) in (Union, types.UnionType):
        return " or ".join(_expected(one) for one in get_args(type_) if one is not type(None))
    if get_origin(type_) is tuple:
        return "a list of texts"
    names = {str: "text without control characters", bool: "true or false", float: "a number"}
    return names.get(type_, "a whole number")
