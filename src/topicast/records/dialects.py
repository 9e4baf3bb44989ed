"""Other front-matter dialects: a tree in their names → a tree in ours (section 3, ``[fields]``).

A dialect can only ever add to what hides a record: its switches and ours both count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import msgspec

from topicast.config import SECRET_FIELDS, Config
from topicast.problems import ConfigError, Found
from topicast.records.schema import FIELD_NAMES, absent
from topicast.records.switches import (
    GATE_DATES,
    HIDING,
    PARTS,
    doubt,
    mappings_in,
    oddly_written,
    switch_name,
)
from topicast.records.tree import Document, Tree

Names = Mapping[str, tuple[str, ...]]

# Ours → theirs; the first that says something counts. Names are compared without case: Hugo and
# Pelican do so, and `Date` in a Jekyll file is meant as one.
_PRESETS: dict[str, Names] = {
    "": {},
    "jekyll": {
        "publishedDateTime": ("date",),
        "updatedDateTime": ("last_modified_at",),
        "excerpt": ("excerpt", "summary", "description"),
        "webUrl": ("permalink",),
    },
    "hugo": {
        "publishedDateTime": ("publishDate", "date"),
        "updatedDateTime": ("lastmod",),
        "expires": ("expiryDate",),
        "excerpt": ("summary", "description"),
        "webUrl": ("url",),
    },
    "pelican": {
        "publishedDateTime": ("date",),
        "updatedDateTime": ("modified",),
        "excerpt": ("summary", "description"),
    },
}
# Their fields that become topics, in this order, before those of ``topics`` itself.
_LABELS = {
    "jekyll": ("tags", "categories", "category"),
    "hugo": ("tags", "categories"),
    "pelican": ("tags", "category"),
}
# These may be patterns (`/:year/:title/`) or styles (`pretty`), which are no address of a page.
_PATTERNS = {"jekyll": ("permalink",), "hugo": ("url",)}
_ADDRESS = re.compile(r"https?://|/[^:]*\Z")
_GATE = ("publishedDateTime", "expires")  # two that differ leave in doubt when it may be seen
_STATUS = {"published": False, "draft": True, "hidden": True, "skip": True}  # hides the record


class Dialect(msgspec.Struct, frozen=True):
    """A preset with the map of names over it."""

    preset: str = ""
    names: Mapping[str, tuple[str, ...]] = {}

    @classmethod
    def of(cls, config: Config) -> Dialect:
        """Raises ConfigError where a name is mapped to one that never leaves a record: here too,
        for a Config that no file gave.
        """
        fields = config.fields
        names = dict(_PRESETS[fields.preset])
        for ours, theirs in fields.map.items():
            theirs = theirs.strip()
            if not set(theirs.casefold().split(".")).isdisjoint(SECRET_FIELDS):
                where = f"{config.file or 'topicast.toml'}: [fields] {ours}"
                raise ConfigError(f"{where}: {theirs} never leaves a record; name another field")
            names[ours] = (theirs, *names.get(ours, ()))
        return cls(fields.preset, names)

    @property
    def plain(self) -> bool:
        """Whether files have our names only."""
        return not self.preset and not self.names

    def names_of(self, ours: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.names.get(ours, ()), ours)))


class Translation(msgspec.Struct, frozen=True):
    """A record in our names: none but those of ``RawRecord``.

    ``names`` gives the name that a field has in the file, where it is another; ``unpublished`` is
    what the dialect itself says; with an error in ``found`` the state is not clear.
    """

    tree: Mapping[str, Tree] = {}
    names: Mapping[str, str] = {}
    unpublished: bool = False
    found: tuple[Found, ...] = ()


def wants_headers(config: Config) -> bool:
    """Whether ``Key: value`` lines without ``---`` are a front matter."""
    return config.fields.preset == "pelican"


def is_list_page(path: str, preset: str) -> bool:
    """Whether the file says what stands above a list of pages, and is no page itself."""
    return preset == "hugo" and PurePosixPath(path).name.split(".")[0] == "_index"


def translate(document: Document, path: str, dialect: Dialect) -> Translation | None:
    """The document in our names; None where the dialect says that the file is no record."""
    source = document.tree
    astray = list(_astray(source, dialect))
    if dialect.plain and not astray and not oddly_written(source.keys()):  # nothing to translate
        return Translation({name: source[name] for name in FIELD_NAMES if name in source})
    file = PurePosixPath(path)
    if is_list_page(path, dialect.preset):
        return None
    fields = _Fields(source, dialect)
    fields.found += astray
    for ours in FIELD_NAMES:
        if ours in HIDING:
            fields.take_switch(ours)
        else:
            fields.take(ours)
    if dialect.preset:
        fields.take_labels()
    if dialect.preset == "pelican":
        fields.take_status()
        fields.take_authors()
    if dialect.preset == "jekyll" and is_in_drafts(file.parts[:-1]):
        fields.unpublished = True
    return Translation(fields.tree, fields.names, fields.unpublished, tuple(fields.found))


def is_in_drafts(folders: Iterable[str]) -> bool:
    """Whether one of the folders is Jekyll's for drafts."""
    return "_drafts" in map(str.casefold, folders)


