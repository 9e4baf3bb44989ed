"""The usual front matter → its tree, from the nodes that PyYAML composes in C.

That costs a quarter less than event after event. All that is out of the usual is left to
``yamlcompose``, which knows what is right and has the words for what is wrong.
"""

from __future__ import annotations

import re

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from topicast.records.tree import MAX_DEPTH, Item, Tree

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML was built without libyaml
    from yaml.parser import Parser as CParser  # type: ignore[assignment]

HAS_LIBYAML = yaml.__with_libyaml__
_LARGEST = 64 * 1024  # characters: a node takes some hundred bytes, and there is one a character
# An alias is not seen any more in what is composed. In the midst of a word these signs are text.
_ALIAS_OR_TAG = re.compile(r"(?:^|\W)[*!]")


class _UnusualError(Exception):
    """Event after event must decide."""


def quick_mapping(text: str) -> Item | None:
    """The mapping that ``text`` is; None where that cannot be told here."""
    if not HAS_LIBYAML or len(text) > _LARGEST:
        return None
    if ("*" in text or "!" in text) and _ALIAS_OR_TAG.search(text):
        return None
    try:
        node = _Composer(text).get_single_node()
        if type(node) is MappingNode:
            return Item(_mapping(node), node.start_mark.line + 1)
    except (yaml.YAMLError, ValueError, _UnusualError):
        pass
    return None


class _Composer(CParser):
    """PyYAML's, without types. The last three methods are those that it calls."""

    __slots__ = ("opened",)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.opened = 0

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        """On the way into a node: no type depends on the path here."""

    def ascend_resolver(self) -> None:
        """On the way out of it."""

    def resolve(self, kind: type[Node], value: str | None, implicit: object) -> None:
        """The type of a node, before what is inside it is read: none.

        PyYAML recurses in C, where deep nesting ends the process. As long as no more mappings
        and lists than ``MAX_DEPTH`` are opened at all, they cannot be nested deeper.
        """
        if value is None:
            self.opened += 1
            if self.opened > MAX_DEPTH:
                raise _UnusualError


def _mapping(node: MappingNode) -> dict[str, Tree]:
    tree: dict[str, Tree] = {}
    for key, value in node.value:
        if type(key) is not ScalarNode:
            raise _UnusualError
        tree[key.value] = value.value if type(value) is ScalarNode else _tree(value)
    if len(tree) < len(node.value) or "<<" in tree:  # a key is given twice, or a merge key
        raise _UnusualError
    return tree


def _tree(node: Node) -> Tree:
    if type(node) is MappingNode:
        return _mapping(node)
    return [item.value if type(item) is ScalarNode else _tree(item) for item in node.value]
