import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from reconciler import compiled

MODULES = ["reconciler.clock", "reconciler.settings"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a build leaves."""
    files = {compiled.LIBRARY: "library.so", **dict.fromkeys(MODULES, "entrance.so")}
    (tmp_path / compiled.RECORD).write_text(compiled.record(files, compiled.digest(MODULES)))
    return tmp_path


def test_what_was_made_from_these_sources_fits(folder: Path) -> None:
    assert compiled.fitting(folder) == {
        compiled.LIBRARY: folder / "library.so",
        **dict.fromkeys(MODULES, folder / "entrance.so"),
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record | {"digest": "0" * 64},
        lambda record: {"digest": record["digest"]},
        lambda record: record | {"files": {"reconciler.clock": "entrance.so"}},
        lambda record: record | {"files": {"reconciler.none": "entrance.so"}},
        lambda record: [record],
    ],
)
def test_anything_else_does_not(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    file = folder / compiled.RECORD
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    assert compiled.fitting(folder) == {}
    assert not compiled.take(folder)


def test_nor_half_a_record_or_none(folder: Path) -> None:
    (folder / compiled.RECORD).write_text("{")
    assert compiled.fitting(folder) == {}
    (folder / compiled.RECORD).unlink()
    assert compiled.fitting(folder) == {}


def test_an_edit_of_a_source_is_seen(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "reconciler"
    copied.mkdir()
    for module in MODULES:
        shutil.copy(compiled.source(module), copied)
    monkeypatch.setattr(compiled, "_PACKAGE", copied)
    assert compiled.fitting(folder)
    with (copied / "clock.py").open("a") as source:
        source.write("# an edit\n")
    assert not compiled.fitting(folder)


def test_nothing_is_taken_once_a_module_was_imported(folder: Path) -> None:
    before = list(sys.meta_path)
    assert not compiled.take(folder), "reconciler.settings is there"
    assert sys.meta_path == before


def test_what_is_taken_is_found_before_the_source(tmp_path: Path) -> None:
    (tmp_path / compiled.RECORD).write_text(
        compiled.record(
            {"reconciler.clock": f"x{EXTENSION_SUFFIXES[0]}"}, compiled.digest(["reconciler.clock"])
        )
    )
    told = """
import sys
from importlib.util import find_spec
from pathlib import Path
from reconciler import compiled
assert compiled.take(Path(sys.argv[1]))
print(find_spec("reconciler.clock").origin, find_spec("reconciler.settings").origin)
"""
    done = subprocess.run(
        [sys.executable, "-c", told, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == [
        str(tmp_path / f"x{EXTENSION_SUFFIXES[0]}"),
        str(compiled.source("reconciler.settings")),
    ]
