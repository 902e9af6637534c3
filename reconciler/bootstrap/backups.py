"""Verified copies of the store that commands make before they change much of it. The audit tells of each."""

import itertools
import os
import re
import threading
from datetime import datetime
from pathlib import Path

from reconciler.clock import Clock
from reconciler.errors import StoreError
from reconciler.resources.principal import Principal
from reconciler.store import audit, files
from reconciler.store.backup import back_up
from reconciler.store.records import Revision
from reconciler.store.url import StoreLocation

KEPT = 20
"""So many copies of a store stay, the newest: without a bound, who may import could fill the disk."""

_ONE_AT_A_TIME = threading.Lock()
"""A process makes its copies under one name, so that the next one removes what one left that died."""


def before_import(location: StoreLocation, clock: Clock, who: Principal) -> Path:
    """Where the copy is: in the folder `backups` beside the store, in a file that was not there before.

    The oldest ones beyond KEPT are removed, once it is there. Raises StoreError as back_up does; there is no copy without
    a note of it.
    """
    path = location.config_path
    # by its whole name where others of that stem may stand beside it
    stem = f"{path.stem if path.suffix == '.db' else path.name}-before-import"
    folder = path.parent / "backups"
    copy = folder / f".{stem}.{os.getpid()}.copy"

    def noted(head: Revision) -> None:
        audit.note(path, who, audit.Deed("backup", f"revision {head.number}"), clock)

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _ONE_AT_A_TIME:
            try:
                back_up(location, copy, force=True, noted=noted)
                made = _named(copy, folder / stem, clock.now())
                _remove_old(made, stem)
            finally:
                files.remove(copy)
    except OSError as error:
        raise StoreError(
            f"the store at {path} can't be copied to {folder}: {error.strerror}", hint="nothing was imported"
        ) from error
    return made


def _named(copy: Path, base: Path, now: datetime) -> Path:
    """The same file under a name that nobody had, not even another process since this one looked."""
    for number in itertools.count(1):
        file = base.with_name(f"{base.name}-{now:%Y%m%d-%H%M%S}{f'-{number}' if number > 1 else ''}.db")
        try:
            file.hardlink_to(copy)
        except FileExistsError:
            continue
        files.sync_folder(file.parent)
        return file
    raise AssertionError("numbers do not end")


def _remove_old(made: Path, stem: str) -> None:
    """Of the files that are named as above, to the letter: what people put there stays."""
    name = re.compile(rf"{re.escape(stem)}-([0-9]{{8}}-[0-9]{{6}})(?:-([1-9][0-9]*))?\.db")
    found = [
        (match[1], int(match[2] or 1), file)
        for file in made.parent.iterdir()
        if file != made and (match := name.fullmatch(file.name)) and file.is_file() and not file.is_symlink()
    ]
    for *_, file in sorted(found, reverse=True)[KEPT - 1 :]:
        files.remove(file)
