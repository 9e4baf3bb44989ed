"""Runs Topicast and its peers on the same records, in turn, and says what each run cost.

    python benchmarks/run.py --sizes 1000 10000

``--publish`` writes the table, the plot and the raw figures into the repository.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import feeds
import machine
import plot
import report
from contestants import CONTESTANTS, PLAIN, REPOSITORY, Contestant, Job, Step, UnavailableError
from measure import Cost, measure
from records import Records

RESULTS = REPOSITORY / "benchmarks" / "results.json"
DOCS = REPOSITORY / "docs"


class Race:
    """All contestants on the records of one size."""

    def __init__(self, records: Records, entrants: list[Contestant], options: argparse.Namespace):
        self.records, self.entrants, self.options = records, entrants, options
        self.work: Path = options.work
        self.reference: feeds.Feeds | None = None
        self.rows = {
            (entrant.key, step): report.Row(entrant.key, entrant.name, step, [], 0, "")
            for entrant in entrants
            for step in entrant.steps
        }

    def run(self) -> list[report.Row]:
        # The plain script goes first: its feeds are what the others' are compared with.
        order = sorted(self.entrants, key=lambda entrant: entrant.key != PLAIN)
        for _ in range(self.options.rounds):
            for entrant in order:
                for step in entrant.steps:
                    if any(self.rows[entrant.key, earlier].problem for earlier in entrant.steps):
                        break
                    self.take(entrant, step)
        return [row for row in self.rows.values() if row.runs]

    def take(self, entrant: Contestant, step: Step) -> None:
        """One run, and the check of what it wrote."""
        job = Job(
            self.work, self.records.folder, self.records.folder / entrant.key, self.options.jobs
        )
        row = self.rows[entrant.key, step]
        if step is Step.TEN:
            with self.records.edited() as titles:
                cost = self.timed(entrant, step, job)
                problem = failure(cost) or check_titles(job.out, titles)
        else:
            if step is Step.FRESH:
                self.put_away(job.out)
                self.put_away(job.data / ".topicast")
            self.records.settle()
            cost = self.timed(entrant, step, job)
            problem = failure(cost) or self.check_feeds(job.out, row)
        row.runs.append(report.Run(cost.wall, cost.cpu, cost.peak))
        row.problem = problem
        say(
            f"{self.records.size:>9,} {entrant.name}, {step}: {cost.wall:.2f} s, "
            f"{cost.cpu:.2f} s CPU, {cost.peak / 1e6:.0f} MB {problem}"
        )

    def put_away(self, folder: Path) -> None:
        """Let a run begin without ``folder``.

        Moved, not deleted: files are made more slowly for a while near many that were deleted.
        """
        away = self.records.folder / "old"
        away.mkdir(exist_ok=True)
        if folder.exists():
            folder.rename(away / str(len(os.listdir(away))))

    def timed(self, entrant: Contestant, step: Step, job: Job) -> Cost:
        self.records.warm()
        os.sync()
        log = self.work / "logs" / f"{self.records.size}-{entrant.key}-{step.name.lower()}.log"
        log.parent.mkdir(exist_ok=True)
        cost = measure(entrant.command(job), job.data, log, self.options.timeout)
        if failure(cost):
            say(f"what it printed is in {log}")
        return cost

    def check_feeds(self, out: Path, row: report.Row) -> str:
        try:
            found = feeds.read(out)
        except ET.ParseError as error:
            return f"not well-formed: {error}"
        row.feeds = found.total
        if not found.total:
            return "no feeds"
        self.reference = self.reference or found
        return feeds.difference(found, self.reference)


def failure(cost: Cost) -> str:
    if cost.timed_out:
        return f"did not end in {cost.wall:.0f} s"
    return f"exit {cost.code}" if cost.code else ""


def check_titles(out: Path, expected: set[str]) -> str:
    missing = len(expected - feeds.titles(out))
    return f"{missing} of the new titles are not in the feeds" if missing else ""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def install(options: argparse.Namespace) -> tuple[list[Contestant], dict[str, str]]:
    """Those who can take part, and the versions of everything."""
    once = functools.cache(lambda installer: installer(options.work))
    ready: list[Contestant] = []
    versions: dict[str, str] = {}
    for contestant in CONTESTANTS:
        if options.only and contestant.key not in options.only:
            continue
        try:
            say(f"installing {contestant.name}")
            versions |= once(contestant.install)
            ready.append(contestant)
        except UnavailableError as reason:
            say(f"{contestant.name} is left out: {reason}")
    return ready, versions


def start_up(work: Path, rounds: int = 11) -> dict[str, float]:
    """Median seconds of ``topicast --version`` and of a Python that does nothing, in turn."""
    binaries = work / "topicast" / "bin"
    commands = {
        "python": [str(binaries / "python"), "-c", "pass"],
        "topicast --version": [str(binaries / "topicast"), "--version"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def race(size: int, entrants: list[Contestant], options: argparse.Namespace) -> list[report.Row]:
    limits = dict(options.limit)
    chosen = [each for each in entrants if size <= limits.get(each.key, each.limit)]
    say(f"{size:>9,} making the records")
    return Race(Records(folder_of(size, options), size), chosen, options).run()


def folder_of(size: int, options: argparse.Namespace) -> Path:
    folder: Path = options.work / f"records-{size}"
    return folder


def arguments() -> argparse.Namespace:
    def limit(text: str) -> tuple[str, int]:
        key, _, size = text.partition("=")
        return key, int(size)

    keys = [contestant.key for contestant in CONTESTANTS]
    parser = argparse.ArgumentParser(description="Time Topicast and its peers.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default 3)")
    parser.add_argument("--only", nargs="+", choices=keys, metavar="KEY", help=", ".join(keys))
    parser.add_argument(
        "--limit",
        type=limit,
        action="append",
        default=[],
        metavar="KEY=N",
        help="leave KEY out above N records (default 100000, Eleventy 10000, Topicast none)",
    )
    parser.add_argument("--jobs", type=int, default=0, help="Topicast's --jobs (default its own)")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one run")
    default = Path(tempfile.gettempdir()) / "topicast-benchmarks"
    parser.add_argument("--work", type=Path, default=default, help=f"scratch (default {default})")
    parser.add_argument("--keep", action="store_true", help="keep the records and the feeds")
    parser.add_argument("--publish", action="store_true", help="write docs/ and results.json")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    entrants, versions = install(options)
    about = machine.describe(options.work, versions, options.rounds)
    stored = RESULTS if options.publish else options.work / "results.json"
    results = json.loads(stored.read_text()) if options.publish and stored.exists() else {}
    problems = False
    try:
        for size in options.sizes:
            rows = race(size, entrants, options)
            problems |= any(row.problem for row in rows)
            results[str(size)] = {"about": about, "rows": [row.raw() for row in rows]}
            stored.write_text(json.dumps(results, indent=1) + "\n")
    finally:  # see Race.put_away
        for size in [] if options.keep else options.sizes:
            shutil.rmtree(folder_of(size, options), ignore_errors=True)
    if (options.work / "topicast").exists() and not problems:
        results["start-up"] = start_up(options.work)
        stored.write_text(json.dumps(results, indent=1) + "\n")
    print(report.markdown(results))
    if options.publish:
        report.publish(results, DOCS / "performance.md")
        (DOCS / "performance.svg").write_text(plot.svg(results))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
