"""`routerctl` as a program on the PATH, for what starts it by its name: documents, hooks, scripts of CI."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def with_routerctl(folder: Path) -> Mapping[str, str]:
    """An environment in which `routerctl` and git work, with a store and a home below `folder`, which it makes."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    command = programs / "routerctl"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "ROUTERCTL_", "XDG_"))
    }
    return {
        **kept,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "ROUTERCTL_DB": str(folder / "store.db"),
        "HOME": str(folder),
        "LOGNAME": "ada",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Ada Lovelace",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada Lovelace",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
    }
