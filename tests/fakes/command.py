"""`routerctl` in this process, on a store and a folder of its own.

def test_x(routerctl: Routerctl) -> None:
routerctl.write("a.yaml", manifest("Model", "m"))
assert routerctl("apply", "-f", routerctl.manifests).code == 0
"""

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.main import run
from reconciler.json_types import JsonObject, JsonValue

SIMULATOR: JsonObject = {"type": "simulator", "config": {}}


def manifest(kind: str, name: str, spec: JsonObject | None = None, **metadata: JsonValue) -> str:
    """One document, as JSON: YAML too."""
    default = SIMULATOR if kind == "Provider" else {}
    document = {
        "apiVersion": "routerctl.dev/v1",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": default if spec is None else spec,
    }
    return f"---\n{json.dumps(document, ensure_ascii=False)}\n"


def served(name: str, **spec: JsonValue) -> str:
    """A simulator, and a model of the same name that it serves."""
    return (
        manifest("Provider", name, {**SIMULATOR, **spec})
        + manifest("Model", name)
        + manifest("Binding", name, {"model": name, "provider": name})
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said and ended with."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Routerctl:
    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    @property
    def db(self) -> Path:
        return self.folder / "state" / "routerctl.db"

    @property
    def manifests(self) -> Path:
        return self.folder / "manifests"

    def write(self, name: str, *texts: str) -> Path:
        """A file among the manifests."""
        path = self.manifests / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(texts), encoding="utf-8")
        return path

    def __call__(self, *arguments: str | Path, stdin: str = "") -> Done:
        return self.plain("--db", self.db, *arguments, stdin=stdin)

    def plain(self, *arguments: str | Path, stdin: str = "") -> Done:
        """Without --db."""
        self.capsys.readouterr()
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = run([str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        return Done(code, captured.out, captured.err)

    def ok(self, *arguments: str | Path, stdin: str = "") -> str:
        """What it printed; fails where the command fails."""
        done = self(*arguments, stdin=stdin)
        assert done.code == 0, done.err
        return done.out

    def apply(self, *texts: str) -> str:
        """Makes `texts` the only manifest and applies it."""
        self.write("a.yaml", *texts)
        return self.ok("apply", "-f", self.manifests)


@pytest.fixture
def routerctl(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Routerctl:
    for name in ("DB", "ENCRYPTION_KEY", "ENCRYPTION_KEY_FILE", "ENCRYPTION_KEY_COMMAND"):
        monkeypatch.delenv(f"ROUTERCTL_{name}", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return Routerctl(tmp_path, capsys, monkeypatch)
