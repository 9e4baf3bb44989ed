"""Messages through pipes, each behind its length."""

from __future__ import annotations

import os
import struct
from contextlib import suppress

_WIDE = 1024 * 1024  # bytes
_NARROW = 16 * 1024  # what a pipe holds where it does not say
_LENGTH = struct.Struct("<I")
_GAPS = 8 * 1024  # bytes that a pipe may leave free in its pages between two messages


def widen(pipe: int) -> int:
    """Let a pipe hold as much as it can, and give how many bytes of messages that is at least."""
    try:  # only Linux can, up to a limit of its own
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _WIDE)
        return fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) - _GAPS
    except (ImportError, AttributeError, OSError):
        return _NARROW - _GAPS


def write(pipe: int, message: bytes) -> None:
    """Raises: BrokenPipeError where nobody reads any more."""
    rest = memoryview(_LENGTH.pack(len(message)) + message)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def read(pipe: int) -> bytes | None:
    """The next message; None where the other end is gone."""
    head = _exactly(pipe, _LENGTH.size)
    return None if head is None else _exactly(pipe, _LENGTH.unpack(head)[0])


def _exactly(pipe: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(pipe, size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
