"""From files to the rows that the catalog keeps of their records. Free of any store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from topicast import gate, identity
from topicast.catalog.rows import FileRows, Finished, Row, digest_of, finish, short_hash
from topicast.engines.work import Work
from topicast.entries.entry import Look, entry_of, look_at, own_link
from topicast.entries.removed import taken_away
from topicast.gate import NEVER, State
from topicast.problems import Found, Level, Problem, has_error
from topicast.records import files
from topicast.records.fast import read_fast
from topicast.records.model import Record
from topicast.records.record import ReadResult, ReadSettings, read_record
from topicast.records.tree import Document
from topicast.records.zones import ZONE_ASSUMED

T = TypeVar("T")

_pack = msgspec.msgpack.Encoder().encode
_LOT_BYTES = 256 * 1024  # of files that are held at a time
_NO_STAMP = bytes(files.STAMP_SIZE)  # never that of a file: read again next time


class _Opened(msgspec.Struct, frozen=True):
    """A file with what is known of it so far; ``done`` where there is nothing to parse."""

    path: str
    stamp: bytes = b""
    digest: bytes = b""
    data: bytes = b""
    done: FileRows | None = None


class _Judged(msgspec.Struct, frozen=True):
    """A record with its problems; None where it is set aside (``refused``), or is none."""

    record: Record | None
    found: Sequence[Problem] = ()
    refused: Record | None = None
    items: int = 1  # of the file, that it stands for


def read_rows(
    work: Work, files_: Sequence[tuple[str, bytes]], folder: int | None = None
) -> list[FileRows]:
    """What each file gives, by path and known digest; one that has that digest is not parsed.

    ``folder`` is the descriptor of the one that all of them are in.
    """
    found: list[FileRows] = []
    lot: list[_Opened] = []
    size = 0
    for path, known in files_:
        lot.append(_open(work, path, known, folder))
        size += len(lot[-1].data)
        if size > _LOT_BYTES:
            found += _parse(work, lot)
            lot, size = [], 0
    return found + _parse(work, lot)


def _parse(work: Work, lot: Sequence[_Opened]) -> list[FileRows]:
    """What the files of a lot give.

    Step by step, not file after file: code that stays in the processor's cache runs a quarter
    faster.
    """
    asked = [one for one in lot if one.done is None]
    fast = read_fast([(one.path, one.data) for one in asked], work.read)
    trees = [
        () if quick else _held(one, _documents(work.read, one))
        for one, quick in zip(asked, fast, strict=True)
    ]
    records = [
        [_judged(work.read, one, quick)] if quick else _held(one, _records(work.read, one, tree))
        for one, quick, tree in zip(asked, fast, trees, strict=True)
    ]
    rows = iter(
        [
            _rows_of(work, one, found, quick is not None)
            for one, quick, found in zip(asked, fast, records, strict=True)
        ]
    )
    return [one.done or next(rows) for one in lot]


def _held(one: _Opened, items: Iterator[T]) -> Iterable[T]:
    """``items`` made now, where a file is no larger than a lot; else each when it is asked for."""
    return list(items) if len(one.data) <= _LOT_BYTES else items


def _open(work: Work, path: str, known: bytes, folder: int | None) -> _Opened:
    try:
        contents = files.read(work.root, path, folder)
    except files.Unreadable as error:
        return _Opened(path, done=FileRows(path, _NO_STAMP, b"", [], [error.problem], 1))
    digest = digest_of(contents.data)
    stamp = files.settled(contents.stamp, work.start_ns)
    if digest == known:
        return _Opened(path, done=FileRows(path, stamp, digest, None, []))
    return _Opened(path, stamp, digest, contents.data)


def _rows_of(work: Work, one: _Opened, records: Iterable[_Judged], fast: bool) -> FileRows:
    """The rows and problems of the ``records`` of a file; ``fast`` says who read it."""
    rows: list[Finished] = []
    problems: list[Problem] = []
    set_aside = 0
    for judged in records:
        record, found, row = judged.record, judged.found, None
        if record is not None:
            row, packed, more = row_of(record, work)
            if more:
                found = [*found, *_placed(one, record.item, more)]
                if has_error(more):
                    row, packed = refused_row(record, work), b""
        elif judged.refused is not None:
            row, packed = refused_row(judged.refused, work), b""
        if row is not None:
            rows.append(finish(row, packed, work.now))
        if found:
            problems += found
            if row is None and has_error(found):
                set_aside += judged.items
    return FileRows(one.path, one.stamp, one.digest, rows, problems, set_aside, fast)


def _documents(settings: ReadSettings, one: _Opened) -> Iterator[Document | Problem]:
    from topicast.records.documents import read_documents  # late: the accelerator takes most files

    return read_documents(one.path, one.data, headers=settings.headers)


def _records(
    settings: ReadSettings, one: _Opened, documents: Iterable[Document | Problem]
) -> Iterator[_Judged]:
    for document in documents:
        if isinstance(document, Problem):
            yield _Judged(None, [document], items=getattr(document, "items", 1))
        else:
            result = read_record(document, one.path, settings)
            yield _judged(settings, one, result, document.item)


def _judged(settings: ReadSettings, one: _Opened, result: ReadResult, item: int = 0) -> _Judged:
    if not result.found and not result.zone_assumed:  # the usual case
        return _Judged(result.record)
    problems = _placed(one, item, result.found)
    problems += _zone_problem(one.path, result, settings)
    return _Judged(result.record, problems, result.refused)


def _zone_problem(path: str, result: ReadResult, settings: ReadSettings) -> list[Problem]:
    if not result.zone_assumed or settings.zone_is_set:
        return []
    expected, remedy = ZONE_ASSUMED
    return [Problem(path, 0, "", expected, remedy, Level.WARNING)]


class Lines:
    """Finds the lines of fields in files under ``root``, each of which is read for it.

    Ask for those of one file one after the other: it is read once then.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._path = ""
        self._data: bytes | None = None

    def find(self, path: str, item: int, field: str) -> int:
        """The line of a field in an item of the file at ``path``; 0 where that cannot be read."""
        from topicast.records.locate import line_of

        if path != self._path:
            self._path, self._data = path, self._read(path)
        return 0 if self._data is None else line_of(self._data, path, item, field)

    def _read(self, path: str) -> bytes | None:
        try:
            return files.read(self._root, path).data
        except files.Unreadable:
            return None


