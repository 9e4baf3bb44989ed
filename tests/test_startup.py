"""What a run imports, for start-up is a good part of one that has little to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

import topicast
from site_on_disk import Site
from topicast.cli.app import app

HEAVY = {
    "dateutil",
    "difflib",
    "email",
    "feedgen",
    "importlib.metadata",
    "importlib.resources",
    "jinja2",
    "lxml",
    "markdown_it",
    "multiprocessing",
    "nh3",
    "pathspec",
    "ryml",
    "slugify",
    "tempfile",
    "text_unidecode",
    "tqdm",
    "yaml",
    "zoneinfo",
}


def imported(*arguments: str) -> set[str]:
    """The modules that a run of the command line has imported at its end."""
    code = f"""if True:
        import sys
        from topicast.__main__ import main
        sys.argv = ["topicast", *{arguments!r}]
        try:
            main()
        finally:
            print(*sys.modules, file=sys.stderr)
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stderr.splitlines()[-1].split())


def test_a_build_with_nothing_to_do_imports_nothing_that_reads_or_composes(site: Site) -> None:
    site.record("a.md")
    arguments = ("build", "--config", str(site.root / "topicast.toml"))
    assert imported(*arguments) & HEAVY
    assert not imported(*arguments) & HEAVY


def test_the_version_is_said_without_the_command_line_and_in_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert not imported("--version") & {"click", "msgspec", "topicast.cli"}
    app(["--version"])
    assert capsys.readouterr().out == f"topicast, version {topicast.__version__}\n"
