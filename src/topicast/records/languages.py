"""The code of a language, as a record may write it."""

from __future__ import annotations

import re

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def language_tag(written: str) -> str:
    """A language tag (RFC 5646) by its form, ``_`` taken for ``-``; "" for any other text."""
    tag = written.strip().replace("_", "-")
    return tag if _TAG.fullmatch(tag) else ""
