"""The manifests that a migration writes over, as they were before it.

A folder `backups/migrate-TIME` beside the store, readable by its owner alone. `backup.json` in it says what was done, so that
it can be taken back. The sources are not in it: nothing writes to them, and a copy would be one more place of their keys.
What is migrated into a store is taken back by its history.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.output import counted
from reconciler.cli.session import Session
from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.errors import InvalidInput, NotFound
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.settings import state_folder
from reconciler.store.files import create_private

INDEX, _FILES = "backup.json", "files"
_PREFIX = "migrate-"
_SECONDS = 14
"""Digits of a moment: year to second."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the folder of manifests. before: its copy, None: it was not there. after: the digest of what was written."""

    path: Path
    before: Path | None
    after: str | None


def back_up_files(session: Session, plan: FolderPlan) -> Path:
    """Of what is written over, before it is."""
    folder = _new_folder(session)
    files: list[JsonValue] = []
    for number, change in enumerate(plan.changes):
        copy = None
        if change.before is not None:
            copy = f"{_FILES}/{number}"
            _write_private(folder / copy, change.before)
        files.append({"path": str(plan.folder / change.name), "before": copy, "after": _after(change)})
    _write(folder, {"files": files})
    return folder


def latest(session: Session) -> Path | None:
    """The newest of them."""
    return max((path.parent for path in _backups(session).glob(f"{_PREFIX}*/{INDEX}")), default=None)


def moment_of(backup: Path) -> str:
    """When it was made, in digits, so that it compares with other moments that are told so."""
    return "".join(filter(str.isdecimal, backup.name))[:_SECONDS]


def load(folder: Path) -> tuple[KeptFile, ...]:
    """Raises NotFound, and InvalidInput for what is no such backup."""
    try:
        data: JsonValue = json.loads((folder / INDEX).read_bytes())
    except FileNotFoundError:
        raise NotFound(
            f"{folder} is no backup of a migration", hint=f"it holds no {INDEX}; a store's own copy is a file"
        ) from None
    except (OSError, ValueError):
        raise InvalidInput(f"{folder / INDEX} can't be read") from None
    files = value_at(data, ("files",))
    if not isinstance(files, list):
        return ()
    return tuple(_kept(folder, each) for each in files if isinstance(each, dict))


def digest_of(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def put_back(files: tuple[KeptFile, ...]) -> tuple[list[JsonValue], list[str]]:
    """What people changed since stays."""
    told: list[JsonValue] = []
    left: list[str] = []
    for each in files:
        now = digest_of(each.path)
        if now != each.after:
            left.append(f"  kept     {each.path}: it was changed since")
            continue
        if each.before is not None:
            each.path.parent.mkdir(parents=True, exist_ok=True)
            each.path.write_bytes(each.before.read_bytes())
        else:
            each.path.unlink(missing_ok=True)
        told.append(str(each.path))
    lines = [f"{counted(len(told), 'file')} of manifests as before"] if told else []
    return told, [*lines, *left]


def _kept(folder: Path, entry: JsonObject) -> KeptFile:
    before, after = entry.get("before"), entry.get("after")
    return KeptFile(
        Path(str(entry.get("path"))),
        folder / _FILES / Path(before).name if isinstance(before, str) else None,
        after if isinstance(after, str) else None,
    )


def _after(change: FileChange) -> str | None:
    return hashlib.sha256(change.after).hexdigest() if change.after is not None else None


def _backups(session: Session) -> Path:
    """They are files of this machine, wherever the store is."""
    state = state_folder(session.environ) if session.is_remote else session.state_folder
    return state / "backups"


def _new_folder(session: Session) -> Path:
    """One that is not there yet."""
    base = f"{_PREFIX}{session.clock.now():%Y%m%d-%H%M%S}"
    names: Sequence[str] = [base, *(f"{base}-{count:02}" for count in range(2, 100))]
    _backups(session).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names:
        folder = _backups(session) / name
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise InvalidInput(f"there are too many backups of this second in {_backups(session)}")


def _write(folder: Path, index: JsonObject) -> None:
    _write_private(folder / INDEX, (json.dumps(index, indent=1) + "\n").encode())


def _write_private(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    create_private(path)
    path.write_bytes(content)
