"""The direction in which a language is written."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from topicast.entries.markup import names

# ISO 639 codes of languages, and ISO 15924 codes of scripts.
_RIGHT_TO_LEFT = names("ar arc azb ckb dv fa he iw khw ks lrc mzn nqo pnb ps sd syr ug ur yi")
_RIGHT_TO_LEFT_SCRIPTS = names("adlm arab hebr mand mend nkoo rohg samr syrc thaa")


@lru_cache(maxsize=256)  # each entry asks
def direction(language: str) -> Literal["ltr", "rtl"]:
    """That of a language tag (RFC 5646); a script that it names has the last word."""
    code, *subtags = language.lower().split("-")
    script = next((tag for tag in subtags if len(tag) == 4 and tag.isalpha()), "")
    is_rtl = script in _RIGHT_TO_LEFT_SCRIPTS if script else code in _RIGHT_TO_LEFT
    return "rtl" if is_rtl else "ltr"
