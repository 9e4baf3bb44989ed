"""Addresses: absolute ``http``/``https`` URIs in ASCII, or nothing. Never raises for any input."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote

LONGEST = 8_000  # characters

# Addresses that are already as absolute() would write them: most are, and need no more work.
_CANONICAL = re.compile(
    r"https?://(?=[^/?#]{1,253}(?:[/?#]|\Z))"
    r"(?:(?!-)[a-z0-9-]{1,63}+(?<!-)\.)*+(?=[a-z])[a-z0-9-]{1,63}+(?<!-)"
    r"(?:/[a-zA-Z0-9_.~!$&'()*+,;=:@/-]*+)?"
    r"(?:\?[a-zA-Z0-9_.~!$&'()*+,;=:@/?-]*+)?(?:#[a-zA-Z0-9_.~!$&'()*+,;=:@/?-]*+)?"
)
# RFC 3986, appendix B: every text matches.
_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_ESCAPE = re.compile(r"%(?:([0-9a-fA-F]{2}))?")
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:@\[\]]+)(?::([0-9]*))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SEGMENT = "!$&'()*+,;=:@/%~"
_DEFAULT_PORT = {"http": 80, "https": 443}


def absolute(url: str, base: str, site_url: str) -> str | None:
    """The address as a feed may carry it, or None where it is none.

    Root-relative addresses are appended to ``site_url``; others are resolved on ``base`` (the
    record's own link) or, where that is "", on the top of ``site_url``. None for every scheme but
    http and https, for addresses with a user or password, a bad host or port, or more than
    ``LONGEST`` characters. Applied to its own result it changes nothing.
    """
    if len(url) > LONGEST:
        return None
    if _CANONICAL.fullmatch(url) and "/." not in url:
        return url
    url = _DROPPED.sub("", url).strip()  # browsers drop tabs and line ends too: "java\nscript:"
    url = _forward(url)
    if not url:
        return None
    scheme = _SCHEME.match(url)
    if scheme is None:
        return _canonical(_resolved(url, base or site_url.rstrip("/") + "/", site_url))
    if scheme[1].lower() not in _DEFAULT_PORT or not url.startswith("//", scheme.end()):
        return None
    return _canonical(f"{scheme[0]}//{url[scheme.end() :].lstrip('/')}")


def _forward(url: str) -> str:
    """Backslashes before the query are slashes to every browser; so to us, before judging."""
    end = _end_of_path(url)
    return url[:end].replace("\\", "/") + url[end:]


def _end_of_path(url: str) -> int:
    match = re.search(r"[?#]", url)
    return match.start() if match else len(url)


def _resolved(url: str, base: str, site_url: str) -> str:
    """A relative reference resolved (RFC 3986, section 5.2), root-relative ones on the site."""
    if url.startswith("//"):
        absolute_base = _SCHEME.match(base) or _SCHEME.match(site_url)
        return f"{absolute_base[0] if absolute_base else ''}//{url.lstrip('/')}"
    if url.startswith("/"):
        end = _end_of_path(url)
        # Dots are resolved first: "/../x" must not leave the site's folder.
        return site_url.rstrip("/") + _without_dots(_encoded(url[:end])) + url[end:]
    match = _PARTS.fullmatch(base)
    if match is None:
        return ""
    scheme, authority, path, query, _ = match.groups()
    if not authority:
        return ""
    root = f"{scheme}://{authority}"
    if url.startswith("#"):
        return f"{root}{path}{'' if query is None else '?' + query}{url}"
    if url.startswith("?"):
        return f"{root}{path}{url}"
    return f"{root}{path[: path.rfind('/') + 1] or '/'}{url}"


def _canonical(url: str) -> str | None:
    """An absolute address normalised part by part (RFC 3986, section 6.2.2)."""
    match = _PARTS.fullmatch(url)
    if match is None:
        return None
    scheme, authority, path, query, fragment = match.groups()
    scheme = (scheme or "").lower()
    if scheme not in _DEFAULT_PORT:
        return None
    host = _host(authority or "", _DEFAULT_PORT[scheme])
    if host is None:
        return None
    result = f"{scheme}://{host}{_without_dots(_encoded(path))}"
    if query is not None:
        result += "?" + _encoded(query)
    if fragment is not None:
        result += "#" + _encoded(fragment)
    return result if len(result) <= LONGEST else None


def _encoded(part: str) -> str:
    """Escapes in upper case, a stray ``%`` and all that a URI cannot hold percent-encoded."""
    part = _ESCAPE.sub(lambda match: "%" + match[1].upper() if match[1] else "%25", part)
    return quote(part, safe=_SEGMENT + "?", encoding="utf-8", errors="replace")


def _without_dots(path: str) -> str:
    """``.`` and ``..`` segments resolved; ``%2E`` is a dot to browsers."""
    if "/." not in path and "%2E" not in path:
        return path
    segments = path.split("/")
    kept: list[str] = []
    for segment in segments[1:]:
        dots = segment.replace("%2E", ".")
        if dots == "..":
            del kept[-1:]
        elif dots != ".":
            kept.append(segment)
    if segments[-1].replace("%2E", ".") in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _host(authority: str, default_port: int) -> str | None:
    """Host and port, the port only where it is not the default; None where they are no good."""
    match = _AUTHORITY.fullmatch(authority)
    if match is None:  # a user or password (never in a feed), or no host at all
        return None
    host, port = match[1], (match[2] or "").lstrip("0")
    if len(port) > 5 or (port and int(port) > 65_535) or (match[2] and not port):
        return None
    name = _address(host) if host.startswith("[") else _name(host)
    if name is None:
        return None
    return name if not port or int(port) == default_port else f"{name}:{port}"


def _address(host: str) -> str | None:
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1])}]"
    except ValueError:
        return None


def _name(host: str) -> str | None:
    """A host name in ASCII and lower case, or an IPv4 address."""
    host = host.lower()
    if len(host) > 253:
        return None
    if not host.isascii():
        import idna  # imported late: few records need it

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError, ValueError):
            return None
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return None
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            return None
    return host
