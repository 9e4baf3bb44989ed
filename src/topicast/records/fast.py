"""The accelerator: plain front matter through rapidyaml, where nothing can be read differently.

It is believed only where four things hold; else PyYAML decides, and PyYAML alone words errors:

1. every line is of plain shape;
2. there is no character that the two could see differently;
3. the JSON of it decodes into the strictly typed ``RawRecord``: where text belongs, only text
   counts, so ``1.10``, ``null`` or nothing there go to PyYAML;
4. no key of one mapping stands twice, and no switch is named in another case.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from topicast.records.documents import BODY_KINDS
from topicast.records.model import BodyKind
from topicast.records.record import ReadResult, ReadSettings, record_of
from topicast.records.schema import FIELD_NAMES, RawRecord
from topicast.records.switches import HIDING
from topicast.records.tree import Document

try:
    import ryml
except ImportError:  # the extra ``fast`` is not installed
    ryml = None

    _tree: Any = None
else:
    _tree = ryml.Tree()

# Two ways to say the same, the first much the faster; it is for text without any backslash, and
# takes whatever stands between two quotes: control characters must be ruled out before.
_QUOTED_SIMPLY = rb'"(?=.++(?<=")\n)[^"]*+"'  # the line ends in a quote, and the next one is that
_QUOTED = (
    rb'"(?:[^"\\\n]++'
    # JSON's escapes, but none for a control character or a surrogate.
    rb'|\\["\\/bfnrt]'
    rb'|\\u(?!00[0189]|[dD][89a-fA-F])[0-9a-fA-F]{4})*+"'
)
# A plain scalar that begins like a word, a number, a path or an address, and has no sign in it
# that YAML gives a meaning: no ": ", no " #", no quote, no bracket, no blank at its end.
# rapidyaml writes "nan" and "inf" as YAML's numbers of that name.
_TAME = rb"[\w.,/()+&=?%@~;$\x80-\xff-]*+"
_PLAIN = (
    rb"-?(?!(?:[iI][nN][fF](?:[iI][nN][iI][tT][yY])?+|[nN][aA][nN])\n)"
    rb"[A-Za-z0-9/]" + _TAME + rb"(?:(?::(?=[^\s])|\ (?=[^\s#:]))" + _TAME + rb")*+"
)
_KEY = rb"[A-Za-z][A-Za-z0-9_]*+"


def _shape(quoted: bytes) -> re.Pattern[bytes]:
    value = rb"(?:" + quoted + rb"|" + _PLAIN + rb")"
    # No more blanks than keep it flatter than MAX_DEPTH, whatever they indent.
    return re.compile(
        rb"(?:\ {0,90}+(?:-\ )?+(?:" + _KEY + rb":(?:\ " + value + rb")?+|" + value + rb")?+\n)++"
    )


_SIMPLE_SHAPE, _SHAPE = _shape(_QUOTED_SIMPLY), _shape(_QUOTED)
_CONTROLS = bytes({*range(32), 0x7F} - {ord("\n")})
_STRANGE = re.compile(r"[\x80-\x9f\u2028\u2029\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_LARGEST = 64 * 1024

_FIELDS = frozenset(FIELD_NAMES)
_CONTAINERS = frozenset((dict, list))
_decode = msgspec.json.Decoder().decode
_json = bytearray(8 * _LARGEST) if ryml is not None else bytearray()


class _NotPlain(Exception):  # noqa: N818 - it never leaves this module
    """PyYAML must decide."""


def is_available() -> bool:
    """Whether the extra ``fast`` is installed."""
    return ryml is not None


def read_fast(
    files: Sequence[tuple[str, bytes]], settings: ReadSettings
) -> list[ReadResult | None]:
    """The record of each file (path, bytes) of plain shape; None where PyYAML must decide.

    Many at a time, step by step: code that stays in the processor's cache runs a quarter faster.
    """
    if ryml is None or not settings.plain:
        return [None] * len(files)
    with _silenced():
        plain = [_plain(path, data) for path, data in files]
    return [
        None if one is None else _typed(path, one, settings)
        for (path, _), one in zip(files, plain, strict=True)
    ]


class _Plain(NamedTuple):
    raw: RawRecord
    body: str
    kind: BodyKind


def _plain(path: str, data: bytes) -> _Plain | None:
    kind = BODY_KINDS.get(path[path.rfind(".") :])
    if not kind or not data.startswith(b"---\n"):
        return None
    end = data.find(b"\n---\n", 3)
    if not 0 < end <= _LARGEST or b"\0" in data:
        return None
    try:
        return _Plain(_raw_record(data[4 : end + 1]), data[end + 5 :].decode(), kind)
    except (UnicodeDecodeError, msgspec.MsgspecError, _NotPlain):
        return None


def _typed(path: str, plain: _Plain, settings: ReadSettings) -> ReadResult | None:
    document = Document(item=0, tree={}, body=plain.body, body_kind=plain.kind)
    result = record_of(plain.raw, document, path, settings)
    # Whatever is to be said, PyYAML says it: it knows what was written, and where.
    return None if result.found else result


def _raw_record(front: bytes) -> RawRecord:
    if not _is_plain(front):
        raise _NotPlain
    # The tree points into this buffer: it must live until all is decoded.
    buffer = bytearray(front)
    try:
        _tree.clear()
        _tree.clear_arena()
        ryml.parse_in_place(buffer, tree=_tree)
        read = _decode(ryml.emit_json_in_place(_tree, _json))
    except msgspec.MsgspecError:
        raise
    except Exception as error:
        raise _NotPlain from error
    # A decoder keeps one of two equal keys: then there are fewer nodes than were written.
    if not isinstance(read, dict) or _nodes(read) + 1 != _tree.size():
        raise _NotPlain
    if any(key.casefold() in HIDING for key in read.keys() - _FIELDS):
        raise _NotPlain
    return msgspec.convert(read, RawRecord)


def _is_plain(front: bytes) -> bool:
    if len(front.translate(None, _CONTROLS)) != len(front):
        return False
    shape = _SHAPE if b"\\" in front else _SIMPLE_SHAPE
    if not shape.fullmatch(front):
        return False
    # Strange characters begin with one of these bytes. What is no UTF-8 is refused when decoded.
    if b"\xc2" in front or b"\xef" in front or b"\xe2\x80" in front:
        return not _STRANGE.search(front.decode())
    return True


def _nodes(tree: Any) -> int:
    """How many keys and items there are in a mapping or a list, and below."""
    count = len(tree)
    for value in tree.values() if tree.__class__ is dict else tree:
        if value.__class__ in _CONTAINERS:
            count += _nodes(value)
    return count


@contextmanager
def _silenced() -> Iterator[None]:
    """rapidyaml prints what it dislikes to file descriptor 2; PyYAML will say it better."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
