"""The address of a topic: lower-case ASCII, from its name alone (specification section 6).

The registry keeps an address once it is given, so a change here moves only topics to come.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from topicast.topics.names import fold

LONGEST = 72  # characters, of any address
_LONGEST_PLAIN = 60  # of one without a hash, or of what stands before it
_SHAPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# "archive" is a folder of ours; Windows has no folder of the other names.
_RESERVED = frozenset(
    ["archive", "con", "prn", "aux", "nul"]
    + [f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)]
)

# Signs that tell names apart: C, C++ and C#; .NET and NET; Q&A and QA.
_SPELLED_OUT = (
    (re.compile(r"(?<!\S)\.(?=[^\W_])"), " dot "),
    (re.compile(r"(?<=[^\W_])#"), " sharp "),
    (re.compile(r"#"), " hash "),
    (re.compile(r"\+"), " plus "),
    (re.compile(r"&"), " and "),
    (re.compile(r"@"), " at "),
    (re.compile(r"%"), " percent "),
)


def address(name: str) -> str:
    """The address that this name has where no other topic has it already.

    ``[a-z0-9]+(-[a-z0-9]+)*``, at most ``LONGEST`` characters, the same for all spellings of one
    topic. It carries a hash where letters, numbers or symbols of the name are not in it, or where
    it would be too long or reserved.
    """
    words, whole = _words(name)
    if whole and words and len(words) <= _LONGEST_PLAIN and words not in _RESERVED:
        return words
    return hashed(name)


def hashed(name: str, digits: int = 8) -> str:
    """The address with ``digits`` (up to 64) hexadecimal digits of the name's hash."""
    digest = hashlib.sha256(fold(name).encode("utf-8", "surrogatepass")).hexdigest()[:digits]
    words = _cut(_words(name)[0], min(_LONGEST_PLAIN, LONGEST - len("-") - digits))
    return f"{words or 'topic'}-{digest}"


def is_address(text: str) -> bool:
    """Whether the text may be an address: its shape and length, and that it is not reserved."""
    return len(text) <= LONGEST and bool(_SHAPE.fullmatch(text)) and text not in _RESERVED


def _words(name: str) -> tuple[str, bool]:
    """What of the name is ASCII or Latin, hyphened; and whether that is all of it."""
    from slugify import slugify  # late: a run that makes no address needs no part of it

    text = unicodedata.normalize("NFKC", fold(name))
    for sign, spelled in _SPELLED_OUT:
        text = sign.sub(spelled, text)
    pieces = [_ascii(char) for char in unicodedata.normalize("NFKD", text)]
    # slugify is given ASCII only: what it makes of other text depends on what is installed.
    ascii_text = "".join(" " if piece is None else piece for piece in pieces)
    words: str = slugify(ascii_text, entities=False, decimal=False, hexadecimal=False)
    return words, None not in pieces


def _ascii(char: str) -> str | None:
    """The character in ASCII; None where something that tells names apart would be lost."""
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category[0] in "PZ" or category == "Cc":
        return " "
    if category in ("Mn", "Mc", "Cf"):  # accents, joiners, variation selectors
        return ""
    if category[0] == "L" and unicodedata.name(char, "").startswith("LATIN "):
        from text_unidecode import unidecode

        letters: str = "e" if char == "ə" else unidecode(char)
        return letters if letters.isalpha() else None
    return None


def _cut(words: str, room: int) -> str:
    """At most ``room`` characters of it, whole words where the first one fits."""
    if len(words) <= room:
        return words
    return words[: room + 1].rpartition("-")[0] or words[:room]
