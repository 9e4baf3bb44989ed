"""The trees that readers are given, on a server of the loopback interface."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from shown import Tree

from second_reading import RECORDS, needs_records
from site_on_disk import TOML, Site
from topicast.clock import parse_now

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOLDEN = HERE.parent / "golden" / "archive"
LIMIT = "[feeds]\nlimit = 1000\n"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder, and the address that it is served at."""
    folder = tmp_path_factory.mktemp("served")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _example(site: Site) -> None:
    """The archive of this repository."""
    shutil.copytree(ROOT / "seeds", site.seeds, dirs_exist_ok=True)
    shutil.copy(ROOT / "topics.yaml", site.root)


def _hostile(site: Site) -> None:
    """All that a record can say, and what readers have stumbled over; unpublished records too."""
    shutil.copytree(GOLDEN, site.root, dirs_exist_ok=True)
    shutil.copytree(HERE / "hostile", site.seeds / "hostile")
    (site.seeds / "news" / "in-doubt.md").unlink()
    toml = (GOLDEN / "topicast.toml").read_text("utf-8")
    site.configure(toml.replace("[feeds]\nlimit = 20\n", LIMIT))


def _real(site: Site) -> None:
    assert RECORDS is not None
    for folder in ("news", "samples", "learning"):
        shutil.copytree(RECORDS / folder, site.seeds / folder)
    site.configure(TOML + LIMIT)


SITES: dict[str, Callable[[Site], None]] = {
    "example": _example,
    "hostile": _hostile,
    "real": _real,
}
PARAMS = ["example", "hostile", pytest.param("real", marks=needs_records)]


@pytest.fixture(scope="session", params=PARAMS)
def tree(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    served: tuple[Path, str],
) -> Tree:
    folder, address = served
    name: str = request.param
    site = Site(tmp_path_factory.mktemp(name) / "site")
    SITES[name](site)
    out = Tree(folder / name, f"{address}/{name}")
    report = site.build(
        out=str(out.path),
        base_url=out.url,
        include_unpublished=name == "hostile",
        now=parse_now("2026-11-01T12:00:00Z"),
    )
    assert report.set_aside == 0
    return out
