"""The manifests of a commit as files in a folder of our own. Blobs are written as they are: no filter, no link."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from reconciler.control.git.program import Git, GitFailed
from reconciler.control.git.tree import Entry, choose, entries, judge_links
from reconciler.control.manifest.document import InvalidManifests, Location, Problem
from reconciler.control.manifest.limits import MAX_FILE_BYTES, MAX_TOTAL_BYTES
from reconciler.errors import StoreError

_LFS = b"version https://git-lfs.github.com/spec/"
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class CheckedOut(NamedTuple):
    """`root` stands for the root of the repository. `warnings` are about what was left out."""

    root: Path
    warnings: tuple[Problem, ...]


class Checkout:
    """Checkouts of one mirror and path, below `folder`. `fetch` brings the blobs (ids) of a commit that are missing."""

    def __init__(
        self, git: Git, mirror: Path, folder: Path, fetch: Callable[[str, Sequence[str]], None]
    ) -> None:
        self._git = git
        self._mirror = mirror
        self._folder = folder
        self._fetch = fetch
        self._made: dict[tuple[str, str], CheckedOut] = {}

    def of(self, commit: str, path: str) -> CheckedOut:
        """The folder is made once a commit; it is whole, or not there.

        Raises InvalidManifests for what can't be written down, and what git raises.
        """
        made = self._made.get((commit, path))
        if made is None or not made.root.is_dir():
            made = self._made[commit, path] = self._of(commit, path)
        return made

    def _of(self, commit: str, path: str) -> CheckedOut:
        listing = self._git.ok("ls-tree", "-r", "-z", "--full-tree", commit, repository=self._mirror)
        found = entries(listing)
        chosen = choose(found, path)
        warnings = tuple(problem for problem in chosen.problems if problem.warning)
        errors = [problem for problem in chosen.problems if not problem.warning]
        if errors:
            raise InvalidManifests(errors)
        root = self._folder / commit
        if not root.is_dir():
            self._fetch(commit, _ids((*chosen.files, *chosen.links)))
            targets = self._contents(chosen.links)
            found_errors = judge_links(
                chosen.links, lambda link: targets[link.oid].decode(errors="replace"), found, path
            )
            if found_errors:
                raise InvalidManifests(found_errors)
            self._write(root, chosen.files)
        return CheckedOut(root, warnings)

    def keep_only(self, *commits: str | None) -> None:
        """Removes the checkouts of all other commits, and what an end by force left."""
        self._made.clear()
        if self._folder.is_dir():
            for entry in os.scandir(self._folder):
                if entry.name not in commits:
                    shutil.rmtree(entry.path, ignore_errors=True)

    def _write(self, root: Path, files: Sequence[Entry]) -> None:
        contents = self._contents(files)
        made = self._folder / f".{uuid4().hex}"
        try:
            made.mkdir(parents=True, mode=0o700)
            for entry in files:
                file = made / entry.path
                file.parent.mkdir(parents=True, exist_ok=True)
                with os.fdopen(os.open(file, _FLAGS, 0o600), "wb") as stream:
                    stream.write(contents[entry.oid])
            made.rename(root)
        except OSError as error:
            shutil.rmtree(made, ignore_errors=True)
            raise StoreError(f"the commit can't be written to {self._folder}: {error.strerror}") from error

    def _contents(self, files: Sequence[Entry]) -> dict[str, bytes]:
        """By id. Raises InvalidManifests for files that are too large, or that stand elsewhere (Git LFS)."""
        ids = _ids(files)
        if not ids:
            return {}
        stdin = "".join(f"{oid}\n" for oid in ids).encode()
        sizes = _sizes(self._git.ok("cat-file", "--batch-check", repository=self._mirror, stdin=stdin))
        self._check_sizes(files, sizes)
        contents = _split(self._git.ok("cat-file", "--batch", repository=self._mirror, stdin=stdin), len(ids))
        missing = [entry for entry in files if contents[entry.oid].startswith(_LFS)]
        if missing:
            hint = "commit the file itself; manifests are small"
            raise InvalidManifests(
                [
                    Problem(
                        Location(entry.path, 0, 0),
                        "its content stands in Git LFS, which is not fetched",
                        hint=hint,
                    )
                    for entry in missing
                ]
            )
        return contents

    def _check_sizes(self, files: Sequence[Entry], sizes: dict[str, int]) -> None:
        mebibytes = MAX_FILE_BYTES // 1024 // 1024
        problems = [
            Problem(
                Location(entry.path, 0, 0), f"larger than {mebibytes} MiB", hint="split it into several files"
            )
            for entry in files
            if sizes[entry.oid] > MAX_FILE_BYTES
        ]
        if not problems and sum(sizes[entry.oid] for entry in files) > MAX_TOTAL_BYTES:
            whole = f"the files add up to more than {MAX_TOTAL_BYTES // 1024 // 1024} MiB"
            problems.append(Problem(None, whole, hint="name a smaller folder"))
        if problems:
            raise InvalidManifests(problems)


def _ids(files: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.oid for entry in files))


def _sizes(answer: bytes) -> dict[str, int]:
    """Of `cat-file --batch-check`: `ID TYPE SIZE` a line, or `ID missing`."""
    found = {}
    for line in answer.decode("ascii").splitlines():
        words = line.split()
        if len(words) != 3:
            raise GitFailed(f"the mirror lacks a file of the commit: {line}")
        found[words[0]] = int(words[2])
    return found


def _split(answer: bytes, count: int) -> dict[str, bytes]:
    """Of `cat-file --batch`: the same line, the content, a line feed."""
    found = {}
    start = 0
    for _ in range(count):
        end = answer.index(b"\n", start)
        oid, _, size = answer[start:end].decode("ascii").split()
        start = end + 1 + int(size)
        found[oid] = answer[end + 1 : start]
        start += 1
    return found
