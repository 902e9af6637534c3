"""What only a process of its own shows: pipes, terminals' encodings, what is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.command import SIMULATOR, manifest, served

ROOT = Path(__file__).parents[2]


def start(
    db: Path, *arguments: str, env: dict[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "reconciler", "--db", str(db), *arguments]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.run(
        command, input=stdin.encode(), capture_output=True, env=environ, check=False, timeout=120
    )


@pytest.fixture
def db(tmp_path: Path) -> Path:
    text = served("m") + manifest("Provider", "ä".encode().hex(), {**SIMULATOR, "displayName": "Größe 模型"})
    done = start(tmp_path / "r.db", "apply", "-f", "-", stdin=text)
    assert done.returncode == 0, done.stderr
    return tmp_path / "r.db"


def test_an_output_that_is_not_utf_8_is_no_bug(db: Path) -> None:
    env = {"PYTHONIOENCODING": "latin-1"}
    done = start(db, "get", "providers", "-o", "wide", env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Größe \\u6a21\\u578b".encode("latin-1") in done.stdout


def test_a_pipe_that_is_closed_ends_it_quietly(db: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "reconciler", "--db", str(db), "get", "all"]
    try:
        done = subprocess.run(
            command,
            stdout=writer,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
            timeout=120,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_get_loads_neither_the_yaml_library_nor_the_plan(db: Path) -> None:
    code = (
        "import sys\n"
        "from reconciler.cli.main import run\n"
        f"run(['--db', {str(db)!r}, 'get', 'all', '-o', 'yaml'])\n"
        "print([name for name in sys.modules if name.startswith(('ruamel', 'reconciler.control.plan'))])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_no_colour_reaches_a_pipe(db: Path) -> None:
    done = start(db, "show", env={"TERM": "xterm-256color"})
    assert b"\x1b" not in done.stdout
