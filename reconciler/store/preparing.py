"""A store's file, made ready to be written: through the standard library's sqlite3, as who may find nothing to write
does not pay for the writer's libraries.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from reconciler.errors import StoreError
from reconciler.store import failures, files, migrations


def prepare(path: Path, *, schema: Sequence[migrations.Migration] = migrations.MIGRATIONS) -> bool:
    """Makes the file where there is none, migrates an older store after a backup, refuses a newer one untouched.

    False where it has no tables yet. Raises StoreError.
    """
    with failures.translated(path):
        try:
            files.create_private(path)
        except OSError as error:
            raise StoreError(f"the store at {path} can't be made: {error.strerror}") from error
        version = _schema(path, schema[-1].version if schema else files.SCHEMA_VERSION)
        _use_write_ahead_log(path)
        if version and migrations.due(version, schema):
            migrations.migrate(path, schema=schema)
    return version != 0


def _schema(path: Path, known: int) -> int:
    with closing(files.connect_readonly(path)) as connection:
        return files.schema_of(connection, path, known=known)


def _use_write_ahead_log(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=failures.BUSY_SECONDS, isolation_level=None)) as connection:
        files.use_write_ahead_log(connection, path)
