"""Whatever happens between two builds, the next one leaves what a build from nothing would."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from site_on_disk import TOML, Site
from topicast.clock import parse_now
from topicast.recipe import build
from topicast.report import Report

NFC, NFD = "\N{LATIN SMALL LETTER E WITH ACUTE}.md", "e\N{COMBINING ACUTE ACCENT}.md"
PATHS = [
    "a.md",
    "b.md",
    "x/a.md",
    "y/a.md",
    "a.md.txt",
    "x/index.md",
    "2025-01-02-a.md",
    NFC,
    NFD,
    f"x/{NFC}",
]
LISTS = ["a.jsonl", "x/list.yaml"]
TAG = "tag:feeds.example.org,2026:"
IDS = [
    "a",
    "a.md",
    "x/a.md",
    "a.jsonl#0",
    "urn:example:1",
    *(TAG + rest for rest in ("a", "a.md", "x/a.md", "/x/a.md", "a.jsonl%230")),
]
TOPICS = [
    "AI",
    " ai ",
    "Ai",
    "Machine  Learning",
    "machine learning",
    "C",
    "C++",
    "Old",
    "Umbrella",
]
# The second and third are of one month, and so on: archives are cut by months.
DAYS = [f"2025-{day}T00:00:00Z" for day in ("01-01", "02-01", "02-28", "03-01", "04-01", "04-02")]
NOWS = [parse_now(day) + 12 * 3600 * 1_000_000 for day in DAYS]
HIDING = [{"published": "no"}, {"draft": "true"}, {"removed": "true"}]
BAD = [
    b"---\nexcerpt: no title\npublishedDateTime: 2025-01-01\n---\n",
    b"---\ntitle: T\npublished: maybe\n---\n",
    b"---\ntitle: T\npublishedDateTime: 2025-01\n---\n",
    b"---\ntitle: T\ntitle: T\n---\n",
    b"---\ntitle: \xff\n---\n",
    b"---\ntitle: [\n---\n",
    b"no front matter, so no record\n",
]
NOWHERE = b""  # stands for a symbolic link to nowhere
UPSETS = [
    *(["configuration"] * 2),
    *(["taxonomy"] * 2),
    "full",
    "gone",
    "empty",
    "garbage",
    "truncated",
]
TAXONOMIES = [
    "",
    "- {name: Artificial Intelligence, aliases: [AI]}\n",
    "- {name: AI, parent: Umbrella}\n- {name: Umbrella, description: All of it}\n",
    "- {name: AI, _id: thinking}\n- {name: C, _id: sea, parent: AI}\n",
    "- {name: Machine Learning, aliases: [Old, ai]}\n",
    "- {name: Umbrella, parent: AI}\n- {name: AI, aliases: [C++]}\n",
]
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # nothing here is to last

ATOM = 'formats = ["atom"]\n'  # enough for most: what is in an entry is the same in all
NEWEST = 'duplicates = "newest"\n'
CONFIGURATIONS = [
    f"{TOML}[feeds]\n{more}"
    for more in (
        NEWEST,
        "",
        ATOM,
        ATOM + NEWEST,
        ATOM + NEWEST + 'limit = 1\ntitle = "{site}: {topic}"\n',
        ATOM + "limit = 2\n",
        ATOM + "limit = 1\narchives = true\ntombstones = true\n",
        ATOM + NEWEST + 'archives = true\nall_content = "summary"\n',
        "tombstones = true\n",
        ATOM + '[topics]\nexclude = ["a*"]\n',
        ATOM + NEWEST + '[topics."AI"]\nlimit = 1\ntitle = "Thinking"\n',
        ATOM + NEWEST + '[records]\nexclude = ["x/"]\n',
        ATOM + '[records]\ninclude = ["*.md", "*.jsonl"]\n[fields]\ncategories = ["tags"]\n',
    )
]


def mostly(default: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([default] * (2 * len(others)) + list(others))


# Few links, dates and topics, so that records meet; None is a field that is not written.
records = st.builds(
    lambda hiding, **fields: {k: v for k, v in fields.items() if v is not None} | hiding,
    hiding=mostly({}, *HIDING),
    title=st.sampled_from(["One", "Two & three", "<b>Four</b>"]),
    topics=st.lists(st.sampled_from(TOPICS), max_size=3),
    publishedDateTime=st.sampled_from([*DAYS, *DAYS, None]),
    updatedDateTime=mostly(None, *DAYS),
    expires=mostly(None, *DAYS[1:]),
    removedDateTime=mostly(None, *DAYS),
    webUrl=st.sampled_from([*(["https://example.com/1"] * 5), "/2", "/2", "javascript:3", None]),
    id=mostly(None, *IDS),
    tags=mostly(None, ["Tagged"]),
)


class Archive(RuleBasedStateMachine):
    """A site whose files change in every way; after each few changes it is built and looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=_MEMORY))
        self.site = Site(self.folder / "site")
        self.now = NOWS[3]
        self.full = False
        self.pace = 1
        self.near = False
        self.steps = 0
        self.tokens = 0
        # By path, of each record in the file: its token, and the fields that it was written with.
        self.files: dict[str, list[tuple[str, dict[str, Any]]]] = {}

    @initialize(
        pace=st.integers(1, 2),
        near=st.booleans(),
        toml=st.sampled_from(CONFIGURATIONS),
        some=st.lists(st.tuples(st.sampled_from(PATHS), records), min_size=3, max_size=8),
    )
    def start(
        self, pace: int, near: bool, toml: str, some: list[tuple[str, dict[str, Any]]]
    ) -> None:
        """``near``: few records, which all have one link, and only the newest is shown."""
        self.pace, self.near = pace, near
        self.site.configure(f"{TOML}[feeds]\n{ATOM}{NEWEST}" if near else toml)
        for path, fields in some:
            self.write(path, fields, "")

    def teardown(self) -> None:
        try:
            self.look()
        finally:
            shutil.rmtree(self.folder)

    # What happens to records.

    @rule(path=st.sampled_from(PATHS), fields=records, body=st.sampled_from(["", "Words."]))
    def write(self, path: str, fields: dict[str, Any], body: str) -> None:
        """A new record, or an edit."""
        if self.near:
            path = PATHS[PATHS.index(path) % 4]
            fields = fields | {"webUrl": "https://example.com/1"}
        self._put(path, [self._named(fields)], body)

    @rule(path=st.sampled_from(LISTS), items=st.lists(records, max_size=3))
    def write_many(self, path: str, items: list[dict[str, Any]]) -> None:
        self._put(path, [self._named(item) for item in items])

    @rule(path=st.sampled_from(PATHS), content=st.sampled_from([*BAD, NOWHERE]))
    def break_(self, path: str, content: bytes) -> None:
        """A record that cannot be used, or a link to nowhere."""
        self._clear(path)
        file = self.site.write(path, content)
        if content == NOWHERE:
            file.unlink()
            file.symlink_to("nowhere.md")

    @precondition(lambda self: self.files)
    @rule(data=st.data(), to=st.sampled_from(PATHS))
    def move(self, data: st.DataObject, to: str) -> None:
        """Under another name, in another folder, or over another record."""
        path = self._one(data)
        if path not in LISTS and path != to:
            self._clear(to)
            (self.site.seeds / to).parent.mkdir(exist_ok=True)
            (self.site.seeds / path).rename(self.site.seeds / to)
            self.files[to] = self.files.pop(path)

    @precondition(lambda self: self.files)
    @rule(data=st.data(), folder=st.booleans())
    def delete(self, data: st.DataObject, folder: bool) -> None:
        """A record, or the folder that it is in."""
        path = self._one(data)
        above = path.rpartition("/")[0]
        for other in sorted(self.files):
            if other == path or (folder and above and other.startswith(f"{above}/")):
                self._clear(other)
        if folder and above:
            shutil.rmtree(self.site.seeds / above)

    @precondition(lambda self: self.files)
    @rule(data=st.data(), hiding=st.sampled_from([{}, *HIDING]))
    def flip(self, data: st.DataObject, hiding: dict[str, str]) -> None:
        """The same text, published or not."""
        path = self._one(data)
        plain = [
            (token, {name: value for name, value in fields.items() if name not in _HIDERS})
            for token, fields in self.files[path]
        ]
        self._put(path, [(token, fields | hiding) for token, fields in plain])

    @precondition(lambda self: self.files)
    @rule(data=st.data(), heat=st.sampled_from([None, 1, 2]))
    def touch(self, data: st.DataObject, heat: int | None) -> None:
        """An edit that nobody can see, or none at all."""
        path = self._one(data)
        if heat is None:
            self.site.write(path, (self.site.seeds / path).read_bytes())
        else:
            secret = {"heat": heat, "secured": {"note": f"HUSH{heat}"}}
            self._put(path, [(token, fields | secret) for token, fields in self.files[path]])

    # What happens to all else.

    @rule(now=st.sampled_from(NOWS))
    def pass_time(self, now: int) -> None:
        """It goes back too."""
        self.now = now

    @rule(change=st.sampled_from(UPSETS), data=st.data())
    def upset(self, change: str, data: st.DataObject) -> None:
        """Something after which all is read anew."""
        if change == "configuration":
            self.site.configure(data.draw(st.sampled_from(CONFIGURATIONS)))
        elif change == "taxonomy":
            file = self.site.root / "topics.yaml"
            file.write_text(data.draw(st.sampled_from(TAXONOMIES)), "utf-8")
        elif change == "full":
            self.full = True
        else:
            self._spoil_the_catalog(change)

    def _spoil_the_catalog(self, damage: str) -> None:
        for file in self.site.root.glob(".topicast/*.sqlite"):
            data = file.read_bytes()
            file.unlink()
            if damage != "gone":
                spoilt = {"empty": b"", "garbage": b"\x07" * len(data), "truncated": data[:9000]}
                file.write_bytes(spoilt[damage])

    @precondition(lambda self: self.site.feeds.exists())
    @rule(data=st.data(), gone=st.booleans())
    def meddle(self, data: st.DataObject, gone: bool) -> None:
        """A file of the tree is edited or deleted by hand."""
        files = sorted(self.site.tree().keys() - {"manifest.json", "topics.json"})
        if files:
            file = self.site.feeds / data.draw(st.sampled_from(files))
            file.unlink() if gone else file.write_bytes(b"mine")

    @precondition(lambda self: self.site.feeds.exists())
    @rule(data=st.data())
    def kill(self, data: st.DataObject) -> None:
        """A run was killed amid its renames."""
        file = self.site.feeds / "manifest.json"
        manifest = json.loads(file.read_bytes())
        paths = st.sampled_from(sorted(set(manifest["files"]) - {"topics.json"}))
        for path in data.draw(st.sets(paths, max_size=2)) if len(manifest["files"]) > 1 else ():
            (self.site.feeds / path).unlink(missing_ok=True)
            manifest["files"][path] = ""
        (self.site.feeds / ".atom.xml.topicast-tmp").write_bytes(b"<feed")
        file.write_text(json.dumps(manifest | {"complete": False}), "utf-8")

    @precondition(lambda self: self.steps % 5 == 4)
    @rule()
    def preview(self) -> None:
        """A preview, which shares the registry and nothing else."""
        before = self._stats(self.site.feeds)
        report = self._build(include_unpublished=True)
        fresh, tree = self._fresh(include_unpublished=True)
        assert self.site.tree("preview") == tree | {".gitignore": b"*\n"}
        assert _counts(report) == _counts(fresh)
        assert self._stats(self.site.feeds) == before

    # What must hold.

    @invariant()
    def look_now_and_then(self) -> None:
        self.steps += 1
        if self.steps % self.pace == 0:
            self.look()

    def look(self) -> None:
        fresh, tree = self._fresh()
        before = self._stats(self.site.root)
        foreseen = self._build(check=True, full=self.full)
        assert self._stats(self.site.root) == before

        report = self.site.build(**self._options(full=self.full))
        self.full = False
        assert _outcome(foreseen) == _outcome(report)
        assert _counts(report) == _counts(fresh)
        assert self.site.tree() == tree
        self._look_at_ids()
        self._look_for_secrets()

        before = self._stats(self.site.root)
        again = self._build()
        assert self._stats(self.site.root) == before
        assert (again.parsed, again.rendered, again.changed) == (0, 0, False)
        assert _counts(again) == _counts(fresh)

    def _build(self, **options: Any) -> Report:
        return build(self.site.root / "topicast.toml", **self._options(**options))

    def _options(self, **options: Any) -> dict[str, Any]:
        # Few as they are, these records often halve: that guard has tests of its own.
        return {"now": self.now, "allow_shrink": True, "jobs": 1} | options

    def _fresh(self, **options: Any) -> tuple[Report, dict[str, bytes]]:
        """What a build from nothing makes of the records, given the registry."""
        out = self.site.root / "fresh"
        out.mkdir()
        registry = self.site.feeds / "topics.json"
        if registry.exists() and "include_unpublished" not in options:
            shutil.copy(registry, out)
        report = self._build(out=str(out), full=True, **options)
        tree = self.site.tree("fresh")
        shutil.rmtree(out)
        for file in self.site.root.glob(".topicast/fresh-*"):
            file.unlink()
        return report, tree

    def _look_at_ids(self) -> None:
        feed = (self.site.feeds / "atom.xml").read_text("utf-8")
        ids = re.findall(r"<id>(.*?)</id>", feed)
        assert len(ids) == len(set(ids))

    def _look_for_secrets(self) -> None:
        stored = b"".join(
            file.read_bytes()
            for folder in (".topicast", "feeds")
            for file in (self.site.root / folder).rglob("*")
            if file.is_file() and "-preview" not in file.name
        )
        assert b"HUSH" not in stored
        public = {
            token
            for records in self.files.values()
            for token, fields in records
            if not _HIDERS & fields.keys()
        }
        found = {match.decode() for match in re.findall(rb"token\d+x", stored)}
        assert found <= public

    def _named(self, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        self.tokens += 1
        return f"token{self.tokens}x", fields

    def _put(self, path: str, records: list[tuple[str, dict[str, Any]]], body: str = "") -> None:
        self._clear(path)
        self.files[path] = records
        secured = {"secured": {"note": "HUSH"}, "unknown": "HUSH"}
        items = [
            secured | fields | {"title": f"{fields['title']} {token}", "excerpt": f"About {token}"}
            for token, fields in records
        ]
        lines = [json.dumps(item) for item in items]
        if path.endswith(".yaml"):
            lines = [f"- {line}" for line in lines]
        elif path not in LISTS:
            lines = ["---", lines[0], "---", body]
        self.site.write(path, "\n".join(lines) + "\n")

    def _clear(self, path: str) -> None:
        (self.site.seeds / path).unlink(missing_ok=True)
        self.files.pop(path, None)

    def _one(self, data: st.DataObject) -> str:
        path: str = data.draw(st.sampled_from(sorted(self.files)))
        return path

    def _stats(self, folder: Path) -> dict[str, tuple[int, int, int]]:
        """Of each file and folder what shows that somebody wrote there."""
        seen = {}
        for path in sorted(folder.rglob("*")):
            found = os.lstat(path)
            seen[str(path)] = (found.st_size, found.st_mtime_ns, found.st_ino)
        return seen


_HIDERS = {name for hiding in HIDING for name in hiding}
_COUNTS = ("records", "files", "shown", "hidden", "set_aside", "due", "problems", "exit_code")
_OUTCOME = (*_COUNTS[:-1], "written", "unchanged", "removed", "parsed", "rendered")


def _counts(report: Report) -> dict[str, object]:
    return {name: getattr(report, name) for name in _COUNTS}


def _outcome(report: Report) -> dict[str, object]:
    return {name: getattr(report, name) for name in _OUTCOME}


# TOPICAST_EXAMPLES=5000 with --timeout 0 hunts with new seeds; else examples are always the same.
_HUNT = int(os.environ.get("TOPICAST_EXAMPLES", "0"))
TestArchive = Archive.TestCase
TestArchive.settings = settings(
    max_examples=_HUNT or 130,
    stateful_step_count=15,
    derandomize=not _HUNT,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
