"""Programs that providers of type cli run in tests: small shell scripts, which start at once."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.settings import Reach
from reconciler.snapshot.programs import Program, program_of

PATH = "/usr/local/bin:/usr/bin:/bin"
ENVIRON: Mapping[str, str] = {"PATH": PATH, "HOME": "/nowhere", "LANG": "C.UTF-8"}


def script(folder: Path, name: str, *lines: str) -> Path:
    """An executable file of sh."""
    path = folder / name
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def program(path: Path, environ: Mapping[str, str] = ENVIRON, **config: object) -> Program:
    """As the gateway has it where this very program is allowed."""
    reach = Reach(executables=(str(path),), work_folders=(str(path.parent),))
    return program_of({"executable": str(path), **config}, reach, environ)  # type: ignore[dict-item]  # JSON
