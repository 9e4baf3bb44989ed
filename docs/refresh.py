"""Brings what the documentation shows of the program up to date: ``python docs/refresh.py``.

- ``docs/commands.md`` is the help of every command;
- a ``console`` block of README.md shows what its ``$`` lines print, run in a copy of the example
  archive at a fixed time;
- a block after ``<!-- show PATH -->`` is that file, a feed only up to the end of its first entry.

A test fails while any of this is not so.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import click

from topicast.cli.app import group

ROOT = Path(__file__).resolve().parent.parent
ARCHIVE = ("seeds", "feeds", "topicast.toml", "topics.yaml")  # what the example archive is
NOW = "1793534400"  # 2026-11-01T12:00:00Z: examples are the same whenever they are run

_CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"^(<!-- show (?P<path>\S+) -->\n```\w+\n).*?^```$", re.MULTILINE | re.DOTALL)
_FEED_PARTS = re.compile(
    rb"(?s)(.*?</(?P<entry>item|entry)>\n)(.*)(^ *</(?:channel|feed)>.*)", re.M
)


def stale() -> Iterator[tuple[Path, str]]:
    """Each file that does not show the program as it is, with the text that would."""
    texts = {"README.md": refreshed, "docs/commands.md": lambda _: commands()}
    for name, make in texts.items():
        path = ROOT / name
        text = path.read_text("utf-8") if path.exists() else ""
        if (wanted := make(text)) != text:
            yield path, wanted


def refreshed(text: str) -> str:
    """The page with every block as the program, or the file, now has it."""
    # Who reads on has built by then: only the first block begins with what a clone has.
    blocks = count()
    text = _CONSOLE.sub(lambda block: session(block[0], built=next(blocks) > 0), text)
    return _SHOWN.sub(lambda block: f"{block[1]}{shown(block['path'])}```", text)


def session(block: str, *, built: bool) -> str:
    """The ``$`` lines of a console block, each with what it prints, both streams together.

    ``built`` says whether the archive was built before, since it was cloned.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = copied_archive(Path(folder))
        if built:
            output("topicast build --quiet", archive)
        lines = [line for line in block.splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{output(line[2:], archive)}" for line in lines)


def copied_archive(folder: Path) -> Path:
    """A copy of the example archive, with a ``topicast`` that is this one."""
    for name in ARCHIVE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    command = folder / ".bin" / "topicast"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m topicast "$@"\n')
    command.chmod(0o755)
    return folder


def output(line: str, folder: Path) -> str:
    """What one line of shell prints in ``folder``."""
    path = f"{folder / '.bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=os.environ | {"PATH": path, "SOURCE_DATE_EPOCH": NOW},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )
    if "Traceback (most recent call last)" in done.stdout:
        raise RuntimeError(f"{line}: {done.stdout}")
    return done.stdout


def shown(path: str) -> str:
    """A file of the archive; of a feed the head, the first entry, and how many more there are."""
    data = (ROOT / path).read_bytes()
    feed = _FEED_PARTS.fullmatch(data)
    if feed is None:
        return data.decode()
    first, kind, rest, end = feed.group(1, "entry", 3, 4)
    more = rest.count(b"</" + kind + b">")
    return (first + b"  <!-- and %d more -->\n" % more + end).decode()


def commands() -> str:
    """The page of all commands: what ``--help`` says of each."""
    parts = [
        "# Commands\n\n`topicast --help`, and the same of every command.\n",
        *(f"\n## {name}\n\n```text\n{text}\n```\n" for name, text in helps()),
    ]
    return "".join(parts)


def helps() -> Iterator[tuple[str, str]]:
    top = click.Context(group, info_name="topicast", terminal_width=90, **group.context_settings)
    yield "topicast", group.get_help(top)
    for name in group.list_commands(top):
        command = group.get_command(top, name)
        assert command is not None
        context = click.Context(command, parent=top, info_name=name, terminal_width=90)
        yield f"topicast {name}", command.get_help(context)


if __name__ == "__main__":
    for page, text in stale():
        page.write_text(text, "utf-8")
        print(f"refreshed {page.relative_to(ROOT)}")
