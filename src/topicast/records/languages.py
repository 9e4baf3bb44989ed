"""The code of a language, as a record or the configuration may write it."""

from __future__ import annotations

import re

# RFC 5646, section 2.1, without the grandfathered tags.
_TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wy-z0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
# ISO 639-1 in whole, by first letter: codes of countries, such as jp and cn, are often written for
# these. Of the codes of three letters there are too many to tell which are none.
_CODES = {
    "a": "abefkmnrsvyz",
    "b": "aeghimnors",
    "c": "aehorsuvy",
    "d": "aevz",
    "e": "elnostu",
    "f": "afijory",
    "g": "adlnuv",
    "h": "aeiortuyz",
    "i": "adegikostu",
    "j": "av",
    "k": "agijklmnorsuvwy",
    "l": "abginotuv",
    "m": "ghiklnrsty",
    "n": "abdeglnorvy",
    "o": "cjmrs",
    "p": "ailst",
    "q": "u",
    "r": "mnouw",
    "s": "acdeghiklmnoqrstuvw",
    "t": "aeghiklnorstwy",
    "u": "gkrz",
    "v": "eio",
    "w": "ao",
    "x": "h",
    "y": "io",
    "z": "ahu",
}
_RENAMED = {"in": "id", "iw": "he", "ji": "yi", "mo": "ro"}  # what programs of old still write


def language_tag(written: str) -> str:
    """A language tag (RFC 5646), ``_`` taken for ``-``; "" for any other text."""
    tag = written.strip().replace("_", "-")
    if not _TAG.fullmatch(tag):
        return ""
    code, hyphen, rest = tag.partition("-")
    code = _RENAMED.get(code.lower(), code)
    return code + hyphen + rest if len(code) == 3 or _is_known(code.lower()) else ""


def _is_known(code: str) -> bool:
    return code[1] in _CODES.get(code[0], "")
