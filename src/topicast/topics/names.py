"""When two names are one topic, and how it is spelled (specification section 6)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Bidi embeddings, overrides and isolates, which would turn a page around.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What XML 1.0 cannot hold, and C1 controls: one such name would end every feed that shows it.
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def tidy(name: str) -> str:
    """The name as it is shown: NFC, with single spaces inside, none around, no bidi controls."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", _BIDI.sub("", name))
    return " ".join(name.split())


def fold(name: str) -> str:
    """What names are compared by; two names that fold to one text are one topic."""
    # Case-folding can take a text out of NFC, and NFC must come before it: hence twice.
    return tidy(unicodedata.normalize("NFC", name).casefold())


def best_spelling(names: Iterable[str]) -> str:
    """Of the spellings of one topic the one that sorts first, tidied. ``names`` is not empty."""
    return min(map(tidy, names))


def is_name(text: str) -> bool:
    """Whether a feed can show the text as a topic's name: not blank, no control characters."""
    name = tidy(text)
    return name != "" and not _UNUSABLE.search(name)
