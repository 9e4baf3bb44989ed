"""The files of a build between composing and writing: archives are more than memory should hold."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from threading import Lock
from typing import IO

from topicast.problems import BuildError

IN_MEMORY = 64 * 1024 * 1024  # bytes; what comes after them goes to the disk


class Spool(MutableMapping[str, bytes]):
    """Files by path, the first in memory, the others in one file without a name.

    Several threads may read at a time. ``close`` it: then the file is gone.
    """

    def __init__(self, folder: str = "", in_memory: int = IN_MEMORY) -> None:
        """The file is made in ``folder`` if that can be written, else where the system has such."""
        self._folder = folder if os.access(folder, os.W_OK) else None
        self._room = in_memory
        self._held: dict[str, bytes] = {}
        self._file: IO[bytes] | None = None
        self._places: dict[str, tuple[int, int]] = {}  # in the file: offset, length
        self._end = 0
        self._lock = Lock()

    def __setitem__(self, path: str, data: bytes) -> None:
        """:raises BuildError: there is no room for it on the disk."""
        if path in self:
            del self[path]
        if len(data) <= self._room:
            self._room -= len(data)
            self._held[path] = data
            return
        try:
            self._append(data)
        except OSError as error:
            raise BuildError(
                f"{self._folder or 'temporary files'}: {error.strerror}, so that no room is left"
                " for feeds on their way; the old feeds stand; make room, then build again"
            ) from None
        self._places[path] = self._end, len(data)
        self._end += len(data)

    def _append(self, data: bytes) -> None:
        if self._file is None:
            from tempfile import TemporaryFile  # loads much, and few builds are that large

            self._file = TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - see close
        self._file.seek(self._end)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def __getitem__(self, path: str) -> bytes:
        if path in self._held:
            return self._held[path]
        offset, length = self._places[path]
        assert self._file is not None
        if hasattr(os, "pread"):  # everywhere but on Windows: threads need not wait for each other
            return os.pread(self._file.fileno(), length, offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)

    def __delitem__(self, path: str) -> None:
        if path in self._held:
            self._room += len(self._held.pop(path))
        else:
            del self._places[path]

    def __iter__(self) -> Iterator[str]:
        yield from self._held
        yield from self._places

    def __len__(self) -> int:
        return len(self._held) + len(self._places)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