def _astray(source: Mapping[str, Tree], dialect: Dialect) -> Iterator[Found]:
    """What was meant to hide the record, but stands where or is written as it would say nothing.

    In TOML all that follows ``[provider]`` is in it. Of names, a preset looks at any case.
    """
    mapped = {name for names in dialect.names.values() for name in names}
    for name in source.keys() - mapped - set(FIELD_NAMES) if not dialect.preset else ():
        if ours := GATE_DATES.get(switch_name(name)):
            yield Found(ours, "its name is written in another way", f"write {ours}: …")
    paths = {".".join(map(switch_name, name.split("."))) for name in mapped}
    for field, astray in PARTS.items():
        for part in mappings_in([source], [field]):
            for name, value in part.items():
                slipped = switch_name(name)
                # What shows the record may stand anywhere.
                hides = slipped in astray and (slipped not in HIDING or doubt(slipped, value))
                if hides and f"{field}.{slipped}" not in paths:
                    ours = GATE_DATES.get(slipped, slipped)
                    remedy = f"move {ours} to the top of the record"
                    yield Found(field, f"{ours} stands in it, where it says nothing", remedy)


class _Fields:
    """Takes fields out of one tree by their names in a dialect."""

    def __init__(self, source: Mapping[str, Tree], dialect: Dialect) -> None:
        self.source = source
        self.dialect = dialect
        self.tree: dict[str, Tree] = {}
        self.names: dict[str, str] = {}
        self.unpublished = False
        self.found: list[Found] = []

    def take(self, ours: str) -> None:
        """The first of its names that says something, else the first that is there at all."""
        if not self.dialect.preset and ours not in self.dialect.names:  # most of them
            if ours in self.source:
                self.tree[ours] = self.source[ours]
            return
        given = [hit for name in self.dialect.names_of(ours) for hit in self._hits(name)]
        speaking = [hit for hit in given if not (isinstance(hit[1], str) and absent(hit[1]))]
        for written, value in (speaking or given)[:1]:
            self._put(ours, written, value)
            own = [hit for hit in speaking if hit[0].casefold() == ours.casefold()]
            if ours in _GATE and own and own[0][1] != value:
                expected = f"{ours} is given too, and says something else"
                self.found.append(Found(written, expected, "keep one of the two"))

    def take_switch(self, ours: str) -> None:
        """Of all its names, in any case, the one that speaks most against showing the record."""
        names = self.dialect.names_of(ours)
        given = [hit for name in names for hit in self._hits(name, switch=True)]
        if given:
            written, value = max(given, key=lambda hit: doubt(ours, hit[1]))
            self._put(ours, written, value)

    def take_labels(self) -> None:
        """Tags and categories become topics; the first category stays one too, for links."""
        labels: list[Tree] = []
        for name in _LABELS[self.dialect.preset]:
            hits = [hit for theirs in self.dialect.names_of(name) for hit in self._hits(theirs)]
            for written, value in hits[:1]:
                split = _labels(value, self._splitter(name))
                labels += split
                self.names.setdefault("topics", written)
                if name == "tags":
                    self.tree["tags"] = split
                elif split and "category" not in self.tree:
                    self.tree["category"] = split[0]
        if labels:
            self.tree["topics"] = [*labels, *_labels(self.tree.get("topics", ""), _whole)]

    def _splitter(self, name: str) -> Callable[[str], list[str]]:
        if self.dialect.preset == "jekyll" and name != "category":
            return str.split
        return _listed if self.dialect.preset == "pelican" and name == "tags" else _whole

    def take_status(self) -> None:
        """Pelican's ``Status``: absent means published."""
        for written, value in self._hits("status"):
            hides = _STATUS.get(value.strip().casefold()) if isinstance(value, str) else None
            if hides is None:
                expected = "expected published, draft, hidden or skip"
                self.found.append(Found(written, expected, "write draft or published"))
            self.unpublished |= hides is not False

    def take_authors(self) -> None:
        for name, split in (("authors", _listed), ("author", _whole)):
            provider = self.tree.get("provider", {})
            for written, value in self._hits(name):
                if isinstance(provider, dict) and "authors" not in provider:
                    self._put("provider", written, {**provider, "authors": _labels(value, split)})

    def _put(self, ours: str, written: str, value: Tree) -> None:
        self.tree[ours] = value
        if written != ours:
            self.names[ours] = written

    def _hits(self, name: str, switch: bool = False) -> list[tuple[str, Tree]]:
        """The fields of this name, each as written, with its value."""
        hits = _find(self.source, name, caseless=switch or bool(self.dialect.preset), switch=switch)
        if len(hits) > 1:
            twice = Found(hits[1][0], f"{name} is given twice", "keep one of the two")
            self.found += [twice] if twice not in self.found else []
        if name in _PATTERNS.get(self.dialect.preset, ()):
            return [hit for hit in hits if isinstance(hit[1], str) and _ADDRESS.match(hit[1])]
        return hits


