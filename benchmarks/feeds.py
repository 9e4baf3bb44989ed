"""Reads what a contestant has written, to see that all have done the same work."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ATOM = "{http://www.w3.org/2005/Atom}"


class Feeds(NamedTuple):
    """Of every feed the links of its entries, whatever its file is called."""

    rss: Counter[frozenset[str]]
    atom: Counter[frozenset[str]]

    @property
    def total(self) -> int:
        return self.rss.total() + self.atom.total()


def rss_links(root: ET.Element) -> frozenset[str]:
    return frozenset(link.text or "" for link in root.iterfind("channel/item/link"))


def atom_links(root: ET.Element) -> frozenset[str]:
    links = root.iterfind(f"{ATOM}entry/{ATOM}link")
    return frozenset(link.get("href", "") for link in links if link.get("rel") != "related")


def read(folder: Path) -> Feeds:
    """The feeds below ``folder``; a file that is not well-formed raises ``ET.ParseError``."""
    found = Feeds(Counter(), Counter())
    for path in folder.rglob("*.xml"):
        root = ET.parse(path).getroot()
        if root.tag == "rss":
            found.rss[rss_links(root)] += 1
        elif root.tag == f"{ATOM}feed":
            found.atom[atom_links(root)] += 1
    return found


def difference(ours: Feeds, reference: Feeds) -> str:
    """What is wrong with ``ours``, in one line; ``""`` where both show the same entries."""
    for name, mine, theirs in zip(("RSS", "Atom"), ours, reference, strict=True):
        if mine.total() != theirs.total():
            return f"{mine.total()} {name} feeds instead of {theirs.total()}"
        if mine != theirs:
            return f"{(mine - theirs).total()} {name} feeds hold other entries"
    return ""


def titles(folder: Path) -> set[str]:
    """The entries' titles in the feed of all topics, in both formats or not at all."""
    rss = ET.parse(folder / "rss.xml").getroot()
    atom = ET.parse(folder / "atom.xml").getroot()
    return {title.text or "" for title in rss.iterfind("channel/item/title")} & {
        title.text or "" for title in atom.iterfind(f"{ATOM}entry/{ATOM}title")
    }
