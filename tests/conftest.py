from __future__ import annotations

from pathlib import Path

import pytest

from site_on_disk import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site in a folder of its own."""
    return Site(tmp_path / "site")
