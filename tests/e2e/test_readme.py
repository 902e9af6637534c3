"""What the documents show is what happens: each command of a `console` block is run, in order, beside a copy of manifests/.

A block holds `$ command` lines, and below each the lines that it prints. All of them must be among those that it does
print, apart from digests, commits, times, ages, paths and the widths of columns. A line `...` stands for more of them.
A line `$ cd FOLDER` counts for all that follow. A command of routerctl alone runs in this process: a new one for each
would take most of the time.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.program import with_routerctl

from reconciler.cli.main import run
from reconciler.log import FORMAT, DiscreetFormatter

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = sorted(
    file.relative_to(ROOT).as_posix()
    for file in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/how-to/*.md"))
    if BLOCK.search(file.read_text(encoding="utf-8"))
)
ACTOR = re.compile(r"^\d+ +\S+Z +(\S+) ", re.MULTILINE)
ELSEWHERE = ("curl", "docker", "make", "pip", "uv")
"""Programs that are shown and not run here."""

SHELL = re.compile(r"[|&;<>$`*~]")

VARIES = (
    (re.compile(r"sha256:[0-9a-f]+"), "sha256:DIGEST"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"(?<![\w.:/])/[\w./-]+"), "/PATH"),
    (re.compile(r"file:///[\w./-]+"), "file:///PATH"),
    (re.compile(r"\b[0-9a-f]{10}\b"), "COMMIT"),
    (re.compile(r"\b\d+[smhd]$"), "AGE"),
    (re.compile(r" {2,}"), "  "),
)


@dataclass(frozen=True)
class Step:
    command: str
    shown: tuple[str, ...]

    @property
    def fails(self) -> bool:
        return any(re.search(r"(^|\s)error: ", line) for line in self.shown)

    @property
    def differs(self) -> bool:
        return self.command.startswith("routerctl diff") and not any(
            line.startswith("No changes") for line in self.shown
        )


def steps(document: str) -> Iterator[Step]:
    for block in BLOCK.findall((ROOT / document).read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block.replace("\\\n", ""), flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            if command.split()[0] not in ELSEWHERE:
                yield Step(command, tuple(line for line in shown if line.strip() not in {"", "..."}))


def plain(line: str) -> str:
    for pattern, word in VARIES:
        line = pattern.sub(word, line.rstrip())
    return line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to paste commands in."""
    home = tmp_path / "tour"
    for part in ("manifests", "schemas", "examples/gitops", "examples/routing", "examples/route-policies"):
        shutil.copytree(ROOT / part, home / part)
    return home


class Terminal:
    """Where commands are pasted: its environment, its folder, and what they print. pytest takes log lines: they are added."""

    def __init__(
        self,
        environ: Mapping[str, str],
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        self.capfd, self.caplog = capfd, caplog
        self.formatter = DiscreetFormatter(FORMAT)
        for name in os.environ.keys() - environ.keys():
            monkeypatch.delenv(name)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)

    def __call__(self, command: str) -> tuple[int, str]:
        """The exit code, and all that was printed."""
        self.capfd.readouterr()
        self.caplog.clear()
        if command.startswith("cd "):
            os.chdir(command.removeprefix("cd "))
            code = 0
        elif command.startswith("routerctl ") and not SHELL.search(command):
            code = run(shlex.split(command)[1:])
        else:
            code = subprocess.run(["sh", "-c", command], check=False, timeout=120).returncode
        logged = [self.formatter.format(record) for record in self.caplog.records]
        return code, "\n".join((*self.capfd.readouterr(), *logged))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of(
    document: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    actor = ACTOR.search((ROOT / document).read_text(encoding="utf-8"))
    environ = {**with_routerctl(folder.parent), **({"LOGNAME": actor[1]} if actor else {})}
    terminal = Terminal(environ, monkeypatch, capfd, caplog)
    monkeypatch.chdir(folder)
    for step in steps(document):
        code, said = terminal(step.command)
        assert code == (3 if step.fails else int(step.differs)), f"$ {step.command}\n{said}"
        printed = {plain(line) for line in said.splitlines()}
        missing = [line for line in step.shown if plain(line) not in printed]
        assert missing == [], f"$ {step.command}\n{said}"


def test_the_readme_shows_the_main_commands() -> None:
    shown = " ".join(step.command for step in steps("README.md"))
    for command in ("validate", "diff", "apply", "get", "history", "rollback"):
        assert f"routerctl {command} " in f"{shown} "
