"""The house: a module imports only from its own stage or from earlier ones."""

from __future__ import annotations

import ast
from pathlib import Path

import topicast

ROOT = Path(topicast.__file__).parent

# From the file to the bytes. A folder is one stage; within it modules may import each other.
STAGES = (
    ("problems",),
    ("config",),
    ("records",),
    ("times", "theme", "clock", "configtext", "configrules", "configfile"),
    ("gate", "identity"),
    ("entries",),
    ("topics",),
    ("catalog",),
    ("formats",),
    ("publish",),
    ("engines",),
    ("composition", "archives", "rendering", "naming"),
    ("composing",),
    ("heavy",),
    ("job",),
    ("tree",),
    ("report",),
    ("session",),
    ("newtree",),
    ("recipe",),
    ("survey", "running"),
    ("explaining", "starting"),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(STAGES) for name in names}
PRINTS = {"report.py"}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def stage_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """The stages that a module imports, at its top or late."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "topicast":
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("topicast."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found.update(name[1] for name in names if name[0] == "topicast" and len(name) > 1)
    return {name for name in found if not name.startswith("__")}


def test_every_module_has_a_stage() -> None:
    assert {stage_of(path) for path in modules()} - RANK.keys() == {"__init__"}


def test_modules_import_only_from_earlier_stages() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if stage_of(path) != "__init__"
        for name in imports_of(path)
        if RANK[name] > RANK[stage_of(path)]
    ]
    assert wrong == []


def test_one_module_prints() -> None:
    printing = {
        str(path.relative_to(ROOT))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    }
    assert printing == PRINTS


def test_feedgen_is_imported_by_its_adapter_alone() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "feedgen")
        or (isinstance(node, ast.Import) and any(a.name.startswith("feedgen") for a in node.names))
    }
    assert users == {"formats/adapter.py"}


def test_modules_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text("utf-8").splitlines())) > 330
    }
    assert long == {}
