"""What a record's path says (a stem, a date), and addresses made from a template (section 3)."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from string import Formatter
from urllib.parse import quote

import msgspec

from topicast.config import LINK_NAMES
from topicast.problems import ConfigError
from topicast.records.dates import moment_of
from topicast.records.model import Micros

_LEADING_DATE = re.compile(r"\A([0-9]{4})-([0-9]{2})-([0-9]{2})(?:-|$)")


def file_date(path: str) -> datetime | None:
    """The date that a file's name starts with, naive; None where there is none, or no valid one."""
    match = _LEADING_DATE.match(PurePosixPath(path).stem)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    try:
        return datetime(year, month, day)
    except ValueError:
        return None


class LinkTemplate(msgspec.Struct, frozen=True):
    """``[fields] link``, as ``{url}/{year}/{month}/{slug}/``; ``names`` are those in braces."""

    text: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str, file: str) -> LinkTemplate:
        """Raises ConfigError, which names ``file``, for an unknown placeholder or a lone brace."""
        try:
            parts = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError as error:
            raise ConfigError(f"{file}: [fields] link: {error}") from None
        for _, name, spec, conversion in parts:
            if name not in LINK_NAMES or spec or conversion:
                known = ", ".join(LINK_NAMES)
                raise ConfigError(f"{file}: [fields] link: expected none but {known} in braces")
        return cls(text, tuple(str(name) for _, name, _, _ in parts))

    def fill(self, values: dict[str, str]) -> str:
        """The address, or "" where one of the placeholders has no value."""
        if not all(values[name] for name in self.names):
            return ""
        return self.text.format_map(values)


def link_values(
    *,
    site_url: str,
    path: str,
    many: bool,
    slug: str,
    category: str,
    published: Micros | None,
    zone: tzinfo,
) -> dict[str, str]:
    """What a template can hold, percent-encoded; "" for what the record has not.

    Dates are those of ``published`` in ``zone``. ``{slug}`` is the field, else the stem without a
    leading date. ``{path}`` and ``{stem}`` are without suffix, for ``index`` the folder's; an item
    of a file that holds many has neither.
    """
    file = PurePosixPath(path)
    bare = file.parent if file.stem == "index" and file.parent.name else file.with_suffix("")
    stem = "" if many else bare.name
    day = None if published is None else moment_of(published, zone)
    values = {
        "year": f"{day.year:04}" if day else "",
        "month": f"{day.month:02}" if day else "",
        "day": f"{day.day:02}" if day else "",
        "slug": slug.strip() or _LEADING_DATE.sub("", stem, count=1) or stem,
        "path": "" if many else str(bare),
        "stem": stem,
        "category": category.strip(),
    }
    encoded = {
        name: quote(value, safe="/" if name == "path" else "", errors="replace")
        for name, value in values.items()
    }
    return {"url": site_url, **encoded}
