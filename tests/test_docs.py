"""What the pages show of the program is what the program does."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

import msgspec
import pytest

import refresh
from test_structure import STAGES
from topicast.config import RECORD_FIELDS, Config, TopicSettings
from topicast.records.listing import SUFFIXES
from topicast.records.schema import FIELD_NAMES

README = (refresh.ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (refresh.ROOT / "CONTRIBUTING.md").read_text("utf-8")
DOCS = sorted((refresh.ROOT / "docs").glob("*.md"))
DESIGN = (refresh.ROOT / "docs" / "design.md").read_text("utf-8")
TABLES: dict[str, type[msgspec.Struct]] = {
    field.name: field.type
    for field in msgspec.structs.fields(Config)
    if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
} | {'topics."NAME"': TopicSettings}
NAMED_BY_THE_USER = {"settings", "map"}  # mappings: [topics."NAME"], and the other keys of [fields]


def rows(heading: str, page: str = README) -> list[list[str]]:
    """The cells of the table under the row ``heading``."""
    table = page.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.split(" | ")] for line in table.splitlines()[2:]]


def codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def as_toml(value: Any) -> str:
    """A default as the table shows it."""
    if value is None:
        return "none"
    text = msgspec.json.encode(list(value) if isinstance(value, tuple) else value).decode()
    return f"`{text.replace(',', ', ')}`"


def test_pages_show_what_the_program_prints() -> None:
    stale = [str(page.relative_to(refresh.ROOT)) for page, _ in refresh.stale()]
    assert stale == [], "run: topicast build && python docs/refresh.py"


def test_every_key_of_the_configuration_is_there_with_its_default() -> None:
    wanted = {
        f"[{table}] {field.name}": as_toml(getattr(struct(), field.name))
        for table, struct in TABLES.items()
        for field in msgspec.structs.fields(struct)
        if field.name not in NAMED_BY_THE_USER
    }
    written = {key.strip("|` "): default for key, default, _ in rows("key | default")}
    assert written == wanted


def test_fields_of_the_page_are_fields_of_a_record() -> None:
    named = [name for cells in rows("field") for name in codes(cells[0])]
    assert set(named) <= set(FIELD_NAMES)
    assert len(named) == len(set(named))
    assert {"title", "publishedDateTime", "published", "topics", "webUrl"} <= set(named)


def test_suffixes_of_the_page_are_those_that_are_read() -> None:
    records = README.partition("\n## Records\n")[2].partition("\n\n")[0].partition(" This one")[0]
    assert [code for code in codes(records) if code.startswith(".")] == list(SUFFIXES)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (0, "built"),
        (1, "failed, and the old feeds stand as they were"),
        (2, "wrong usage or configuration"),
        (3, "built, but some records were set aside"),
    ],
)
def test_exit_codes_of_the_page_are_those_of_the_help(code: int, meaning: str) -> None:
    (page,) = [cells[1] for cells in rows("exit code") if cells[0].strip("| ") == str(code)]
    help_text = " ".join(dict(refresh.helps())["topicast build"].split())
    assert page.startswith(meaning)
    assert f"{code} {meaning.replace(', and', ',')}" in help_text


def test_a_mapped_field_of_the_page_can_be_mapped() -> None:
    sentence = README.partition("Any other key of `[fields]`")[2].partition("\n")[0]
    (example,) = codes(sentence)
    assert example.partition(" =")[0] in RECORD_FIELDS


def test_the_stages_of_the_page_are_those_of_the_house() -> None:
    assert [tuple(codes(cells[0])) for cells in rows("stage", DESIGN)] == list(STAGES)


def test_every_dependency_is_accounted_for() -> None:
    project = tomllib.loads((refresh.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lists = [project["dependencies"], *(extras[name] for name in extras.keys() - {"test", "dev"})]
    names = {re.split(r"[^a-z0-9-]", spec.lower())[0] for specs in lists for spec in specs}
    named = {name for cells in rows("package", DESIGN) for name in codes(cells[0])}
    assert names - {"topicast"} == named - extras.keys()


def test_every_package_that_is_imported_is_a_dependency() -> None:
    """One that only another package brings is missing where that one is not installed."""
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name) or ""
        for file in (refresh.ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    modules = {name.split(".")[0] for name in imported} - sys.stdlib_module_names - {"topicast"}
    brought_by = packages_distributions()
    named = {canonical(name) for cells in rows("package", DESIGN) for name in codes(cells[0])}
    assert "lxml" in modules
    strangers = {m for m in modules if named.isdisjoint(map(canonical, brought_by.get(m, [m])))}
    assert not strangers


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    "page",
    ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in DOCS)],
)
def test_links_to_files_lead_somewhere(page: str) -> None:
    path = refresh.ROOT / page
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_checks_of_the_page_are_those_of_ci() -> None:
    ci = (refresh.ROOT / ".ci" / "run").read_text("utf-8")
    checks = [codes(cells[0])[0] for cells in rows("check", CONTRIBUTING)]
    places = [ci.rfind(check) for check in checks]
    assert -1 not in places and places == sorted(places)


def test_what_the_page_names_is_in_the_code() -> None:
    files = [*refresh.ROOT.glob("src/**/*.py"), *refresh.ROOT.glob("tests/**/*.py")]
    code = "\n".join(file.read_text("utf-8") for file in files)
    paths = {str(file.relative_to(refresh.ROOT)) for file in files}
    for name in codes(CONTRIBUTING):
        if name.endswith(".py"):
            assert any(path.endswith(name) for path in paths), name
        elif re.fullmatch(r"[A-Za-z]+_[A-Za-z_]+|[A-Z][a-z]+[A-Za-z]*", name):
            assert re.search(rf"\b{name}\b", code), name
