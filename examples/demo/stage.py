"""The demo's folder: its own copy of the manifests, its own store and key, and the logs of what it starts."""

import fcntl
import os
import shutil
import sys
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from processes import ROOT

MANIFESTS = ROOT / "manifests"
SIMULATED = Path(__file__).with_name("local-simulated.yaml")
ON, OFF = "enabled: true", "enabled: false"
_MODEL_ADDRESS = "http://127.0.0.1:8081"
_MARK = "demo.lock"


class NotPossible(Exception):
    """The demo can't begin; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    folder: Path

    @property
    def manifests(self) -> Path:
        return self.folder / "manifests"

    @property
    def edited(self) -> Path:
        """The manifest that the demo edits."""
        return self.manifests / "local.yaml"

    @property
    def database(self) -> Path:
        return self.folder / "demo.db"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def lock(self) -> TextIOWrapper:
        """Keep what is returned: while it is open no other demo takes this folder. Raises NotPossible."""
        mark = self.folder / _MARK
        if self.folder.exists() and not mark.exists() and any(self.folder.iterdir()):
            raise NotPossible(
                f"{shown(self.folder)} is not empty and not the demo's; name another: --folder DIR"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        held = mark.open("a", encoding="utf-8")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.close()
            raise NotPossible(
                f"another demo runs in {shown(self.folder)}; stop it, or name another folder: --folder DIR"
            ) from None
        return held

    def prepare(self, model_port: int | None) -> None:
        """Everything as before the first run. Without a port the simulator stands in for the model server."""
        shutil.rmtree(self.manifests, ignore_errors=True)
        for pattern in ("demo.db*", "demo-records.db*", "demo.key"):
            for file in self.folder.glob(pattern):
                file.unlink()
        self.manifests.mkdir()
        for file in sorted(MANIFESTS.glob("*.yaml")):
            self._copy(file, model_port)

    def _copy(self, file: Path, model_port: int | None) -> None:
        simulated = model_port is None and file.name == self.edited.name
        text = (SIMULATED if simulated else file).read_text(encoding="utf-8")
        schemas = os.path.relpath(ROOT / "schemas", self.manifests)
        text = text.replace("$schema=../schemas", f"$schema={schemas}")
        text = text.replace(_MODEL_ADDRESS, f"http://127.0.0.1:{model_port}")
        (self.manifests / file.name).write_text(text, encoding="utf-8")

    def edit(self, before: str, after: str) -> None:
        text = self.edited.read_text(encoding="utf-8")
        self.edited.write_text(text.replace(before, after), encoding="utf-8")


def shown(path: Path) -> str:
    """As one would type it from the top of the repository."""
    absolute = path.absolute()
    return str(absolute.relative_to(ROOT) if absolute.is_relative_to(ROOT) else absolute)


def python() -> str:
    return shown(Path(sys.executable))


def program() -> str:
    return shown(Path(sys.executable).with_name("routerctl"))
