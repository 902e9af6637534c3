"""The first thing that a newcomer may meet: a Python that is too old, or that cannot make an environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIND = Path(__file__).parents[2] / "scripts" / "find-python"

REAL = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
NONE = "#!/bin/sh\necho 'version is not installed' >&2\nexit 127\n"
# `python -c ""` works; the check gives its verdict on stderr, as sys.exit("...") does.
OLD = '#!/bin/sh\n[ -z "$2" ] || { echo "is Python 3.9" >&2; exit 1; }\n'
BARE = '#!/bin/sh\n[ -z "$2" ] || { echo "is Python 3.11 without its module ensurepip" >&2; exit 1; }\n'


def find(folder: Path, pythons: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    for name, text in pythons.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    shell = shutil.which("sh")
    assert shell
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON"} | environment
    return subprocess.run(
        [shell, str(FIND)],
        env={**environment, "PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("pythons", "found"),
    [
        ({"python3": REAL, "python3.12": REAL}, "python3"),
        ({"python3": OLD, "python3.12": REAL}, "python3.12"),
        ({"python3": BARE, "python3.13": NONE, "python3.11": REAL}, "python3.11"),
    ],
)
def test_the_first_that_fits_is_taken(tmp_path: Path, pythons: dict[str, str], found: str) -> None:
    done = find(tmp_path, pythons)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(tmp_path / found)


def test_one_that_is_named_is_the_only_one_tried(tmp_path: Path) -> None:
    done = find(tmp_path, {"python3": REAL, "mine": OLD}, PYTHON="mine")
    assert done.returncode == 1
    assert "mine is Python 3.9" in done.stderr
    assert "python3 is" not in done.stderr


@pytest.mark.parametrize(
    ("pythons", "words"),
    [
        ({}, ["Python 3.11 or newer", "Found no python3", "apt-get install python3 python3-venv"]),
        ({"python3": OLD}, ["python3 is Python 3.9", "make PYTHON="]),
        ({"python3": BARE}, ["without its module ensurepip", "apt-get install python3-venv"]),
        (
            {"python3": OLD, "python3.11": BARE},
            ["is Python 3.9", "python3.11 is Python 3.11 without", "apt-get"],
        ),
    ],
)
def test_otherwise_it_says_what_to_install(tmp_path: Path, pythons: dict[str, str], words: list[str]) -> None:
    done = find(tmp_path, pythons)
    assert (done.returncode, done.stdout) == (1, "")
    for word in words:
        assert word in done.stderr
    assert "not installed" not in done.stderr