def _find(
    tree: Mapping[str, Tree], name: str, *, caseless: bool, switch: bool
) -> list[tuple[str, Tree]]:
    """``name`` itself, else, with a dot in it, the path into mappings that it names.

    A switch counts in both places, and below something that is no mapping it cannot be read.
    """
    hits = [(key, tree[key]) for key in _keys(tree, name, caseless)]
    head, dot, rest = name.partition(".")
    if not dot or (hits and not switch):
        return hits
    for key in _keys(tree, head, caseless):
        part = tree[key]
        if isinstance(part, dict):
            below = _find(part, rest, caseless=caseless, switch=switch)
            hits += [(f"{key}.{inner}", value) for inner, value in below]
        elif switch and not hits:
            hits.append((key, []))
    return hits


def _keys(tree: Mapping[str, Tree], name: str, caseless: bool) -> list[str]:
    if not caseless:
        return [name] if name in tree else []
    folded = switch_name(name)
    return [key for key in tree if switch_name(key) == folded]


def _labels(value: Tree, split: Callable[[str], list[str]]) -> list[Tree]:
    if isinstance(value, str):
        return [] if absent(value) else [*split(value)]
    return value if isinstance(value, list) else [value]


def _whole(text: str) -> list[str]:
    return [text]


def _listed(text: str) -> list[str]:
    """As Pelican splits: at semicolons where there is one, else at commas."""
    parts = text.split(";" if ";" in text else ",")
    return [part.strip() for part in parts if part.strip()]
