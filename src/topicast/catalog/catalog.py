"""What a build asks of the catalog: put records, see how they stand, and which topics that touched.

A record is *placed* when it stands in the catalog with its consequences (membership of feeds,
counts, instants that are due) and *displaced* when these are taken back. Every change is the one
after the other, so that cold and incremental builds are one path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from topicast.catalog import claims, contention, lines, store
from topicast.catalog.contention import Contender, Verdict
from topicast.catalog.inserts import Inserts
from topicast.catalog.months import Month, month_of
from topicast.catalog.rows import FileRows, Finished, Standing, unpack_row
from topicast.gate import NEVER
from topicast.identity import Identity, path_id
from topicast.problems import Problem
from topicast.records.model import Micros

ALL = 0  # the topic of all topics together

_pack = msgspec.msgpack.Encoder().encode
# Asked for with every record, and a member of an enumeration is looked up slowly in Python 3.11.
_SHOWN, _WITHDRAWN, _ASIDE = Standing.SHOWN, Standing.WITHDRAWN, Standing.ASIDE
_RECORD = "SELECT rec, path, row, standing, id FROM record "


class Counts(NamedTuple):
    """How many records stand how, and how many entries a topic has."""

    standings: Counter[str]
    entries: Counter[int]


class Dirty(NamedTuple):
    """What must be settled: the hashes of ids and of links that others may have now."""

    keys: set[bytes]
    links: set[bytes]


class Catalog:
    """One opened catalog, for one build. Not for use by two threads at a time."""

    def __init__(
        self,
        opened: store.Opened,
        now: Micros,
        identity: Identity,
        memberships: Callable[[str], Iterable[str]],
        *,
        newest_only: bool,
    ) -> None:
        """``memberships`` gives for a topic name the folded names of all feeds it leads to."""
        self.db = opened.db
        self.fresh = opened.fresh
        self.touched: set[int] = set()
        # Of touched topics, by published. Not kept in a fresh catalog, where all are composed.
        self.touched_months: set[tuple[int, Month]] = set()
        self._opened = opened
        self._changes_before = self.db.total_changes
        self.now = now
        self._identity = identity
        self._memberships = memberships
        self.newest_only = newest_only
        self._topics: dict[str, tuple[int, ...]] = {}
        self._by_folded: dict[str, int] = dict(
            self.db.execute("SELECT folded, topic FROM topic").fetchall()
        )
        self._inserts = Inserts(self.db)
        self._next_rec = self.db.execute("SELECT max(rec) FROM record").fetchone()[0] or 0
        self._next_rec += 1
        self.dirty = Dirty(set(), set())
        standings = Counter(self._load("standings", dict[str, int]) or {})
        entries = Counter(dict(self.db.execute("SELECT topic, entries FROM topic").fetchall()))
        self.counts = Counts(standings, entries)

    # What a build remembers from one run to the next.

    def recall(self, name: str) -> bytes:
        """What ``remember`` stored under ``name`` before; b"" where nothing was."""
        found = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return b"" if found is None else bytes(found[0])

    def remember(self, name: str, value: bytes) -> None:
        if self.recall(name) != value:
            self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _load(self, name: str, kind: type[dict[str, int]]) -> dict[str, int] | None:
        packed = self.recall(name)
        return msgspec.msgpack.decode(packed, type=kind) if packed else None

    @property
    def file(self) -> str:
        """Where it is by now; "" where it is kept in memory."""
        return self._opened.temporary or self._opened.path

    def secure(self) -> None:
        """Bring what was done to the disk, so that ``commit`` will not fail for want of room."""
        self._remember_state()
        store.secure(self._opened)

    def commit(self) -> None:
        """Keep what was done. Where that is nothing, the file is not written either.

        ``now`` is older then than this build, and as good: nothing became due in between.
        """
        changed = self.db.total_changes > self._changes_before
        if self.fresh or changed or self.recall(store.TAKEN_BACK):
            self._remember_state()
            store.commit(self._opened)

    def _remember_state(self) -> None:
        self.remember("now", str(self.now).encode())
        self.remember("standings", _pack(dict(+self.counts.standings)))
        self.db.executemany(
            "UPDATE topic SET entries = ? WHERE topic = ?",
            [(self.counts.entries[topic], topic) for topic in self.touched],
        )

    def forget(self) -> None:
        store.forget(self._opened)

    # Putting records.

    def put(self, found: FileRows) -> None:
        """Take what one file gave in the place of what it gave before."""
        for row in (found.rows or ()) if self.fresh else self._renewed(found):
            self._insert(found.path, row)
        for problem in found.problems:
            told = (found.path, _pack(problem))
            self.db.execute("INSERT INTO problem(path, problem) VALUES (?, ?)", told)
        if found.set_aside:
            self.db.execute("INSERT INTO aside VALUES (?, ?)", (found.path, found.set_aside))
            self.counts.standings[Standing.ASIDE] += found.set_aside

    def _renewed(self, found: FileRows) -> list[Finished]:
        """What of a file is new or another thing now; what it was before is taken away."""
        query = """SELECT item, rec, row, ifnull(packed, x'')
            FROM record LEFT JOIN shown USING (rec) WHERE path = ?"""
        stored = self.db.execute(query, (found.path,))
        old = {item: (rec, (row, packed)) for item, rec, row, packed in stored}
        self._forget_problems(found.path)
        renewed = []
        for row in found.rows or ():
            rec, known = old.pop(row.item, (None, None))
            if known == (row.row, row.record):
                continue
            if rec is not None:
                self._remove(rec, replaced=bool(row.record))
            renewed.append(row)
        for rec, _ in old.values():
            self._remove(rec, replaced=False)
        return renewed

    def _forget_problems(self, path: str) -> None:
        query = "DELETE FROM aside WHERE path = ? RETURNING records"
        for (records,) in self.db.execute(query, (path,)).fetchall():
            self.counts.standings[Standing.ASIDE] -= records
        self.db.execute("DELETE FROM problem WHERE path = ? AND rec IS NULL", (path,))
        # What stays is of a record that is still the same, but perhaps on another line.
        self.db.execute("UPDATE problem SET line = 0 WHERE path = ?", (path,))

    def drop(self, path: str) -> None:
        """Forget a file that is gone."""
        self.put(FileRows(path, b"", b"", [], []))

    def _insert(self, path: str, row: Finished) -> None:
        rec = self._next_rec
        self._next_rec += 1
        self._inserts.record(rec, path, row)
        self._place(rec, row.standing, row.later, row.updated, row.topics, row.due)
        if row.standing is _ASIDE:
            self._explain(self._contender(rec, path, row.row, row.standing, row.id), "")
        if not self.fresh:
            self.dirty.keys.add(row.key)
            self.dirty.links.add(row.link)
        if self._inserts.is_full:
            self.flush()

    def flush(self) -> None:
        """Store what was placed."""
        self._inserts.flush()

    def settle_in(self) -> None:
        """Bring a fresh catalog in order, when all is put and flushed."""
        store.settle_in(self.db)

    def _remove(self, rec: int, *, replaced: bool) -> None:
        """``replaced`` says that another text may be seen in its place."""
        one = self.contenders("WHERE rec = ?", rec)[0]
        self._displace(one)
        self.db.execute("DELETE FROM record WHERE rec = ?", (rec,))
        deleted = self.db.execute("DELETE FROM shown WHERE rec = ?", (rec,)).rowcount
        if deleted and not replaced:
            self.remember(store.TAKEN_BACK, b"1")
        self.dirty.keys.update(claims.set_lost(self.db, one, False), [one.row.key])
        self.dirty.links.add(one.row.link)

    def _place(
        self,
        rec: int,
        standing: Standing,
        later: int,
        updated: Micros,
        names: Iterable[str],
        due: Iterable[Micros],
    ) -> None:
        self.counts.standings[standing] += 1
        if standing is _SHOWN:
            topics = self.topics_of(names)
            self.touch(topics, -later)
            entries = self.counts.entries
            for topic in topics:
                entries[topic] += 1
            self._inserts.member(rec, topics, later)
        elif standing is _WITHDRAWN and updated != NEVER:
            topics = self.topics_of(names)
            self.touched.update(topics)
            self._inserts.grave(rec, topics, -updated)
        if due:
            self._inserts.due(rec, due)

    def _explain(self, one: Contender, because: str) -> None:
        if one.row.refused:
            return  # its file says why
        problem = contention.aside_problem(one, because)
        record = (one.path, one.rec, _pack(problem))
        self.db.execute("INSERT INTO problem(path, rec, problem) VALUES (?, ?, ?)", record)

    def _displace(self, one: Contender) -> None:
        self.counts.standings[one.standing] -= 1
        if one.standing is Standing.SHOWN:
            topics = self.topics_of(one.row.topics)
            self.touch(topics, one.row.sort)
            self.counts.entries.subtract(topics)
            self.db.executemany(
                "DELETE FROM member WHERE topic = ? AND later = ? AND rec = ?",
                [(topic, -one.row.sort, one.rec) for topic in topics],
            )
        elif one.standing is Standing.WITHDRAWN and one.row.tombstone is not None:
            self.touched.update(self.topics_of(one.row.topics))
            self.db.execute("DELETE FROM grave WHERE rec = ?", (one.rec,))
        elif one.standing is Standing.ASIDE:
            told = "DELETE FROM problem WHERE path = ? AND rec = ?"
            self.db.execute(told, (one.path, one.rec))
        self.db.execute("DELETE FROM fragment WHERE rec = ?", (one.rec,))
        self.db.execute("DELETE FROM due WHERE rec = ?", (one.rec,))

    def touch(self, topics: Iterable[int], published: Micros) -> None:
        """Note that what ``topics`` say of an entry of that date may be another thing now."""
        self.touched.update(topics)
        if not self.fresh:
            month = month_of(published)
            self.touched_months.update((topic, month) for topic in topics)

    def topics_of(self, names: Iterable[str]) -> set[int]:
        """The numbers of all feeds that an entry with these topics is in."""
        topics = {ALL}
        for name in names:
            known = self._topics.get(name)
            if known is None:
                known = tuple(self._topic(folded) for folded in self._memberships(name))
                self._topics[name] = known
                self.db.execute("INSERT OR IGNORE INTO spelling VALUES (?)", (name,))
            topics.update(known)
        return topics

    def _topic(self, folded: str) -> int:
        topic = self._by_folded.get(folded)
        if topic is None:
            cursor = self.db.execute("INSERT INTO topic(folded) VALUES (?)", (folded,))
            assert cursor.lastrowid is not None
            topic = self._by_folded[folded] = cursor.lastrowid
        return topic

    def contenders(self, where: str, *values: object) -> list[Contender]:
        return [self._contender(*found) for found in self.db.execute(_RECORD + where, values)]

    def _contender(self, rec: int, path: str, packed: bytes, standing: str, id: str) -> Contender:
        row = unpack_row(packed)
        by_path = path_id(self._identity, path, f"#{row.tail.hex()}" if row.many else "")
        return Contender(rec, path, row, Standing(standing), id, by_path)

    def restand(self, one: Contender, verdict: Verdict) -> None:
        """Let a record stand as ``verdict`` says at the time of this build, if it does not yet."""
        updated = one.row.updated_at(self.now)
        query = "SELECT updated FROM record WHERE rec = ?"
        same = (one.standing, one.id) == verdict[:2] and verdict.standing is not Standing.ASIDE
        if same and self.db.execute(query, (one.rec,)).fetchone()[0] == updated:
            return
        self._displace(one)
        self.db.execute(
            "UPDATE record SET standing = ?, id = ?, updated = ? WHERE rec = ?",
            (verdict.standing, verdict.id, updated, one.rec),
        )
        row = one.row
        due = row.due_after(self.now)
        self._place(one.rec, verdict.standing, -row.sort, updated, row.topics, due)
        if verdict.standing is Standing.ASIDE:
            self._explain(one._replace(standing=verdict.standing, id=verdict.id), verdict.because)
        self.flush()  # the next verdict may displace it again
        self.dirty.links.add(one.row.link)

    def put_due(self, one: Contender) -> None:
        """Note anew when something about a record changes by itself."""
        self.db.execute("DELETE FROM due WHERE rec = ?", (one.rec,))
        self._inserts.due(one.rec, one.row.due_after(self.now))
        self.flush()

    # What the rest of a build asks.

    def next_due(self) -> Micros | None:
        """The next instant at which something changes by itself."""
        found = self.db.execute("SELECT min(at) FROM due WHERE at > ?", (self.now,)).fetchone()
        return None if found[0] is None else int(found[0])

    def usable(self) -> int:
        """How many records show that the archive is whole (specification, section 8)."""
        return contention.usable(self.counts.standings)

    def problems(self) -> list[Problem]:
        """Every problem of every record, in order."""
        return sorted(lines.problems(self.db))
