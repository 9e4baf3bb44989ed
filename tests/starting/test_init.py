"""``topicast init``: a configuration with every key, and no file written over."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from command_line import CommandLine
from topicast.config import Config, Topics
from topicast.configfile import load_config
from topicast.starting.configuration import COMMENTS, TABLES, configuration
from topicast.starting.scaffold import RECIPES

YEAR = datetime.now(UTC).year


def uncommented(text: str) -> str:
    """The text with every default that it shows in force."""
    return re.sub(r"(?m)^#(?=[a-z_]+ = |\[)", "", text)


def test_every_key_is_there_with_its_default(tmp_path: Path) -> None:
    file = tmp_path / "topicast.toml"
    file.write_text(uncommented(configuration(2026, "")), "utf-8")
    shown = load_config(str(file))
    examples = {"since": 2026, "logo_width": 144, "logo_height": 48, "ttl": 60}
    for field in msgspec.structs.fields(Config):
        if not isinstance(field.type, type) or not issubclass(field.type, msgspec.Struct):
            continue
        table = getattr(shown, field.name)
        for key in msgspec.structs.fields(field.type):
            value = getattr(table, key.name)
            if key.name == "map":
                assert value == {"title": "headline"}
            elif key.name == "settings":
                assert list(value) == ["AI Hardware"]
            elif key.default is None:
                assert value == examples[key.name]
            else:
                assert value == getattr(field.type(), key.name), key.name


def test_every_key_has_a_comment_and_is_shown() -> None:
    text = configuration(2026, "")
    tables = {
        field.type for field in msgspec.structs.fields(Config) if isinstance(field.type, type)
    }
    assert {table for table in tables if issubclass(table, msgspec.Struct)} == set(TABLES)
    assert set(COMMENTS) == {*TABLES, *(t for t in COMMENTS if t.__name__ == "TopicSettings")}
    for struct, comments in COMMENTS.items():
        keys = {field.name for field in msgspec.structs.fields(struct)}
        assert keys - comments.keys() <= {"map", "settings"}, struct
        assert comments.keys() <= keys
        for key, comment in comments.items():
            assert re.search(rf"(?m)^#?{key} = .*  # {re.escape(comment)}$", text)


def test_as_written_it_is_the_default_but_for_the_year(tmp_path: Path, run: CommandLine) -> None:
    ran = run(tmp_path, "init")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote topicast.toml\n")
    config = load_config(str(tmp_path / "topicast.toml"))
    expected = msgspec.structs.replace(
        Config(),
        root=config.root,
        file=config.file,
        site=msgspec.structs.replace(Config().site, since=YEAR),
        topics=Topics(),
    )
    assert config == expected


def test_the_base_url_is_filled_in(tmp_path: Path, run: CommandLine) -> None:
    assert run(tmp_path, "init", "--base-url", "https://Feeds.example.org/x/").code == 0
    config = load_config(str(tmp_path / "topicast.toml"))
    assert config.site.base_url == "https://feeds.example.org/x"


def test_another_name_and_a_wrong_address(tmp_path: Path, run: CommandLine) -> None:
    assert run(tmp_path, "init", "--config", "sub/feeds.toml").code == 0
    assert (tmp_path / "sub/feeds.toml").exists()
    ran = run(tmp_path, "init", "--base-url", "ftp://x")
    assert ran.code == 2 and "--base-url: expected an absolute http" in ran.err
    assert not (tmp_path / "topicast.toml").exists()


def test_what_is_there_stays_without_force(tmp_path: Path, run: CommandLine) -> None:
    (tmp_path / "topicast.toml").write_text("# mine\n")
    ran = run(tmp_path, "init")
    assert ran.code == 1 and "topicast.toml: is there already, so nothing was written" in ran.err
    assert (tmp_path / "topicast.toml").read_text() == "# mine\n"
    assert run(tmp_path, "init", "--force").code == 0
    assert (tmp_path / "topicast.toml").read_text() == configuration(YEAR, "")


def test_a_configuration_is_not_written_over_for_a_recipe(tmp_path: Path, run: CommandLine) -> None:
    (tmp_path / "topicast.toml").write_text('[records]\npath = "mine"\n')
    for _ in range(2):
        assert run(tmp_path, "init", "--with", "cron", "--with", "docker", "--force").code == 0
    assert (tmp_path / "topicast.toml").read_text() == '[records]\npath = "mine"\n'
    assert "/site/mine" in (tmp_path / "Dockerfile").read_text()


def test_a_recipe_in_a_folder_with_a_name_that_is_no_text(tmp_path: Path, run: CommandLine) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xff"))
    folder.mkdir()
    assert run(folder, "init", "--with", "cron").code == 0
    assert os.fsencode(folder) in (folder / "topicast.crontab").read_bytes()


def test_a_recipe_that_is_read_elsewhere_says_so(tmp_path: Path, run: CommandLine) -> None:
    (tmp_path / ".git").mkdir()
    everything = [word for name in RECIPES for word in ("--with", name)]
    assert "note" not in run(tmp_path, "init", *everything).err
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "topicast.toml").write_text('[records]\npath = "../posts"\n')
    notes = [line for line in run(folder, "init", *everything).lines() if line.startswith("note")]
    top = f"is read at the top of the repository only; move it to {tmp_path}, and let what it runs"
    assert notes == [
        f"note: .github/workflows/topicast.yml: {top} start in site",
        f"note: .pre-commit-config.yaml: {top} start in site",
        "note: .pre-commit-config.yaml: the records lie outside, so no commit here will have it"
        " look at them",
    ]


def test_nothing_is_written_where_one_file_is_in_the_way(tmp_path: Path, run: CommandLine) -> None:
    (tmp_path / "Dockerfile").write_text("FROM mine\n")
    ran = run(tmp_path, "init", "--with", "systemd", "--with", "docker")
    assert ran.code == 1 and "Dockerfile: is there already" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["Dockerfile"]


def test_a_recipe_is_made_for_the_configuration_that_is_there(
    tmp_path: Path, run: CommandLine
) -> None:
    text = '[records]\npath = "content/my posts"\n[feeds]\nout = "public 100%"\n'
    (tmp_path / "topicast.toml").write_text(text)
    everything = [word for name in RECIPES for word in ("--with", name)]
    assert run(tmp_path, "init", *everything).code == 0
    assert (tmp_path / "topicast.toml").read_text() == text
    unit = (tmp_path / "systemd/topicast.service").read_text()
    assert f'ReadWritePaths="{tmp_path}" "-{tmp_path}/public 100%%"\n' in unit
    assert f'ReadOnlyPaths="-{tmp_path}/content/my posts"\n' in unit
    workflow = (tmp_path / ".github/workflows/topicast.yml").read_text()
    assert "git add --all -- 'public 100%'\n" in workflow
    assert 'path: "public 100%"\n' in workflow
    ran = run(tmp_path, "init", "--with", "cron", "--base-url", "https://x.example")
    assert ran.code == 2 and "topicast.toml is there already; write it there" in ran.err


def test_another_configuration_is_named_in_every_recipe(tmp_path: Path, run: CommandLine) -> None:
    everything = [word for name in RECIPES for word in ("--with", name)]
    assert run(tmp_path, "init", "--config", "my feeds.toml", *everything).code == 0
    for path, said in (
        ("topicast.crontab", "topicast build --config 'my feeds.toml' --quiet"),
        ("systemd/topicast.service", '" build --config "my feeds.toml" --wait'),
        (".github/workflows/topicast.yml", "topicast lint --config 'my feeds.toml' --format"),
        ("Dockerfile", "\"$PWD\"/'my feeds.toml:/site/topicast.toml:ro'"),
        (".pre-commit-config.yaml", "entry: topicast lint --config 'my feeds.toml'\n"),
    ):
        assert said in (tmp_path / path).read_text(), path


@pytest.mark.parametrize("name", RECIPES)
def test_no_place_is_left_unfilled(tmp_path: Path, run: CommandLine, name: str) -> None:
    assert run(tmp_path, "init", "--with", name).code == 0
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not re.search("@[A-Z_]+@", path.read_text("utf-8")), path
            assert path.read_text("utf-8").endswith("\n")
