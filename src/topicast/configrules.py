"""What a value of ``topicast.toml`` may be: one ``Rule`` a key, beyond what its type says.

A key without a rule may be whatever its type in ``config.py`` allows.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from topicast.config import (
    CATEGORY_FIELDS,
    FORMAT_NAMES,
    LINK_NAMES,
    Feeds,
    Fields,
    Html,
    Records,
    Schedule,
    Site,
    Topics,
    TopicSettings,
    WebSub,
)
from topicast.records.languages import language_tag

DEFAULT_PORTS = {"http": 80, "https": 443}
HOST_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
PERCENT_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
LINK_NAME = re.compile(r"\{([^{}]*)\}")


class Rule(msgspec.Struct, frozen=True):
    """``take`` gives the value to keep, or raises ``ValueError`` where it is not ``expected``."""

    expected: str
    take: Callable[[Any], Any]


def is_plain(text: str) -> bool:
    """Whether the text has only characters that XML 1.0 can carry on one line."""
    return not any(unicodedata.category(c) in ("Cc", "Cs") or c in "\ufffe\uffff" for c in text)


def absolute_address(value: str) -> str:
    """An http(s) address in ASCII (RFC 3986), normalised, without a trailing slash.

    Raises ``ValueError`` for any other text, and for one with user, query or fragment.
    """
    text = value.strip()
    parts = urlsplit(text)  # raises ValueError for a broken IPv6 host
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc or set("?#\\") & set(text):
        raise ValueError(value)
    host = _host(parts.hostname or "")
    if host.startswith("[") != ("[" in parts.netloc):
        raise ValueError(value)
    port = parts.port  # raises ValueError for a port that is none
    shown_port = "" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}"
    # Readers resolve dot segments, and would then not find the feed under its own address.
    if not is_plain(text) or port == 0 or {".", ".."} & set(parts.path.split("/")):
        raise ValueError(value)
    path = BARE_PERCENT.sub("%25", parts.path)
    path = quote(path, safe="/%:@!$&'()*+,;=~-._").rstrip("/")
    path = PERCENT_ESCAPE.sub(lambda escape: escape[0].upper(), path)
    return f"{parts.scheme}://{host}{shown_port}{path}"


def _host(host: str) -> str:
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]"
    if not host.isascii():
        import idna  # late, like all that few configurations need: each run reads one

        host = idna.encode(host, uts46=True).decode("ascii")  # IDNAError is a ValueError
    if len(host) > 253 or not all(HOST_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError(host)
    return host


def _reachable(value: str) -> str:
    """An http(s) address that is called as it is written, query and all."""
    parts = urlsplit(value)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or not value.isascii():
        raise ValueError(value)
    if parts.fragment or not is_plain(value) or " " in value:
        raise ValueError(value)
    _host(parts.hostname)
    if parts.port == 0:  # reading it raises ValueError for a port that is none
        raise ValueError(value)
    return value


def _told_to_all(value: str) -> str:
    """One that feeds show to everybody: without user and password."""
    if "@" in urlsplit(value).netloc:
        raise ValueError(value)
    return _reachable(value)


def _picture(value: str) -> str:
    from_root = value.startswith("/") and not value.startswith("//")
    return value if from_root else _told_to_all(value)


def _each_reachable(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) < len(value):
        raise ValueError(value)
    return tuple(map(_told_to_all, value))


def _paths(value: tuple[str, ...]) -> tuple[str, ...]:
    from topicast.records.selection import selector

    try:
        selector(Records(include=_not_blank(value)))
    except Exception:  # pathspec has one of its own, and lets those of ``re`` through
        raise ValueError(value) from None
    return value


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    hosts = tuple(_host(host.strip().lower()) for host in value)
    if len(set(hosts)) < len(hosts):
        raise ValueError(value)
    return hosts


def _whole(low: int, high: int, what: str = "a whole number") -> Rule:
    def take(value: int) -> int:
        if not low <= value <= high:
            raise ValueError(value)
        return value

    return Rule(f"{what} from {low} to {high}", take)


def _language(value: str) -> str:
    tag = language_tag(value)
    if not tag or "_" in value:
        raise ValueError(value)
    return tag


def _timezone(value: str) -> str:
    import pkgutil  # late, and not importlib.resources, which imports much more

    # The list of the tzdata package, not the system's: "localtime" differs from machine to machine.
    zones = pkgutil.get_data("tzdata", "zones") or b""
    if value not in zones.decode("ascii").split():
        raise ValueError(value)
    return value


def _feed_title(value: str) -> str:
    rest = value.replace("{topic}", "").replace("{site}", "")
    if "{topic}" not in value or "{" in rest or "}" in rest:
        raise ValueError(value)
    return value


def _link_template(value: str) -> str:
    rest = LINK_NAME.sub("", value)
    if "{" in rest or "}" in rest or not set(LINK_NAME.findall(value)) <= set(LINK_NAMES):
        raise ValueError(value)
    return value


def _names_of(known: tuple[str, ...], at_least: int) -> Rule:
    def take(value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) < at_least or len(set(value)) < len(value) or not set(value) <= set(known):
            raise ValueError(value)
        return value

    some = "a list of one or more" if at_least else "a list"
    return Rule(f"{some} of {', '.join(known)}, none of them twice", take)


def _not_blank(value: Any) -> Any:
    """A text, or a list of them, in which something is written."""
    texts = (value,) if isinstance(value, str) else value
    if not all(text.strip() for text in texts):
        raise ValueError(value)
    return value


ADDRESS = Rule(
    "an absolute http or https address without user, query or fragment", absolute_address
)
LIMIT = _whole(1, 10_000)
PIXELS = _whole(1, 10_000, "a whole number of pixels")
LANGUAGE_CODE = Rule("a language code such as en or pt-BR", _language)
PICTURE = Rule("the address of a picture, http(s) or from the root of the website on", _picture)
FOLDER = Rule("the path of a folder", _not_blank)
GLOBS = Rule('a list of patterns such as ["news/*"]', _not_blank)
PATHS = Rule('a list of patterns as .gitignore has them, such as ["news/*"]', _paths)

RULES: dict[type[msgspec.Struct], dict[str, Rule]] = {
    Site: {
        "title": Rule("text that is not blank", _not_blank),
        "url": ADDRESS,
        "base_url": ADDRESS,
        "since": _whole(1000, 9999, "a year"),
        "timezone": Rule("an IANA time zone such as Europe/Berlin", _timezone),
        "language": LANGUAGE_CODE,
        "logo_width": PIXELS,
        "logo_height": PIXELS,
        "icon": PICTURE,
        "logo": PICTURE,
    },
    Html: {"templates": FOLDER},
    Feeds: {
        "out": FOLDER,
        "preview": FOLDER,
        "limit": LIMIT,
        "formats": _names_of(FORMAT_NAMES, at_least=1),
        "summary_length": _whole(20, 10_000),
        "embeds": Rule('a list of hosts such as ["youtube.com"], none twice', _hosts),
        "ttl": _whole(1, 525_600, "a whole number of minutes"),
        "title": Rule("text with {topic} and, if you like, {site} in it", _feed_title),
    },
    Topics: {"include": GLOBS, "exclude": GLOBS},
    TopicSettings: {"limit": LIMIT, "language": LANGUAGE_CODE},
    Records: {"path": FOLDER, "include": PATHS, "exclude": PATHS},
    WebSub: {
        "hubs": Rule("a list of http or https addresses without user, none twice", _each_reachable)
    },
    Schedule: {"ping_url": Rule("an http or https address", _reachable)},
    Fields: {
        "link": Rule(
            "an address with none but {" + "}, {".join(LINK_NAMES) + "} in braces", _link_template
        ),
        "categories": _names_of(CATEGORY_FIELDS, at_least=0),
    },
}
