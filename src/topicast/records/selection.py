"""``[records] include`` and ``exclude``: which paths count, by gitignore's rules for globs."""

from __future__ import annotations

from collections.abc import Callable

from topicast.config import Records


def selector(records: Records) -> Callable[[str], bool]:
    """Whether a path (from SEEDS on, with ``/``) counts as a record file."""
    if not records.include and not records.exclude:
        return everything
    # Imported late: most builds have no globs, and start-up is part of each of them.
    from pathspec import GitIgnoreSpec

    include = GitIgnoreSpec.from_lines(records.include)
    exclude = GitIgnoreSpec.from_lines(records.exclude)
    unlimited = not records.include

    def wanted(path: str) -> bool:
        return (unlimited or include.match_file(path)) and not exclude.match_file(path)

    return wanted


def everything(path: str) -> bool:
    """What is chosen where nobody chose."""
    return True
