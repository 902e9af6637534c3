"""Who imports whom: the contracts of .importlinter, and what a process really loads."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from fakes.syntax import ROOT, outline
from fakes.traffic import row, write

HEAVY = {"sqlmodel", "sqlalchemy", "deepdiff", "opentelemetry"}
# Checking, unsealing and speaking HTTP are others' work: each costs as much as the whole of `get`.
SLOW = {"pydantic", "cryptography", "asyncio", "starlette", "httpx2", "ruamel"}
# Libraries that are the inside of a declared one, and are only released together with it.
COMES_WITH = {
    "sqlalchemy": "sqlmodel",
    "pydantic_core": "pydantic",
    "opentelemetry": "opentelemetry-sdk",  # several packages share the name
}
NAME = re.compile(r"[A-Za-z0-9._-]+")

MANIFEST = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: built-in}
spec: {type: simulator, config: {text: hello}}
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
    )


def test_the_import_contracts_hold() -> None:
    done = run(
        "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-logo", "--no-cache"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def said(importtime: str) -> str:
    """What else stands there."""
    return "\n".join(line for line in importtime.splitlines() if not line.startswith("import time:"))


def loaded(importtime: str) -> set[str]:
    """Top-level names in the output of `-X importtime`."""
    lines = [line for line in importtime.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_get_reads_a_store_without_the_libraries_that_write_it(tmp_path: Path) -> None:
    manifest = tmp_path / "provider.yaml"
    manifest.write_text(MANIFEST)
    store = f"sqlite:///{tmp_path / 'store.db'}"
    applied = run("-m", "reconciler", "--db", store, "apply", "-f", str(manifest))
    assert applied.returncode == 0, applied.stderr
    got = run("-X", "importtime", "-m", "reconciler", "--db", store, "get", "providers")
    assert got.returncode == 0, said(got.stderr)
    assert "built-in" in got.stdout
    assert "sqlite3" in loaded(got.stderr)  # else nothing was seen
    assert loaded(got.stderr) & (HEAVY | SLOW) == set()


def test_who_reads_requests_starts_as_fast(tmp_path: Path) -> None:
    write(tmp_path / "store-traffic.db", row())
    for verb in (["requests"], ["stats", "--since", "2020-01-01"], ["top", "--once", "--window", "99999h"]):
        done = run("-X", "importtime", "-m", "reconciler", "--db", str(tmp_path / "store.db"), *verb)
        assert done.returncode == 0, said(done.stderr)
        assert " p  " in done.stdout, verb
        assert loaded(done.stderr) & (HEAVY | SLOW) == set(), verb


def test_what_did_not_change_is_neither_checked_nor_written(tmp_path: Path) -> None:
    """A `diff` and an `apply` of files that are remembered load neither what checks nor what writes."""
    manifest = tmp_path / "provider.yaml"
    manifest.write_text(MANIFEST)
    arguments = ("-X", "importtime", "-m", "reconciler", "--db", str(tmp_path / "store.db"))
    applied = run(*arguments, "apply", "-f", str(manifest))
    assert applied.returncode == 0, said(applied.stderr)
    assert {"pydantic", "sqlmodel"} <= loaded(applied.stderr)  # else nothing was seen
    for verb in ("diff", "apply"):
        again = run(*arguments, verb, "-f", str(manifest))
        assert again.returncode == 0, said(again.stderr)
        assert "No changes" in again.stdout
        assert loaded(again.stderr) & (HEAVY | {"pydantic", "asyncio", "httpx2"}) == set(), verb


@pytest.mark.parametrize("module", ["reconciler.bootstrap.worker", "reconciler.gateway.app"])
def test_a_gateway_process_loads_none_of_them(module: str) -> None:
    done = run("-X", "importtime", "-c", f"import {module}")
    assert done.returncode == 0, said(done.stderr)
    assert "reconciler" in loaded(done.stderr)
    assert loaded(done.stderr) & HEAVY == set()


def test_every_imported_library_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"]["otlp"]
    declared = {_normal(line) for line in [*project["dependencies"], *extra]}
    owners = packages_distributions()
    undeclared = {
        f"{path.relative_to(ROOT)}: {library}"
        for path in (ROOT / "reconciler").rglob("*.py")
        for library in _third_party(path)
        if not declared
        & {_normal(owner) for owner in [*owners.get(library, []), COMES_WITH.get(library, "")]}
    }
    assert undeclared == set()


def _normal(requirement: str) -> str:
    match = NAME.match(requirement)
    return re.sub(r"[._-]+", "-", match[0]).lower() if match else ""


def _third_party(path: Path) -> set[str]:
    found = set()
    for node in outline(path).nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"reconciler"}
