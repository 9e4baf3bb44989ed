"""Trees of feeds, byte for byte: a small archive with every field and oddity, and what it gives.

Where the bytes are meant to change: ``pytest tests/test_golden.py --update-golden``, then read the
difference. An id or an address in it must not have changed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from site_on_disk import Site

GOLDEN = Path(__file__).parent / "golden"

# What a build must give, by folder in ``golden/``: with or without --include-unpublished.
TREES = {"public": False, "unpublished": True}


@pytest.fixture
def archive(site: Site) -> Site:
    shutil.copytree(GOLDEN / "archive", site.root, dirs_exist_ok=True)
    return site


@pytest.mark.parametrize(("name", "preview"), TREES.items())
def test_the_tree_is_what_it_was(
    archive: Site, name: str, preview: bool, request: pytest.FixtureRequest
) -> None:
    report = archive.build(include_unpublished=preview)
    tree = archive.tree("preview" if preview else "feeds")
    if request.config.getoption("--update-golden"):
        _write(GOLDEN / name, tree)

    assert report.set_aside == 1
    assert tree.keys() - {".gitignore"} == _read(GOLDEN / name).keys()
    for path, data in _read(GOLDEN / name).items():
        assert tree[path].decode() == data.decode(), path


def test_the_goldens_hold_what_they_are_for() -> None:
    public, unpublished = (b"".join(_read(GOLDEN / name).values()) for name in TREES)
    hidden = (b"SECRET-VALUE", b"UNKNOWN-VALUE", b"Withdrawn", b"Not yet", b"No date", b"In doubt")
    for text in hidden:
        assert text not in public + unpublished
    for text in (b"Unpublished", b"drafts-only", b"<app:draft>yes", b"(preview)"):
        assert text not in public
        assert text in unpublished
    assert b"A draft that waits" not in unpublished  # its date has not come


def _read(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _write(folder: Path, tree: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in tree.items():
        if path != ".gitignore":
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