def _placed(one: _Opened, item: int, found: Sequence[Found]) -> list[Problem]:
    """What was found in an item of a file, with its lines."""
    if not found:
        return []
    from topicast.records.locate import line_of  # late: few records have a problem

    path = one.path
    lines = [line_of(one.data, path, item, each.field) for each in found]
    return [
        Problem(path, line, each.field, each.expected, each.remedy, each.level)
        for each, line in zip(found, lines, strict=True)
    ]


def row_of(record: Record, work: Work) -> tuple[Row | None, bytes, list[Found]]:
    """What the catalog keeps of ``record``; the record itself, packed, if it may ever be shown."""
    visible = gate.visibility(record, preview=work.preview)
    seen = visible.state is State.SHOWN
    look = _UNSEEN
    found: list[Found] = []
    if seen:
        look, found = look_at(record, work.entry)
        if work.thorough:
            _, found = entry_of(record, work.entry)
            found += taken_away(record, look.link, work.entry.site_url, work.render.embeds)
    id, tail = _known_by(record, work)
    if not id:
        expected = "one of many records in a file, without a link of its own"
        return None, b"", [Found("id", expected, "write id: and any text")]
    row = Row(
        item=record.item,
        state=visible.state,
        sort=NEVER if record.published is None else record.published,
        opens=visible.opens,
        closes=visible.closes,
        key=short_hash(id),
        by_uri=id == record.id,
        many=record.many,
        tail=tail,
        updated=look.updated,
        id=id if seen else "",
        link=short_hash(look.link) if look.link else b"",
        bare=look.bare,
        topics=look.topics,
    )
    if not seen:
        return _told_of(record, row, id, work), b"", []
    return row, b"" if look.bare else _pack(record), found


def refused_row(record: Record, work: Work) -> Row | None:
    """What the catalog keeps of a record that an error sets aside; None where it has no id.

    Its id is not another's meanwhile: readers would take that one's entry for it.
    """
    id, tail = _known_by(record, work)
    if not id:
        return None
    return Row(
        item=record.item,
        state=State.UNPUBLISHED,
        sort=NEVER if record.published is None else record.published,
        opens=NEVER,
        closes=NEVER,
        key=short_hash(id),
        by_uri=id == record.id,
        many=record.many,
        tail=tail,
        refused=True,
    )


def _known_by(record: Record, work: Work) -> tuple[str, bytes]:
    """The id of a record if it keeps the key, and its tail; "" for an item without id and link."""
    if not record.many:
        stem = identity.stem_of(record.path)
        return identity.entry_id(work.identity, record.id, stem), b""
    link = own_link(record)
    if not record.id and not link:
        return "", b""
    return identity.entry_id(work.identity, record.id, link), _tail(record, link)


def _tail(record: Record, link: str) -> bytes:
    """What an item of a file of many is known by if another has its link.

    Not its place, which each item that is put before it changes; but nobody knows it by any id
    while it has no date.
    """
    if record.published is None:
        return short_hash(f"{record.item}")
    return short_hash(f"{link} {record.published} {record.title}")


_UNSEEN = Look(link="", updated=0, bare=False, topics=())


def _told_of(record: Record, row: Row, id: str, work: Work) -> Row:
    """``row`` of a record that is never seen, with what a tombstone of it says, if it has one."""
    tombstone = gate.tombstone(record) if work.tombstones else None
    if tombstone is None:
        return row
    look, found = look_at(record, work.entry)
    if look.bare or has_error(found):
        return row  # it was never shown
    return msgspec.structs.replace(row, id=id, topics=look.topics, tombstone=tombstone)
