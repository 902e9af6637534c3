"""Verified copies of a store, of which the audit tells."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reconciler.api.upkeep import BackedUp
from reconciler.clock import Clock
from reconciler.errors import Refused, StoreError
from reconciler.resources.principal import Principal
from reconciler.settings import key_file_beside, key_place
from reconciler.store import audit, files
from reconciler.store.backup import Backup, back_up
from reconciler.store.records import Revision
from reconciler.store.url import StoreLocation

_ONE_AT_A_TIME = threading.Lock()
"""A process makes its copies under one name, so that the next one removes what one left that died."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A verified copy that has no name any more: it is gone when `stream` is closed, however the process ends."""

    stream: BinaryIO
    backup: Backup
    key: str

    def close(self) -> None:
        self.stream.close()


def to_file(
    store: StoreLocation,
    target: Path,
    environ: Mapping[str, str],
    noted: Callable[[Revision], None],
    *,
    force: bool,
) -> BackedUp:
    """Raises Refused for the file of the store's key, and as back_up."""
    if target.resolve() == key_file_beside(store.config_path):
        raise Refused(f"{target} holds the key of the store's sealed values", hint="name another file")
    done = back_up(store, target, force=force, noted=noted)
    return BackedUp(done, key_place(environ, store.config_path))


def to_send(store: StoreLocation, environ: Mapping[str, str], noted: Callable[[Revision], None]) -> Copied:
    """On the store's own disk, where nobody else reads. Raises StoreError as back_up does."""
    path = store.config_path
    target = path.with_name(f".{path.name}.{os.getpid()}.copy")
    with _ONE_AT_A_TIME:
        try:
            done = back_up(store, target, force=True, noted=noted)
            return Copied(target.open("rb"), done, key_place(environ, path))
        except OSError as error:
            raise StoreError(f"the store at {path} can't be copied: {error.strerror}") from error
        finally:
            files.remove(target)


def note(store: StoreLocation, who: Principal, clock: Clock) -> Callable[[Revision], None]:
    """Of a copy of that revision, before anybody has it."""
    return lambda head: audit.note(
        store.config_path, who, audit.Deed("backup", f"revision {head.number}"), clock
    )
