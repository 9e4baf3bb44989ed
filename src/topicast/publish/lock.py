"""One build at a time per output (specification, section 8).

The lock is ``flock`` on the output folder itself. Where there is none yet, or its file system has
no such locks, it is on a file in the system's temporary folder; so it is on Windows, where folders
cannot be locked. The system drops either with the process: a stale lock is no lock.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from topicast.problems import BuildError, quote

_POLL = 0.03  # seconds
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_held: set[int] = set()  # descriptors that hold a lock in this process
_shared: list[Lock] = []  # those that processes forked now hold too

if sys.platform == "win32":
    import msvcrt

    _FOLDERS_LOCK = False

    def _try_lock(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    _FOLDERS_LOCK = True

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _leave_to_parent() -> None:
        # A worker that outlives a killed build would else go on holding the build's lock.
        kept = {fd for lock in _shared for fd in lock.descriptors}
        for fd in _held - kept:
            os.close(fd)
        _held.intersection_update(kept)

    os.register_at_fork(after_in_child=_leave_to_parent)


class Lock:
    """The lock on one output folder, held. ``path`` is its real path; it may not exist yet."""

    def __init__(self, path: Path, fd: int, file: Path | None) -> None:
        self.path = path
        self.descriptors = [fd]
        self._file = file  # the file that stands in for the folder
        _held.add(fd)

    def adopt(self, folder: Path) -> None:
        """Lock a folder just made too, before it is renamed to ``path`` for others to see.

        :raises OSError: it is gone, or another process has locked it.
        """
        if not _FOLDERS_LOCK:
            return
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _NOFOLLOW)
        self.descriptors.append(fd)
        _held.add(fd)
        with suppress(_NoFolderLockError):
            if not _lock_folder(fd):
                raise BlockingIOError(0, "another build holds it", str(folder))

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Processes forked meanwhile hold it too, until they end: they write into the folder."""
        _shared.append(self)
        try:
            yield
        finally:
            _shared.remove(self)

    def sweep(self) -> None:
        """Remove the file that stood in for the folder in a run that was killed."""
        if self._file is not None or not _FOLDERS_LOCK:
            return  # it is our own
        file = _file_for(self.path)
        with suppress(OSError):  # there is none, or it is another user's
            fd = os.open(file, os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0))
            try:
                if _try_lock(fd):  # whoever waits for it sees then that it is gone
                    file.unlink()
            finally:
                os.close(fd)

    def release(self) -> None:
        """Let the next build in."""
        if self._file is not None and self.descriptors[0] in _held:
            with suppress(OSError):  # another user's file stays, and does no harm
                self._file.unlink()
        for fd in self.descriptors:
            if fd in _held:
                _held.discard(fd)
                os.close(fd)


class _NoFolderLockError(Exception):
    """The file system cannot lock folders (NFS, some FUSE ones)."""


class _BusyError(Exception):
    """Another process holds the lock; the text says which."""


@contextmanager
def locked(out: Path, wait: float = 0.0) -> Iterator[Lock]:
    """Hold the lock on an output folder, there or not.

    :param wait: seconds to wait for another build.
    :raises BuildError: another build still holds it (the message says which), or ``out`` cannot
        be a folder.
    """
    deadline = time.monotonic() + wait
    while True:
        try:
            lock = _acquire(Path(os.path.realpath(out)))
            break
        except _BusyError as busy:
            if time.monotonic() >= deadline:
                raise BuildError(
                    f"{out}: {busy} is writing here; wait until it has finished"
                ) from None
        except OSError as exc:
            raise BuildError(
                f"{exc.filename or out}: {exc.strerror}, so it cannot be locked;"
                " check --out and its permissions"
            ) from exc
        time.sleep(_POLL)
    try:
        yield lock
    finally:
        lock.release()


def _acquire(path: Path) -> Lock:
    """The lock, or ``_BusyError``. What is locked may be moved or made meanwhile: then again."""
    folders_lock = _FOLDERS_LOCK
    while True:
        file = None if folders_lock and path.exists() else _file_for(path)
        fd = _open_folder(path) if file is None else _open_file(file)
        if fd is None:
            continue
        try:
            if not (_lock_folder(fd) if file is None else _try_lock(fd)):
                raise _BusyError(_holder(fd))
            outdated = file is not None and folders_lock and path.exists()
            fresh = _is_still(file or path, fd) and not outdated
        except _NoFolderLockError:
            fresh = folders_lock = False
        except BaseException:
            os.close(fd)
            raise
        if fresh:
            return Lock(path, fd, file)
        os.close(fd)


def _open_folder(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None


def _lock_folder(fd: int) -> bool:
    try:
        return _try_lock(fd)
    except OSError as exc:
        raise _NoFolderLockError from exc


def _is_still(path: Path, fd: int) -> bool:
    try:
        there, ours = os.stat(path), os.fstat(fd)
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _file_for(path: Path) -> Path:
    from tempfile import gettempdir  # loads much, and is needed only where there is no folder

    name = sha256(os.fsencode(path)).hexdigest()[:32]
    return Path(gettempdir()) / f"topicast-{name}.lock"


def _open_file(file: Path) -> int | None:
    """Made only where it is missing, and opened for reading: another user's can be locked too."""
    flags = os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0)
    try:
        fd = os.open(file, flags)
    except FileNotFoundError:
        try:
            fd = os.open(file, flags | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(0, "not a regular file", str(file))
    return fd


def _holder(fd: int) -> str:
    """Who holds the lock on this open file, as far as the system tells (Linux does)."""
    status = os.fstat(fd)
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        for line in Path("/proc/locks").read_text().splitlines():
            _, kind, _, _, pid, at, *_ = line.split()
            if kind == "FLOCK" and at == device and int(pid) > 0:
                command = Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
                return f"another build (process {pid}, {quote(command)})"
    except (OSError, ValueError):
        pass
    return "another build"
