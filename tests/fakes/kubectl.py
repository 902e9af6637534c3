"""The real kubectl, as far as it builds overlays. A test that takes the fixture is skipped, with a word, without it."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.control.manifest.reader import read_text
from reconciler.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class Kubectl:
    program: str
    home: Path

    def kustomize(self, folder: Path) -> list[JsonObject] | None:
        """The documents that it makes of a folder; None where it refuses."""
        done = subprocess.run(
            [self.program, "kustomize", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={"HOME": str(self.home)},
        )
        if done.returncode:
            assert "error: " in done.stderr
            return None
        reading = read_text(done.stdout, "kubectl")
        assert reading.problems == ()
        return [document.data for document in reading.documents]


@pytest.fixture
def kubectl(tmp_path: Path) -> Kubectl:
    beside = Path(sys.executable).parent / "kubectl"
    program = str(beside) if beside.exists() else shutil.which("kubectl")
    if program is None:
        pytest.skip("no kubectl: make kubectl fetches one")
    home = tmp_path / "home"
    home.mkdir()
    return Kubectl(program, home)
