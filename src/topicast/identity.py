"""What entries and feeds are called for ever: tag URIs (RFC 4151), specification section 5.

A reader that has seen an id never forgets it, so nothing here may change what comes out for a
given input: not the table of what is percent-encoded, not the separators.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote as percent_encode
from urllib.parse import urlsplit

import msgspec

from topicast.config import DEFAULT_SINCE, Site
from topicast.problems import ConfigError, quote

_HOST_OF_DEFAULT = "localhost"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_AUTHORITY = re.compile(rf"(?:[a-z0-9._-]+@)?{_LABEL}(?:\.{_LABEL})*")
_URI = re.compile(
    r"(?:https?://(?![/?#])|(?:urn|tag|info):)"
    r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+",
    re.IGNORECASE | re.ASCII,
)


_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")


class Identity(msgspec.Struct, frozen=True):
    """What every id begins with; in ``topics.json`` it is the pin.

    ``authority`` is a domain name or an e-mail address in lower-case ASCII, ``since`` a year of
    four digits in which it was the publisher's.
    """

    authority: str
    since: int

    def tag(self, specific: str) -> str:
        """The tag URI of what is already percent-encoded."""
        return f"tag:{self.authority},{self.since}:{specific}"


class Resolved(msgspec.Struct, frozen=True):
    """``identity`` is what this build uses, ``pin`` what ``topics.json`` is to hold."""

    identity: Identity
    pin: Identity | None


def is_authority(text: str) -> bool:
    """Whether the text may be the ``authority`` of an identity (RFC 4151, lower case)."""
    return _AUTHORITY.fullmatch(text) is not None


def is_since(year: int) -> bool:
    """Whether it is a year of four digits."""
    return 1000 <= year <= 9999


def is_uri(text: str) -> bool:
    """Whether a record's ``id`` stands as written: RFC 3986, of a scheme that makes an id."""
    return _URI.fullmatch(text) is not None


def entry_id(identity: Identity, given_id: str, stem: str) -> str:
    """The id of an entry: the record's own ``id``, else one made of ``stem``.

    ``stem`` is what ``stem_of`` says, or the link of an item in a file of many. Neither it nor an
    ``id`` that is other text is a path, so a ``/`` in them is encoded: none can be taken for one
    that ``path_id`` gave.
    """
    if given_id and is_uri(given_id):
        return given_id
    return identity.tag(_encoded(given_id or stem))


def path_id(identity: Identity, path: str, item_tail: str = "") -> str:
    """The id of an entry that lost its stem to another: its path from SEEDS on.

    ``item_tail`` tells the items of one file apart; it is encoded whole.
    """
    return identity.tag(_encoded(path, safe="/") + _encoded(item_tail))


def rooted(path_id: str) -> str:
    """The id by the same path, seen from SEEDS as the root: for when another has ``path_id``.

    A stem holds no bare ``/`` and a path begins with none, so neither of them makes such an id.
    """
    prefix, _, path = path_id.rpartition(":")
    return f"{prefix}:/{path}"


def feed_id(identity: Identity, slug: str = "") -> str:
    """The id of a topic's feed, or of the one of all topics. No stem holds a bare ``:``."""
    return identity.tag(f"feed:{slug}")


def stem_of(path: str) -> str:
    """The file name without its suffix, or for ``index`` the folder's name.

    ``path`` is from SEEDS on, with ``/``. Without the folder, a file may be moved.
    """
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    if not stem.strip("."):  # no suffix: the dots before a name begin none
        stem = name
    return folder.rpartition("/")[2] or stem if stem == "index" else stem


def resolve_identity(site: Site, pinned: Identity | None, *, force: bool = False) -> Resolved:
    """What ids are made of: what is written, else the pin, else the defaults.

    ``site`` is as the file has it: ``--base-url`` must not be in it, for it never changes an id.
    ``pinned`` is what ``topics.json`` holds.

    Raises ConfigError where ``authority`` or ``since`` is written and is no such thing, or differs
    from the pin (unless ``force``), or where ids cannot be made of the host of ``base_url``.
    """
    authority = _written_authority(site.authority)
    since = _written_since(site.since)
    if pinned is not None:
        written = Identity(authority or pinned.authority, since or pinned.since)
        if written != pinned and not force:
            raise ConfigError(_differs(written, pinned))
        return Resolved(written, written)
    identity = Identity(authority or _default_authority(site.base_url), since or DEFAULT_SINCE)
    return Resolved(identity, identity if site.base_url else None)


def _encoded(text: str, safe: str = "") -> str:
    if _UNRESERVED.fullmatch(text):  # most names of files are as they must be
        return text
    # surrogatepass: reading lets no surrogate through, and if it did, no build may end here.
    return percent_encode(unicodedata.normalize("NFC", text), safe=safe, errors="surrogatepass")


def _written_authority(text: str) -> str:
    if not text:
        return ""
    mailbox, at, host = text.rpartition("@")
    authority = f"{mailbox.lower()}{at}{_ascii_host(host)}"
    if not is_authority(authority):
        raise ConfigError(
            f"[site] authority = {quote(text)}: expected a domain name or an e-mail address"
            " (RFC 4151), without http://, port or path; for example authority ="
            ' "example.org"'
        )
    return authority


def _written_since(year: int | None) -> int | None:
    if year is not None and not is_since(year):
        raise ConfigError(
            f"[site] since = {quote(str(year))}: expected a year of four digits in which the"
            " authority was yours; for example since = 2026"
        )
    return year


def _default_authority(base_url: str) -> str:
    if not base_url:
        return _HOST_OF_DEFAULT
    try:
        host = _ascii_host(urlsplit(base_url).hostname or "")
    except ValueError:
        host = ""
    if not is_authority(host):
        raise ConfigError(
            f"[site] base_url = {quote(base_url)}: ids cannot be made of its host; write [site]"
            " authority, a domain name or an e-mail address of yours (RFC 4151)"
        )
    return host


def _ascii_host(host: str) -> str:
    """Lower case, an internationalised name in Punycode; "" where there is no such host."""
    host = host.lower().removesuffix(".")
    if host.isascii():
        return host
    import idna  # late: few hosts need it

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def _differs(written: Identity, pinned: Identity) -> str:
    key, new, old = "authority", written.authority, pinned.authority
    if new == old:
        key, new, old = "since", str(written.since), str(pinned.since)
    return (
        f"[site] {key} = {quote(new)} differs from {quote(old)}, which topics.json holds: every id"
        " would change, and readers would show every entry again; take the line out, or build once"
        " with --force"
    )
