"""What each hub has heard of a feed tree, kept in ``.topicast/`` beside the tree's catalog."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from topicast.job import Job
from topicast.publish.ignoring import ignore_folder


class HubMemory(msgspec.Struct):
    """What one hub has heard, and how it fares."""

    heard: dict[str, str] = {}  # path of a feed → its digest then
    failures: int = 0  # in a row, of those that may pass
    rests_until: float = 0.0  # seconds since 1970: before that it need not be asked again


class Memory(msgspec.Struct):
    """All hubs, by their addresses."""

    hubs: dict[str, HubMemory] = {}


def recall(job: Job) -> Memory:
    """What is remembered of the tree of ``job``; nothing where that cannot be read."""
    try:
        return msgspec.json.decode(_file(job).read_bytes(), type=Memory)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        # Without a memory every feed counts as changed: told once too often does no harm.
        return Memory()


def remember(job: Job, memory: Memory) -> None:
    """Keep the memory, in one step. Where that cannot be, as for the catalog, it is not kept."""
    file = _file(job)
    temporary = file.with_suffix(".new")
    try:
        file.parent.mkdir(exist_ok=True)
        ignore_folder(file.parent)
        temporary.write_bytes(msgspec.json.encode(memory, order="sorted"))
        os.replace(temporary, file)
    except OSError:
        return


def _file(job: Job) -> Path:
    return Path(job.catalog.removesuffix(".sqlite") + "-hubs.json")
