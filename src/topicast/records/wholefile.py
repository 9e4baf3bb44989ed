"""Files that are records from end to end (YAML, JSON, JSON lines) → items.

One bad item never takes another with it, as far as its end can be found: the next line of a
``.jsonl``, the next ``---`` of a stream, the next item of a list whose syntax is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from topicast.records.jsontext import read_json, read_json_value
from topicast.records.tree import Item, TreeError, fault, nul_character
from topicast.records.yamlcompose import Marks
from topicast.records.yamltext import MAX_NODES, YamlReader

BOM = b"\xef\xbb\xbf"
_DOCUMENT = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)


def decode(data: bytes) -> str:
    """Text without byte order mark. Raises ``TreeError`` where it is not UTF-8, or holds NUL."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TreeError(line, "not UTF-8", "save the file as UTF-8") from None
    nul = text.find("\0")
    if nul >= 0:
        raise nul_character(text.count("\n", 0, nul) + 1)
    return text.removeprefix("\ufeff")


def items_of(suffix: str, data: bytes, marks: Marks | None = None) -> Iterator[Item]:
    """The items of a file, ``suffix`` in lower case; never raises, an error is an item's value."""
    if suffix in (".yaml", ".yml"):
        return _yaml_items(data, marks)
    if suffix == ".json":
        return _json_items(data)
    return _json_lines(data) if suffix == ".jsonl" else iter(())


def _yaml_items(data: bytes, marks: Marks | None) -> Iterator[Item]:
    reader = YamlReader(MAX_NODES + 2 * len(data), marks)  # more than can be written out
    above, many = 0, False
    for part in _documents(data.removeprefix(BOM)):
        for item in _yaml_part(reader, part, above):
            yield Item(item.value, item.line, many or item.many)
            many = True
        above += part.count(b"\n")


def _documents(data: bytes) -> Iterator[bytes]:
    """The documents of a stream, each with the ``---`` above it.

    In column 0 that begins a document whatever it stands in, an open quote or a block of text
    too, so that an error in one document cannot hide the next.
    """
    start = 0
    for fence in _DOCUMENT.finditer(data):
        end = _before_directives(data, start, fence.start())
        if end > start:
            yield data[start:end]
            start = end
    yield data[start:]


def _before_directives(data: bytes, start: int, fence: int) -> int:
    """Where the document of a ``---`` begins: lines with ``%`` above it belong to it."""
    first = line = fence
    while line > start:
        line = data.rfind(b"\n", start, line - 1) + 1 or start
        mark = data[line : line + 1]
        if mark == b"%":
            first = line
        elif mark not in (b"#", b"\n", b"\r"):
            break
    return first


def _yaml_part(reader: YamlReader, part: bytes, above: int) -> Iterator[Item]:
    try:
        text = decode(part)
    except TreeError as error:
        error.line += above
        yield fault(error)
        return
    try:
        for document in reader.documents(text, above):
            if isinstance(document, list):
                yield from document
            else:
                yield document
    except TreeError as error:
        yield fault(error)


def _json_items(data: bytes) -> Iterator[Item]:
    try:
        yield from read_json(decode(data))
    except TreeError as error:
        yield fault(error)


def _json_lines(data: bytes) -> Iterator[Item]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip(b" \t\r" + BOM):
            try:
                item = read_json_value(decode(line))
            except TreeError as error:
                item = fault(error)
            if isinstance(item.value, TreeError):
                item.value.line = number
            yield Item(item.value, number, many=True)
