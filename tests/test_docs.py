"""What the pages show of the program is what the program does."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
import refresh

from topicast.config import RECORD_FIELDS, Config, TopicSettings
from topicast.records.files import SUFFIXES
from topicast.records.schema import FIELD_NAMES

README = (refresh.ROOT / "README.md").read_text("utf-8")
TABLES: dict[str, type[msgspec.Struct]] = {
    field.name: field.type
    for field in msgspec.structs.fields(Config)
    if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
} | {'topics."NAME"': TopicSettings}
NAMED_BY_THE_USER = {"settings", "map"}  # mappings: [topics."NAME"], and the other keys of [fields]


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under the row ``heading``."""
    table = README.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
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
