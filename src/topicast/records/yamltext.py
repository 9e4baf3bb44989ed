"""YAML text → trees, from the events of PyYAML's parser, in which no scalar gets a type.

PyYAML's own composer recurses in C, so that deep nesting ends the process, and its constructor
keeps the last of two equal keys. ``Composer`` stands in for both.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from yaml.events import DocumentStartEvent, StreamEndEvent

from topicast.records.tree import Item, nul_character
from topicast.records.yamlcompose import Composer, Marks
from topicast.records.yamlerrors import syntax_error

try:
    from yaml import CBaseLoader as Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import BaseLoader as Loader  # type: ignore[assignment]

MAX_NODES = 100_000  # what a front matter may hold, every alias counted as what it stands for


class YamlReader:
    """Reads the YAML of one file.

    ``max_nodes`` is what it may hold in all, aliases counted as what they stand for: they are
    shared objects, so an alias bomb costs nothing here, but it would in whoever walks the tree.
    With ``marks``, the line of every key and list item is noted there.
    """

    def __init__(self, max_nodes: int = MAX_NODES, marks: Marks | None = None) -> None:
        self._nodes_left = max_nodes
        self._marks = marks

    def documents(self, text: str, above: int = 0) -> Iterator[Item | list[Item]]:
        """The documents of a stream, a list as its items; empty documents are left out.

        ``above`` is how many lines of the file are before ``text``. Raises ``TreeError`` where
        the rest cannot be read.
        """
        if "\0" in text:  # libyaml takes it for the end
            raise nul_character(text.count("\n", 0, text.index("\0")) + above + 1)
        try:
            loader = Loader(text)
            while not isinstance(event := loader.get_event(), StreamEndEvent):
                if isinstance(event, DocumentStartEvent):
                    composer = Composer(above + 1, self._nodes_left, self._marks)
                    document = composer.document(loader.get_event)
                    self._nodes_left = max(0, self._nodes_left - composer.nodes)
                    if isinstance(document, list) or document.value != "":
                        yield document
        except (yaml.YAMLError, ValueError) as error:
            raise syntax_error(text, above, error) from None
