"""What the documents show is what happens: each command of a `console` block is run, in order, in a copy of manifests/.

A block holds `$ command` lines, and below each the lines that it prints. All of them must be among those that it does
print, apart from digests, times, ages, paths and the widths of columns. A line `...` stands for more of them.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = sorted(
    file.relative_to(ROOT).as_posix()
    for file in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
    if BLOCK.search(file.read_text(encoding="utf-8"))
)
ACTOR = re.compile(r"^\d+ +\S+Z +(\S+) ", re.MULTILINE)
ELSEWHERE = ("curl", "docker", "git", "make", "pip", "uv")
"""Programs that are shown and not run here."""

VARIES = (
    (re.compile(r"sha256:[0-9a-f]+"), "sha256:DIGEST"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"(?<![\w.:/])/[\w./-]+"), "/PATH"),
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
    """A folder to paste commands in, with `routerctl` on the path."""
    home = tmp_path / "tour"
    shutil.copytree(ROOT / "manifests", home / "manifests")
    shutil.copytree(ROOT / "schemas", home / "schemas")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "routerctl"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler "$@"\n')
    command.chmod(0o755)
    return home


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of(document: str, folder: Path) -> None:
    actor = ACTOR.search((ROOT / document).read_text(encoding="utf-8"))
    environ = {
        **os.environ,
        "PATH": f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "ROUTERCTL_DB": str(folder.parent / "store.db"),
        "HOME": str(folder.parent),
        "LOGNAME": actor[1] if actor else "ada",
    }
    for step in steps(document):
        done = subprocess.run(
            ["sh", "-c", step.command],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=environ,
            timeout=120,
        )
        said = done.stdout + done.stderr
        assert done.returncode == (3 if step.fails else int(step.differs)), f"$ {step.command}\n{said}"
        printed = {plain(line) for line in said.splitlines()}
        missing = [line for line in step.shown if plain(line) not in printed]
        assert missing == [], f"$ {step.command}\n{said}"


def test_the_readme_shows_the_main_commands() -> None:
    shown = " ".join(step.command for step in steps("README.md"))
    for command in ("validate", "diff", "apply", "get", "history", "rollback"):
        assert f"routerctl {command} " in f"{shown} "
