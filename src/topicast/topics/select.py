"""``[topics] include`` and ``exclude``: which topics have feeds."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from topicast.topics.names import fold


def is_published(name: str, slug: str, include: Iterable[str], exclude: Iterable[str]) -> bool:
    """Whether a topic has feeds. No ``include`` means all; ``exclude`` has the last word.

    A glob is compared with the name, as names are compared, and with the address.
    """
    patterns = tuple(include)
    if patterns and not _matches(name, slug, patterns):
        return False
    return not _matches(name, slug, exclude)


def _matches(name: str, slug: str, patterns: Iterable[str]) -> bool:
    folded = fold(name)
    for pattern in map(fold, patterns):
        # Equal counts too: a name may hold brackets, which are a glob's own.
        if pattern == folded or fnmatchcase(folded, pattern) or fnmatchcase(slug, pattern):
            return True
    return False
