"""Copies of the store that commands make before they change much of it."""

from pathlib import Path

from reconciler.clock import Clock
from reconciler.store.backup import back_up
from reconciler.store.url import StoreLocation


def before_import(location: StoreLocation, clock: Clock) -> Path:
    """Where the copy is: in the folder `backups` beside the store, in a file that was not there before."""
    target = _free(location, clock)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    back_up(location, target)
    return target


def _free(location: StoreLocation, clock: Clock) -> Path:
    folder, stem = location.config_path.parent / "backups", location.config_path.stem
    base = f"{stem}-before-import-{clock.now():%Y%m%d-%H%M%S}"
    count, path = 1, folder / f"{base}.db"
    while path.exists():
        count += 1
        path = folder / f"{base}-{count}.db"
    return path
