"""Bringing an older store to this version's schema, and the copy that is made of it first.

The list is explicit and only grows: a migration that was released is never edited. All that are due run in one
transaction, through the standard library's sqlite3, so that also who only reads finds the store migrated.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from reconciler.clock import Clock, SystemClock
from reconciler.store import audit, failures, files, views
from reconciler.store.checksums import SQL_FUNCTION, UNSIGNED, checksum
from reconciler.store.failpoints import FROM_ENVIRONMENT, Failpoints


@dataclass(frozen=True, slots=True)
class Migration:
    """Brings a store from schema `version - 1` to `version`, inside the transaction of all that are due.

    Statements may call `row_checksum` (see `checksums`).
    """

    version: int
    statements: tuple[str, ...]


def _with_checksums(table: str) -> tuple[str, str]:
    columns = ", ".join(UNSIGNED[table])
    return (
        f"ALTER TABLE {table} ADD COLUMN checksum VARCHAR DEFAULT '' NOT NULL",
        f"UPDATE {table} SET checksum = {SQL_FUNCTION}('{table}', {columns})",  # noqa: S608  constants
    )


_OWNERSHIP = """
CREATE TABLE ownership (
    resource_version INTEGER NOT NULL,
    until INTEGER NOT NULL,
    managed_fields VARCHAR NOT NULL,
    source VARCHAR,
    path VARCHAR,
    checksum VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (resource_version, until),
    FOREIGN KEY(resource_version) REFERENCES version (resource_version),
    FOREIGN KEY(until) REFERENCES revision (number)
)
"""

_TOKENS = """
CREATE TABLE token (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    managers VARCHAR NOT NULL,
    namespaces VARCHAR,
    created VARCHAR NOT NULL,
    created_by VARCHAR NOT NULL,
    expires VARCHAR,
    revoked VARCHAR,
    checksum VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
)
"""

_AUDIT = """
CREATE TABLE audit (
    number INTEGER NOT NULL,
    time VARCHAR NOT NULL,
    principal VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    acting_as VARCHAR,
    manager VARCHAR,
    operation VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    revision INTEGER,
    outcome VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    PRIMARY KEY (number),
    FOREIGN KEY(revision) REFERENCES revision (number)
)
"""

_HEAD = "(SELECT cast(coalesce(max(number), 0) AS TEXT) FROM revision)"

MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        2,
        (
            "INSERT INTO meta VALUES ('holds', (SELECT cast(count(*) AS TEXT) FROM hold))",
            _OWNERSHIP,
            *_with_checksums("version"),
            *_with_checksums("vault"),
            *_with_checksums("hold"),
            *_with_checksums("meta"),
        ),
    ),
    Migration(
        3,
        (
            _TOKENS,
            _AUDIT,
            *audit.TRIGGERS,
            f"INSERT INTO meta VALUES ('{audit.SINCE}', {_HEAD}, {SQL_FUNCTION}('meta', '{audit.SINCE}', {_HEAD}))",  # noqa: S608  constants
        ),
    ),
    Migration(4, views.VIEWS),
)


def due(found: int, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[Migration, ...]:
    return tuple(migration for migration in migrations if migration.version > found)


def migrate(
    path: Path,
    *,
    schema: Sequence[Migration] = MIGRATIONS,
    copied: bool = True,
    clock: Clock | None = None,
    failpoints: Failpoints = FROM_ENVIRONMENT,
) -> Path | None:
    """Brings an older store up to date, and returns the copy that was made of it; None where nothing was due.

    Not `copied`: it is somebody's own copy already, and `path` is returned.

    Of several processes one does it, and the others find it done. A newer store is refused untouched, as is what is no
    store. Raises StoreError, and then the store is as it was.
    """
    with failures.translated(path):
        with closing(files.connect_readonly(path)) as reading:
            known = schema[-1].version if schema else files.SCHEMA_VERSION
            found = files.schema_of(reading, path, known=known)
        if found == 0 or not due(found, schema):
            return None
        with closing(
            sqlite3.connect(path, timeout=failures.BUSY_SECONDS, isolation_level=None)
        ) as connection:
            connection.create_function(SQL_FUNCTION, -1, checksum, deterministic=True)
            connection.execute("BEGIN IMMEDIATE")
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            steps = due(found, schema)
            if not steps:
                connection.execute("ROLLBACK")
                return None
            copy = back_up(path, found, clock or SystemClock()) if copied else path
            failpoints.reach("after-copy")
            _run(connection, steps)
            failpoints.reach("before-migrated")
            connection.execute("COMMIT")
    return copy


def _run(connection: sqlite3.Connection, steps: Sequence[Migration]) -> None:
    for step in steps:
        for statement in step.statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={step.version}")


def back_up(path: Path, found: int, clock: Clock) -> Path:
    """Copies the store, as the last commit left it, to a new file beside it, and returns that."""
    return files.copy_beside(path, f"backup-schema{found}", clock.now())
