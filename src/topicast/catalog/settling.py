"""Lets each record stand as it must at the time of this build, given all others.

Only what may have changed is looked at: the records of which an instant has come, and whoever has
one id or one link with a record that was put or taken away.
"""

from __future__ import annotations

from collections.abc import Iterator

from topicast.catalog import claims, contention, store
from topicast.catalog.catalog import Catalog
from topicast.catalog.contention import Contender, Verdict


def settle(catalog: Catalog) -> None:
    """Once all records are put: time, then ids, then links."""
    catalog.flush()
    if catalog.fresh:
        catalog.settle_in()
    else:
        _wake(catalog)
    _settle_stems(catalog)
    _settle_paths(catalog)
    if catalog.newest_only:
        _settle_links(catalog)


def _wake(catalog: Catalog) -> None:
    """Look again at the records of which an instant has come, or has been taken back."""
    last = int(catalog.recall("now") or b"0")
    if catalog.now < last:
        recs = catalog.db.execute("SELECT rec FROM record").fetchall()
    else:
        # Sorted here: asked for distinct ones, SQLite would look at all that are due at some time.
        query = "SELECT rec FROM due WHERE at <= ?"
        recs = sorted(set(catalog.db.execute(query, (catalog.now,))))
    for (rec,) in recs:
        one = catalog.contenders("WHERE rec = ?", rec)[0]
        catalog.restand(one, Verdict(one.row.at(catalog.now), one.id or one.row.id))
        if catalog.now < last:
            catalog.put_due(one)  # what lay behind may lie ahead again, though all stands as it did
        catalog.dirty.keys.add(one.row.key)


def _settle_stems(catalog: Catalog) -> None:
    """Give each stem and each written ``id`` to one record."""
    for group in _groups(catalog, "key", catalog.dirty.keys):
        verdicts = contention.by_key(group, catalog.now)
        _judge(catalog, group, verdicts)
        for one in group:
            lost = one.rec not in verdicts
            catalog.dirty.keys.update(claims.set_lost(catalog.db, one, lost))


def _settle_paths(catalog: Catalog) -> None:
    """Name those by their paths that have no stem, as far as no stem or ``id`` is in the way."""
    done: set[str] = set()
    for key in sorted(catalog.dirty.keys):
        group = catalog.contenders(claims.OF_CLAIM, key)
        if group and group[0].path_id not in done:
            taken = claims.taken(catalog.db, group[0])
            _judge(catalog, group, contention.by_path(group, taken, catalog.now))
            done.add(group[0].path_id)


def _settle_links(catalog: Catalog) -> None:
    catalog.dirty.links.discard(b"")
    for group in _groups(catalog, "link", catalog.dirty.links):
        _judge(catalog, group, contention.by_link(group, catalog.now))


def _groups(catalog: Catalog, column: str, dirty: set[bytes]) -> Iterator[list[Contender]]:
    """The records that have one ``column``: each group in which something may have changed."""
    for value in sorted(contended(catalog, column) if catalog.fresh else dirty):
        group = sharing(catalog, column, value)
        if group:
            yield group


def contended(catalog: Catalog, column: str) -> list[bytes]:
    """Each ``key`` or ``link`` (``column``) that more than one record has."""
    if column == "link":
        store.index_links(catalog.db)
    query = f"SELECT {column} FROM record WHERE {column} <> x'' GROUP BY 1 HAVING count(*) > 1"  # noqa: S608
    return [value for (value,) in catalog.db.execute(query)]


def sharing(catalog: Catalog, column: str, value: bytes) -> list[Contender]:
    """The records that have this ``key`` or ``link``."""
    # Without the second term SQLite would not use an index of those alone that have a link.
    return catalog.contenders(f"WHERE {column} = ? AND {column} <> x''", value)


def _judge(catalog: Catalog, group: list[Contender], verdicts: dict[int, Verdict]) -> None:
    for one in group:
        if one.rec in verdicts:
            catalog.restand(one, verdicts[one.rec])
