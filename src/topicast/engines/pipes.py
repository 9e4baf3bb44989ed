"""Messages through pipes, each behind its length and a letter that says what kind it is."""

from __future__ import annotations

import os
import struct
from contextlib import suppress

_WIDE = 1024 * 1024  # bytes
_NARROW = 16 * 1024  # what a pipe holds where it does not say
_HEAD = struct.Struct("<Ic")  # the length of a message, and what kind it is
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


def write(pipe: int, kind: bytes, message: bytes) -> None:
    """Raises: BrokenPipeError where nobody reads any more."""
    for part in (_HEAD.pack(len(message), kind), message):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(pipe, rest) :]


def read(pipe: int) -> tuple[bytes, bytearray] | None:
    """The kind of the next message and its bytes; None where the other end is gone."""
    head = _exactly(pipe, _HEAD.size)
    if head is None:
        return None
    length, kind = _HEAD.unpack(head)
    message = _exactly(pipe, length)
    return None if message is None else (kind, message)


def _exactly(pipe: int, size: int) -> bytearray | None:
    """So many bytes, read to where they stay: what is composed is much to be copied."""
    message = bytearray(size)
    rest = memoryview(message)
    while rest:
        count = os.readv(pipe, [rest])
        if not count:
            return None
        rest = rest[count:]
    return message
