"""What git says of a folder in which people work: never fetched, never changed, and no error where there is no git."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.control.manifest.files import SUFFIXES
from reconciler.settings import environment

_TIMEOUT_SECONDS = 30
_ANOTHER_REPOSITORY = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"}
)
"""Set in hooks; they would name the hook's repository, not that of the folder."""
_NOT_WRITTEN_OUT = ("S ", "M ", "R ")
"""How `git ls-files -t` marks what is left out of a sparse checkout, what is in conflict, and what is gone."""


def answer(folder: Path, *arguments: str) -> str | None:
    """Git's answer; None where there is no git, no repository, or no answer."""
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=_TIMEOUT_SECONDS,
            check=False,
            env=_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Checkout:
    """`at_work`: a git that writes to it runs, or was killed while it did.

    missing: the manifests below the folder that git tracks and that are not there as it knows them, by their path from
    it: gone without its knowledge, in conflict, or left out of a sparse checkout. What was removed with `git rm` is not
    among them.
    """

    at_work: bool = False
    missing: frozenset[str] = frozenset()


def look(folder: Path) -> Checkout:
    """How far git has written out what it tracks below `folder`; a Checkout of nothing where it tracks nothing there."""
    listed = answer(folder, "ls-files", "-z", "-t", "--cached", "--deleted", "--", ".")
    if listed is None:
        return Checkout()
    lock = answer(folder, "rev-parse", "--git-path", "index.lock")
    found = (entry[2:] for entry in listed.split("\0") if entry.startswith(_NOT_WRITTEN_OUT))
    return Checkout(
        lock is not None and (folder / lock).exists(),
        frozenset(path for path in found if path.endswith(SUFFIXES)),
    )


def _environment() -> Mapping[str, str]:
    """Git starts what its configuration names, and none of that has to do with our keys."""
    return {
        name: value
        for name, value in environment().items()
        if name not in _ANOTHER_REPOSITORY and not name.startswith("ROUTERCTL_")
    }
