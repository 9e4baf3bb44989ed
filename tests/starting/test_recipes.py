"""The recipes do what they say: checked by the tools of their hosts, and carried out."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from command_line import CommandLine
from site_on_disk import Site
from topicast.starting.scaffold import RECIPES

TOOLS = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
Written = Callable[..., Path]


@pytest.fixture
def written(site: Site, run: CommandLine) -> Written:
    """Writes a recipe for the site; the folder that it is in."""

    def write(name: str) -> Path:
        assert run(site.root, "init", "--with", name).code == 0
        return site.root

    return write


def sh(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line of shell, with no more of an environment than cron gives."""
    return subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env={"HOME": str(folder), "LOGNAME": "x", "SHELL": "/bin/sh", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def cron_line(root: Path) -> tuple[str, str]:
    """PATH and the command of the crontab, as cron would pass them to the shell."""
    lines = [
        line
        for line in (root / "topicast.crontab").read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    path, line = lines
    *when, command = line.split(" ", 5)
    assert when == ["*/15", "*", "*", "*", "*"]
    return path.removeprefix("PATH="), re.sub(r"(?<!\\)%", "\n", command).replace(r"\%", "%")


def test_the_line_of_cron_builds_logs_and_ends_as_the_build(
    site: Site, written: Written, tmp_path: Path
) -> None:
    site.record("a.md")
    path, command = cron_line(written("cron"))
    assert sh(command, tmp_path, PATH=path).returncode == 0
    assert site.titles() == ["Title of a"]
    log = site.root / "topicast.log"
    assert log.read_text() == ""
    site.record("bad.md", title=None)
    assert sh(command, tmp_path, PATH=path).returncode == 3
    assert "error: seeds/bad.md" in log.read_text()
    shutil.rmtree(site.seeds)
    done = sh(command, tmp_path, PATH=path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert "seeds: cannot be read" in log.read_text()


def test_the_line_of_cron_works_in_a_folder_with_an_odd_name(
    tmp_path: Path, run: CommandLine
) -> None:
    site = Site(tmp_path / "it's 100% mine")
    site.record("a.md")
    assert run(site.root, "init", "--with", "cron").code == 0
    path, command = cron_line(site.root)
    assert sh(command, tmp_path, PATH=path).returncode == 0
    assert site.titles() == ["Title of a"]


def test_the_units_are_what_systemd_takes(site: Site, written: Written) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("no systemd here")
    site.record("a.md")
    folder = written("systemd") / "systemd"
    units = [str(folder / name) for name in ("topicast.service", "topicast.timer")]
    done = subprocess.run([verify, "verify", *units], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run(
        [verify, "security", "--offline=yes", "--threshold=30", units[0]],
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-500:]


def test_the_unit_takes_a_build_with_bad_records_as_a_success(site: Site, written: Written) -> None:
    site.write("bad.md", "---\ntitle: [\n---\n")
    unit = (written("systemd") / "systemd/topicast.service").read_text()
    starts = re.findall(r"(?m)^ExecStart=(.*)$", unit)
    codes = [sh(line, site.root, PATH=os.environ["PATH"]).returncode for line in starts]
    assert codes == [3, 0]
    assert "\nSuccessExitStatus=3\n" in unit


def test_the_workflow_is_what_github_takes(written: Written) -> None:
    workflow = written("github") / ".github/workflows/topicast.yml"
    done = subprocess.run(
        [
            str(TOOLS / "check-jsonschema"),
            *("--builtin-schema", "vendor.github-workflows"),
            str(workflow),
        ],
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout


class Workflow:
    """Carries out the ``run`` steps of the workflow in a clone, as its host would."""

    def __init__(self, file: Path, clone: Path, temporary: Path) -> None:
        self._jobs: Any = yaml.safe_load(file.read_text("utf-8"))["jobs"]
        self._clone = clone
        self._temporary = temporary
        self.output = temporary / "output"

    def step(self, job: str, starts: str) -> subprocess.CompletedProcess[str]:
        (line,) = [
            step["run"] for step in self._jobs[job]["steps"] if starts in step.get("run", "")
        ]
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line],
            cwd=self._clone,
            env={
                "PATH": f"{TOOLS}:{os.environ['PATH']}",
                "HOME": str(self._temporary),
                "RUNNER_TEMP": str(self._temporary),
                "GITHUB_OUTPUT": str(self.output),
            },
            capture_output=True,
            encoding="utf-8",
        )


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def test_the_steps_of_the_workflow_build_and_commit_only_what_changed(
    site: Site, written: Written, tmp_path: Path
) -> None:
    site.record("a.md")
    written("github")
    git(site.root, "init", "-q", "-b", "main")
    git(site.root, "add", "-A")
    git(site.root, "commit", "-qm", "start")
    git(tmp_path, "clone", "-q", "--bare", str(site.root), "origin.git")
    git(tmp_path, "clone", "-q", "origin.git", "clone")
    clone, temporary = tmp_path / "clone", tmp_path / "runner"
    temporary.mkdir()
    workflow = Workflow(clone / ".github/workflows/topicast.yml", clone, temporary)

    def whole() -> list[str]:
        workflow.output.write_text("")
        built = workflow.step("build", "topicast build")
        assert built.returncode == 0, built.stderr
        assert workflow.step("build", "git commit").returncode == 0
        return [workflow.output.read_text(), built.stdout]

    assert whole()[0] == "changed=true\n"
    assert git(tmp_path / "origin.git", "show", "--name-only", "main").count("feeds/") > 5
    assert whole()[0] == "changed=false\n"
    assert (temporary / "report.json").exists()

    (clone / "seeds/bad.md").write_text("---\ntitle: [\n---\n")
    assert whole()[1].startswith("::warning::The feeds are built, but records were set aside")
    linted = workflow.step("lint", "topicast lint")
    assert linted.returncode == 1
    assert linted.stdout.startswith("::error file=seeds/bad.md,line=2::")

    assert workflow.step("ping", "topicast ping").returncode == 0  # no hub is configured
    shutil.rmtree(clone / "seeds")
    assert workflow.step("build", "topicast build").returncode == 1


def test_the_dockerfile_is_what_hadolint_takes(written: Written) -> None:
    file = written("docker") / "Dockerfile"
    done = subprocess.run(
        [str(TOOLS / "hadolint"), str(file)], capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_container_sees_all_that_the_configuration_names(
    site: Site, run: CommandLine, tmp_path: Path
) -> None:
    site.configure(
        '[records]\npath = "content/my posts"\n[feeds]\nout = "public/feeds"\n'
        '[html]\ntemplates = "theme"\n'
    )
    (site.root / "theme").mkdir()
    (site.root / "topics.yaml").write_text("- name: AI\n")
    assert run(site.root, "init", "--with", "docker").code == 0
    text = (site.root / "Dockerfile").read_text()
    for path, there in (
        ("topicast.toml", "topicast.toml"),
        ("content/my posts", "content/my posts"),
        ("topics.yaml", "topics.yaml"),
        ("theme", "theme"),
    ):
        mount = shlex.quote(f"{path}:/site/{there}:ro")
        assert f'#     --volume "$PWD"/{mount} \\\n' in text
    assert "--volume topicast-feeds:/site/public/feeds " in text
    assert "mkdir -p '/site/content/my posts' /site/public/feeds /site/.topicast" in text
    assert 'VOLUME ["/site/public/feeds", "/site/.topicast"]' in text
    assert "seeds" not in text


@pytest.mark.parametrize("path", [".", "..", "seeds"])
def test_a_unit_may_write_where_the_records_are_all_around(
    site: Site, run: CommandLine, path: str
) -> None:
    site.configure(f'[records]\npath = "{path}"\nexclude = ["feeds/"]\n')
    assert run(site.root, "init", "--with", "systemd").code == 0
    unit = (site.root / "systemd/topicast.service").read_text()
    assert ("ReadOnlyPaths=" in unit) is (path == "seeds")


def test_the_image_runs_unprivileged_and_schedules(written: Written) -> None:
    text = (written("docker") / "Dockerfile").read_text()
    assert re.search(r"(?m)^USER 10001:10001$", text)
    assert re.search(r'(?m)^ENTRYPOINT \["topicast", "schedule"\]\nCMD \["--every", "15m"\]$', text)
    assert text.index("pip install") < text.index("USER 10001")
    assert "--read-only" in text and "\nSTOPSIGNAL SIGTERM\n" in text


def test_the_hook_stops_a_commit_with_a_bad_record(
    site: Site, written: Written, tmp_path: Path
) -> None:
    site.record("a.md")
    config = written("pre-commit") / ".pre-commit-config.yaml"
    # The environment of the tests in place of one that would be made with pip.
    text = re.sub("(?m)^ *additional_dependencies: .*\n", "", config.read_text())
    config.write_text(text.replace("language: python", "language: system"))
    environment = os.environ | {
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
    }
    git(site.root, "init", "-q")

    def hook() -> subprocess.CompletedProcess[str]:
        git(site.root, "add", "-A")
        return subprocess.run(
            [str(TOOLS / "pre-commit"), "run"],
            cwd=site.root,
            env=environment,
            capture_output=True,
            encoding="utf-8",
        )

    done = hook()
    assert done.returncode == 0 and "topicast lint" in done.stdout, done.stdout
    site.write("bad.md", "---\ntitle: [\n---\n")
    done = hook()
    assert done.returncode == 1 and "error: seeds/bad.md:2: not readable" in done.stdout
    (site.root / "README").write_text("not a record")
    (site.seeds / "bad.md").unlink()
    git(site.root, "add", "-A")
    git(site.root, "commit", "-qm", "all")
    (site.root / "README").write_text("again")
    assert "no files to check" in hook().stdout


def test_others_can_use_the_hook_of_this_repository() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["entry"], hook["language"]) == (
        *("topicast-lint", "topicast lint", "python"),
    )
    assert not hook["pass_filenames"]
    done = subprocess.run(
        [str(TOOLS / "pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml"], cwd=ROOT
    )
    assert done.returncode == 0
    for path in ("seeds/a.md", "x.yaml", "y.yml", "z.jsonl", "topicast.toml"):
        assert re.search(hook["files"], path)
    assert not re.search(hook["files"], "src/app.py")


def test_every_recipe_is_shipped() -> None:
    folder = ROOT / "src/topicast/starting/recipes"
    assert {source for files in RECIPES.values() for source in files} == {
        path.name for path in folder.iterdir()
    }
