"""What an install leaves behind lets every command start without compiling."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_what_is_used_is_compiled_also_where_python_writes_no_bytecode(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "precompile.py")],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        timeout=280,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    compiled = {file.name.partition(".")[0] for file in tmp_path.rglob("*.pyc")}
    assert {"worker", "supervisor", "writer", "get", "deephash"} <= compiled
