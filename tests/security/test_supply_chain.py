"""What is installed is what was reviewed: pinned, built alike each time, and nothing in it runs by being there."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler import compiled
from scripts.sbom import document, locked

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def built(folder: Path, umask: int) -> Path:
    """A wheel of what is here, built without a network, from a copy."""
    source = folder / "source"
    shutil.copytree(ROOT / "reconciler", source / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    environ = {**os.environ, "SOURCE_DATE_EPOCH": "1790000000"}
    command = [sys.executable, "-c", BUILD, str(folder)]
    subprocess.run(
        command, cwd=source, env=environ, check=True, capture_output=True, umask=umask, timeout=280
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_case_36_a_wheel_holds_our_files_and_no_others_and_is_the_same_each_time(tmp_path: Path) -> None:
    wheels = [built(tmp_path / str(umask), umask) for umask in (0o022, 0o077)]
    with zipfile.ZipFile(wheels[0]) as wheel, zipfile.ZipFile(wheels[1]) as again:
        names = wheel.namelist()
        assert {name: wheel.read(name) for name in names} == {
            name: again.read(name) for name in again.namelist()
        }
        record = next(name for name in names if name.endswith(".dist-info/RECORD"))
        rows = list(csv.reader(io.StringIO(wheel.read(record).decode())))
        contents = {name: wheel.read(name) for name in names}
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "reconciler").rglob("*")
        if path.suffix in {".py", ".typed"}
        or path.name == "kinds.json"
        or (path.parent.name == "reference_page" and path.is_file())
    }
    assert {name for name in names if ".dist-info/" not in name} == ours
    about = {name.partition(".dist-info/")[2] for name in names} - {""}
    assert about == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "top_level.txt", "licenses/LICENSE"}
    for name, digest, _ in rows:
        if digest:
            made = base64.urlsafe_b64encode(hashlib.sha256(contents[name]).digest()).decode().rstrip("=")
            assert digest == f"sha256={made}", name
    assert contents[record.replace("RECORD", "entry_points.txt")].decode().split() == (
        ["[console_scripts]", "routerctl", "=", "reconciler.cli.main:main"]
    )


def kept() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            each for each in folders if each not in {".venv", "build", ".git", ".demo", "__pycache__"}
        ]
        yield from (Path(folder, name) for name in names)


def test_case_36_nothing_runs_by_being_installed() -> None:
    """No .pth, sitecustomize or data file of ours stands where Python looks at its start; nor a setup.py."""
    starting = {"setup.py", "sitecustomize.py", "usercustomize.py"}
    assert [path for path in kept() if path.suffix == ".pth" or path.name in starting] == []
    native = {".so", ".dll", ".exe", ".sh"}
    ours = [path for path in kept() if "reconciler" in path.parts and compiled.FOLDER not in path.parents]
    assert [path for path in ours if path.suffix in native] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_case_36_every_package_is_pinned_by_hash_and_comes_from_nowhere_else(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = list(locked(text))
    assert packages
    assert len({(each.name, each.marker) for each in packages}) == len(packages)
    for word in (
        "://",
        "git+",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--trusted-host",
        "-e ",
        "file:",
        " @ ",
    ):
        assert word not in text


def test_case_38_every_install_that_make_does_checks_hashes_or_installs_ourselves() -> None:
    """An install that resolves names anew is one that somebody else's package of that name can join."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = re.findall(
        r"^\t@?(.*(?:\$\(INSTALL\)|pip install|-m pip \S.* install).*)$", text, re.MULTILINE
    )
    assert installs
    loose = [
        line
        for line in installs
        if "--require-hashes" not in line and "--no-deps --no-build-isolation --editable ." not in line
    ]
    assert [line for line in loose if not line.endswith("install uv")] == [], (
        "uv only makes the lock files, which are reviewed"
    )


def test_case_36_the_bill_of_materials_names_what_is_locked() -> None:
    packages = list(locked((ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")))
    told = json.loads(json.dumps(document(packages)))
    assert [each["purl"] for each in told["components"]] == [
        f"pkg:pypi/{each.name}@{each.version}" for each in packages
    ]
    assert all(each["hashes"] for each in told["components"])
    references = {each["bom-ref"] for each in told["components"]}
    needed = {each["ref"]: each["dependsOn"] for each in told["dependencies"]}
    assert set(needed) == references | {told["metadata"]["component"]["bom-ref"]}
    assert set().union(*needed.values()) <= references
    reached: set[str] = set()
    waiting = [told["metadata"]["component"]["bom-ref"]]
    while waiting:
        reached |= (new := set(needed[waiting.pop()]) - reached)
        waiting += new
    alone = {each["name"] for each in told["components"] if each["bom-ref"] not in reached}
    assert alone <= {each.name for each in packages if each.marker}, "nothing is locked that nobody needs"


def test_a_package_without_a_hash_is_no_lock() -> None:
    with pytest.raises(ValueError, match="not pinned by hash: a==1"):
        list(locked("a==1 --hash=sha256:abc\n"))
