"""From the folder of records to the catalog: what changed is read and put, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from topicast.catalog import lines
from topicast.catalog.catalog import Catalog
from topicast.catalog.rows import FileRows
from topicast.catalog.settling import settle
from topicast.catalog.stamps import (
    Known,
    changes_in,
    count_known,
    forget_folder,
    known_files,
    known_folders,
    remember_files,
)
from topicast.engines.ahead import lister
from topicast.engines.engine import BATCH, Engine, Task
from topicast.problems import Level
from topicast.records import files
from topicast.records.listing import Folder, Place, walk


class Reading:
    """One pass over the records, with what it saw."""

    def __init__(
        self,
        catalog: Catalog,
        root: str,
        wanted: Callable[[str], bool],
        skipped: Collection[str] = (),
        jobs: int = 1,
    ) -> None:
        """``jobs`` is how many processes may look at the folders at a time."""
        self.files = 0  # record files that are there
        self.parsed = 0  # of them, read and parsed in this run
        self.fast = 0  # of these, parsed by the accelerator
        self._catalog = catalog
        self._root = root
        self._wanted = wanted
        self._skipped = skipped
        self._jobs = jobs
        self._pending: dict[str, _Pending] = {}

    def run(self, engine: Engine, step: Callable[[int], None]) -> None:
        """Bring the catalog up to date; ``step`` is told of each lot of files that is done.

        Raises: BuildError where the records cannot be listed.
        """
        for task, results in engine.read(self._tasks()):
            pending = self._pending[task.folder]
            stamps, digests = pending.known
            for found in results:
                name = found.path.rpartition("/")[2]
                stamps[name] = found.stamp
                digests[name] = found.digest
                if found.rows is not None:
                    self.parsed += 1
                    self.fast += found.fast
                    self._catalog.put(found)
            pending.tasks -= 1
            self._finish(task.folder, pending)
            step(len(results))

    def settle(self) -> None:
        """Let each record stand as it must given all others, and find the lines of new problems."""
        settle(self._catalog)
        missing = lines.without_line(self._catalog.db)
        if missing:
            from topicast.engines.intake import Lines  # late: few runs have a new problem

            found = Lines(self._root)
            for rec, item, problem in missing:
                line = found.find(problem.path, item, problem.field)
                lines.put_line(self._catalog.db, problem.path, rec, line)

    def _tasks(self) -> Iterator[Task]:
        gone = known_folders(self._catalog.db)
        for folder in self._walk():
            gone.discard(folder.path)
            self.files += len(folder.names) - len(folder.problems)
            yield from self._tasks_in(folder)
        for path in sorted(gone):
            for name in known_files(self._catalog.db, path).stamps:
                self._catalog.drop(f"{path}/{name}" if path else name)
            forget_folder(self._catalog.db, path)

    def _walk(self) -> Iterator[Folder]:
        # Where everything is read, the stamp is that of the open file.
        place = Place(self._root, self._wanted, stamped=not self._catalog.fresh)
        known = count_known(self._catalog.db)
        with lister(place, self._jobs, known) as list_one:
            yield from walk(list_one, self._skipped)

    def _tasks_in(self, folder: Folder) -> Iterator[Task]:
        db = self._catalog.db
        names, known = folder.names, Known({}, {})
        if not self._catalog.fresh:
            changes = changes_in(db, folder)
            if changes is None:
                return
            names, known = changes.read, changes.known
            for name in changes.gone:
                self._catalog.drop(folder.path_of(name))
                del known.stamps[name]
        readable = [name for name in names if name not in folder.problems]
        pending = self._pending[folder.path] = _Pending(known, -(-len(readable) // BATCH))
        for name in names:
            if name in folder.problems:
                self._put_problem(folder, name, known)
        for start in range(0, len(readable), BATCH):
            lot = readable[start : start + BATCH]
            yield Task(folder.path, [(name, known.digests.get(name, b"")) for name in lot])
        if not readable:
            self._finish(folder.path, pending)

    def _put_problem(self, folder: Folder, name: str, known: Known) -> None:
        problem = folder.problems[name]
        aside = int(problem.level is Level.ERROR)
        known.stamps[name] = stamp = files.stamp_of_problem(problem)
        known.digests.pop(name, None)  # the rows of those bytes are gone, should they come back
        self._catalog.put(FileRows(folder.path_of(name), stamp, b"", [], [problem], aside))

    def _finish(self, folder: str, pending: _Pending) -> None:
        if not pending.tasks:
            remember_files(self._catalog.db, folder, pending.known)
            del self._pending[folder]


class _Pending:
    """What is known of a folder while tasks of it are out."""

    def __init__(self, known: Known, tasks: int) -> None:
        self.known = known
        self.tasks = tasks
