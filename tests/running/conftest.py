from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest
from loopback import Server
from unattended import Unattended

from site_on_disk import Site

S = TypeVar("S", bound=Server)


@pytest.fixture
def serve() -> Iterator[Callable[[S], S]]:
    """Starts a server, until the test ends."""
    with ExitStack() as stack:

        def started(server: S) -> S:
            stack.enter_context(server.running())
            return server

        yield started


@pytest.fixture
def unattended(site: Site, tmp_path: Path) -> Iterator[Callable[..., Unattended]]:
    """Starts ``topicast schedule`` or ``watch`` in the folder of the site, until the test ends."""
    started: list[Unattended] = []

    def start(*arguments: str, **options: bool) -> Unattended:
        log = tmp_path / f"log-{len(started)}"
        started.append(Unattended(site.root, log, *arguments, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
