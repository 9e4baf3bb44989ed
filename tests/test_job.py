"""What a catalog is valid under: the versions of all that shapes bytes."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

import topicast
from topicast import job
from topicast.job import Options, make_job

OPTIONS = Options(now=0)
VERSIONS = {each.name: each.version for each in metadata.distributions() if each.name}


def key() -> bytes:
    return make_job(None, OPTIONS).key()


@pytest.mark.parametrize("library", ["feedgen", "markdown-it-py", "nh3", "python_dateutil"])
def test_another_version_of_a_library_is_another_key(
    library: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = key()
    (tmp_path / f"{library.replace('-', '_')}-99.dist-info").mkdir()

    monkeypatch.syspath_prepend(str(tmp_path))

    assert key() != before


def test_a_library_that_is_found_in_another_way_counts_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = key()
    monkeypatch.setattr(sys, "path", [])

    monkeypatch.setattr(metadata, "version", lambda name: "99")
    assert key() != before


def test_the_versions_are_those_that_python_would_find(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()

    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(metadata, "version", VERSIONS.__getitem__)

    assert key() == before


def test_in_a_checkout_another_source_is_another_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "src/topicast"
    (package / "formats/__pycache__").mkdir(parents=True)

    def key() -> bytes:
        job._sources.cache_clear()  # once a process
        return make_job(None, OPTIONS).key()

    (package / "formats/style.css").write_text("a {}")
    monkeypatch.setattr(topicast, "__file__", str(package / "__init__.py"))
    installed = key()
    (tmp_path / "pyproject.toml").touch()
    checkout = key()
    assert checkout != installed
    (package / "formats/__pycache__/x.pyc").touch()
    assert key() == checkout
    (package / "formats/style.css").write_text("body {}")
    assert key() != checkout
    job._sources.cache_clear()
