"""Writes the changes of a folder: each file whole or not at all, and nothing outside of the folder."""

import contextlib
import os
from pathlib import Path

from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.errors import Conflict, InvalidInput, Refused

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_folder(plan: FolderPlan) -> None:
    """Writes first, and removes then: what moves from one file to another is never in none. Run again after an error, it
    goes on where it stopped. Raises Conflict for a file that changed since it was read, Refused for one that a symlink
    leads out of the folder, and InvalidInput where the system does not let it be written.
    """
    for change in sorted(plan.changes, key=lambda change: change.after is None):
        try:
            _write(plan.folder, change)
        except OSError as exc:
            reason = (exc.strerror or "no reason given").lower()
            hint = "files before it are written; the rest follows when the command runs again"
            raise InvalidInput(f"{plan.folder / change.name} can't be written: {reason}", hint=hint) from None


def _write(root: Path, change: FileChange) -> None:
    path = root / change.name
    _make_folder(root, path.parent)
    if change.before is None:
        if os.path.lexists(path):
            raise _changed(path)
        _replace(path, change.after or b"", None)
        return
    if path.is_symlink() or path.read_bytes() != change.before:
        raise _changed(path)
    if change.after is None:
        path.unlink()
        _sync(path.parent)
    else:
        _replace(path, change.after, path.stat())


def _make_folder(root: Path, folder: Path) -> None:
    """What exists of the way is looked at first: nothing is made beyond a symlink that leads out."""
    there = folder
    while not there.exists() and there != root:
        there = there.parent
    if there.exists() and not there.resolve().is_relative_to(root):
        raise Refused(
            f"{there} leads out of {root}",
            hint="delete the symlink, or export to the folder that it leads to",
        )
    folder.mkdir(parents=True, exist_ok=True)


def _replace(path: Path, content: bytes, before: os.stat_result | None) -> None:
    unfinished = path.with_name(f".routerctl-{os.getpid()}.new")
    unfinished.unlink(missing_ok=True)  # of a process that had our number and died
    try:
        descriptor = os.open(unfinished, _FLAGS, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            if before is not None:
                with contextlib.suppress(PermissionError):  # not ours to give away; the content counts
                    os.fchown(descriptor, before.st_uid, before.st_gid)
                os.fchmod(descriptor, before.st_mode & 0o7777)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _changed(path: Path) -> Conflict:
    return Conflict(f"{path} changed while it was read", hint="run the command again")
