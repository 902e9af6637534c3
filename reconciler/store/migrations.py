"""Bringing an older store to this version's schema, and the copy that is made of it first.

The list is explicit and only grows: a migration that was released is never edited.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from reconciler.store.files import create_private


@dataclass(frozen=True, slots=True)
class Migration:
    """Brings a store from schema `version - 1` to `version`, inside the transaction of all that are due."""

    version: int
    statements: tuple[str, ...]


MIGRATIONS: tuple[Migration, ...] = ()


def due(found: int, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[Migration, ...]:
    return tuple(migration for migration in migrations if migration.version > found)


def back_up(path: Path, found: int) -> Path:
    """Copies the store, as the last commit left it, to a new file beside it, and returns that."""
    copy = _free_name(path, found)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _free_name(path: Path, found: int) -> Path:
    number = 1
    while True:
        copy = path.with_name(f"{path.stem}-backup-schema{found}-{number}{path.suffix}")
        if create_private(copy):
            return copy
        number += 1
