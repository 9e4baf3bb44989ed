"""``topics.yaml``: what the publisher says of topics (specification section 6).

A taxonomy is configuration, so what is wrong in it ends the build, with file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from topicast.problems import ConfigError, Problem, quote
from topicast.records.tree import Item, Tree, TreeError
from topicast.topics.addresses import is_address
from topicast.topics.names import fold, is_name, tidy

_MAX_VALUES = 1_000_000
_MOST_PARENTS = 100  # pages and OPML nest as topics do, and their makers call themselves
_NO_PARENT = ("", "null", "~")


class TopicRow(msgspec.Struct, frozen=True, kw_only=True):
    """One topic as it is written, texts tidied. ``""`` is what is not written."""

    name: str
    slug: str = ""  # ``_id``: the address that it wants, should it be new
    shortname: str = ""
    parent: str = ""  # a name, an alias or an ``_id``
    description: str = ""
    aliases: tuple[str, ...] = ()  # old names


class Taxonomy(msgspec.Struct, frozen=True):
    """All rows, in the order of the files, and what follows from them."""

    rows: tuple[TopicRow, ...] = ()
    by_name: dict[str, TopicRow] = {}  # by folded name and alias
    chains: dict[str, tuple[str, ...]] = {}  # folded names of parents, the nearest first

    def canonical(self, folded: str) -> TopicRow | None:
        """The topic of this folded name or alias, if there is one."""
        return self.by_name.get(folded)

    def owner(self, folded: str) -> str:
        """The folded name of the topic that a name stands for: an alias is another's old name."""
        row = self.by_name.get(folded)
        return fold(row.name) if row else folded

    def ancestors(self, folded: str) -> tuple[str, ...]:
        """The folded names of the topic's parents, the nearest first. No alias has any."""
        return self.chains.get(folded, ())


class _Placed(msgspec.Struct, frozen=True):
    """A row and where it stands, for what may be found wrong with it later."""

    row: TopicRow
    path: str
    line: int

    def error(self, field: str, expected: str, remedy: str) -> ConfigError:
        return _error(self.path, self.line, field, expected, remedy)


def read_taxonomy(files: Iterable[tuple[str, bytes]]) -> Taxonomy:
    """The taxonomy from YAML files, each a list of mappings or one mapping a document.

    Each file is its path, as errors are to name it, and its bytes. Keys that are not known are
    passed over. Raises ConfigError for what is no YAML, a topic without a name, a name or alias or
    ``_id`` that two topics have, an ``_id`` that is no address, a parent that is none of the
    topics, a circle of parents, and more than 100 of them above each other.
    """
    placed = [row for path, data in files for row in _read_file(path, data)]
    by_name = _by_name(placed)
    parents = _parents(placed, by_name)
    chains = {fold(one.row.name): _chain(one, parents, by_name) for one in placed}
    return Taxonomy(
        tuple(one.row for one in placed),
        {folded: one.row for folded, one in by_name.items()},
        {folded: chain for folded, chain in chains.items() if chain},
    )


def _error(path: str, line: int, field: str, expected: str, remedy: str) -> ConfigError:
    return ConfigError(str(Problem(path, line, field, expected, remedy)))


def _read_file(path: str, data: bytes) -> Iterator[_Placed]:
    from topicast.records.yamltext import YamlReader  # late: many sites have no taxonomy

    try:
        text = data.decode("utf-8-sig")
        for document in YamlReader(_MAX_VALUES).documents(text):
            for item in document if isinstance(document, list) else [document]:
                yield _read_row(path, item)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(path, line, "", "not UTF-8", "save the file as UTF-8") from None
    except TreeError as error:
        raise _error(path, error.line, error.field, error.expected, error.remedy) from None


def _read_row(path: str, item: Item) -> _Placed:
    if isinstance(item.value, TreeError):
        raise item.value
    if not isinstance(item.value, dict):
        remedy = 'write a list of mappings: "- name: My topic"'
        raise _error(path, item.line, "", "a mapping belongs here", remedy)
    tree = item.value
    slug = _text(tree, "_id", path, item.line)
    if slug and not is_address(slug):
        expected = f"{quote(slug)} is no address that a topic may have"
        remedy = 'write lower-case letters and digits, with single hyphens between: "my-topic"'
        raise _error(path, item.line, "_id", expected, remedy)
    name = _text(tree, "name", path, item.line)
    if not name:
        raise _error(path, item.line, "name", "a topic without a name", 'write "name: My topic"')
    row = TopicRow(
        name=name,
        slug=slug,
        shortname=_text(tree, "shortname", path, item.line),
        parent=_text(tree, "parent", path, item.line),
        description=_text(tree, "description", path, item.line),
        aliases=_aliases(tree.get("aliases", []), path, item.line),
    )
    return _Placed(row, path, item.line)


def _text(tree: dict[str, Tree], field: str, path: str, line: int) -> str:
    value = tree.get(field, "")
    if isinstance(value, str) and (not value.strip() or is_name(value)):
        return tidy(value)
    raise _error(path, line, field, "not a text, or one with control characters", "write a text")


def _aliases(value: Tree, path: str, line: int) -> tuple[str, ...]:
    aliases = [value] if isinstance(value, str) and value else value or []
    texts = [alias for alias in aliases if isinstance(alias, str) and is_name(alias)]
    if not isinstance(aliases, list) or len(texts) != len(aliases):
        raise _error(path, line, "aliases", "not a list of names", "write a list: [Old name]")
    return tuple(map(tidy, texts))


def _by_name(placed: Iterable[_Placed]) -> dict[str, _Placed]:
    by_name: dict[str, _Placed] = {}
    for one in placed:
        for field, name in (("name", one.row.name), *(("aliases", a) for a in one.row.aliases)):
            other = by_name.setdefault(fold(name), one)
            if other is not one:
                expected = f"{quote(name)} is a name of the topic at {other.path}:{other.line} too"
                raise one.error(field, expected, "leave it to one of the two")
    return by_name


def _parents(placed: Iterable[_Placed], by_name: dict[str, _Placed]) -> dict[str, str]:
    """The folded name of each topic's parent, by the topic's folded name."""
    by_slug: dict[str, _Placed] = {}
    for one in placed:
        other = by_slug.setdefault(one.row.slug, one) if one.row.slug else one
        if other is not one:
            expected = f"the topic at {other.path}:{other.line} has it too"
            raise one.error("_id", expected, "give each topic its own")
    parents = {}
    for one in placed:
        parent = by_name.get(fold(one.row.parent)) or by_slug.get(one.row.parent)
        if parent is not None:
            parents[fold(one.row.name)] = fold(parent.row.name)
        elif one.row.parent not in _NO_PARENT:
            expected = f"no topic has the name or _id {quote(one.row.parent)}"
            raise one.error("parent", expected, "write one that has a row, or add the row")
    return parents


def _chain(start: _Placed, parents: dict[str, str], by_name: dict[str, _Placed]) -> tuple[str, ...]:
    chain = [fold(start.row.name)]
    seen = set(chain)
    while (parent := parents.get(chain[-1])) is not None:
        chain.append(parent)
        if parent in seen:
            circle = chain[chain.index(parent) :]
            shown = " → ".join(quote(by_name[folded].row.name) for folded in circle)
            first = by_name[parent]
            raise first.error("parent", f"parents go in a circle: {shown}", "take one of them out")
        seen.add(parent)
    if len(chain) > _MOST_PARENTS + 1:
        expected = f"more than {_MOST_PARENTS} topics stand above this one"
        raise start.error("parent", expected, "nest topics less deep")
    return tuple(chain[1:])
