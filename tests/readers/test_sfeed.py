"""sfeed, which turns feeds into lines of text for other programs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shown import THINGS, Shown, Shows, Tree, content, differences, wanted

pytestmark = pytest.mark.skipif(shutil.which("sfeed") is None, reason="sfeed is not installed")

ALL = dict.fromkeys(THINGS, "yes") | {
    "authors": "first",
    "enclosures": "first",
    "content": "else the summary",
    **dict.fromkeys(("updated", "summary", "picture", "caption", "related", "language"), "no"),
}
SHOWS: Shows = {"rss": ALL, "atom": ALL}
ESCAPES = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}  # sfeed(5)


@pytest.mark.parametrize("kind", SHOWS)
def test_every_feed_shows_what_its_records_say(tree: Tree, kind: str) -> None:
    for path in tree.feeds(f"{kind}.xml"):
        lines = run(["sfeed", f"{tree.url}/"], tree.path / path).splitlines()

        assert differences([_shown(line) for line in lines], wanted(tree, path, SHOWS[kind])) == []


def run(command: list[str], given: Path) -> str:
    done = subprocess.run(command, input=given.read_bytes(), capture_output=True, check=True)
    return done.stdout.decode()


def _shown(line: str) -> Shown:
    time, title, link, text, type_, id, author, enclosure, categories = line.split("\t")
    text = re.sub(r"\\[nt\\]", lambda escape: ESCAPES[escape[0]], text)
    if type_ == "plain":
        text = text.replace("&", "&amp;").replace("<", "&lt;")
    return Shown(
        id=id,
        title=title,
        link=link,
        published=datetime.fromtimestamp(int(time), UTC),
        authors=tuple(filter(None, [author])),
        categories=tuple(filter(None, categories.split("|"))),
        content=content(text),
        enclosures=tuple(filter(None, [enclosure])),
        unpublished="unpublished" in categories.split("|"),
    )


def test_the_list_of_feeds_can_be_imported(tree: Tree) -> None:
    text = run(["sfeed_opml_import"], tree.path / "feeds.opml")

    calls = [shlex.split(line) for line in text.splitlines() if line.startswith("\tfeed ")]
    addresses = [address for _, _, address in calls]
    assert sorted(addresses) == sorted(f"{tree.url}/{path}" for path in tree.feeds("rss.xml"))
