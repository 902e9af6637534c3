"""SQLAlchemy's engine for a store, and the store itself: made or migrated when it is opened for writing.

pysqlite's own transactions begin at the first write, so "read head, compare, insert" is not atomic under them: it lost
a third of concurrent commits. Here every transaction is BEGIN IMMEDIATE: a writer waits before it reads, not after.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from reconciler.store import failures, files, migrations
from reconciler.store.checksums import with_checksum
from reconciler.store.preparing import prepare
from reconciler.store.tables import MetaRow, StoreTable, table


def open_engine(path: Path, *, schema: Sequence[migrations.Migration] = migrations.MIGRATIONS) -> Engine:
    """Makes the store where there is none, migrates an older one after a backup, refuses a newer one untouched.

    Raises StoreError. Close it with `dispose()`.
    """
    there = prepare(path, schema=schema)
    with translated(path):
        engine = _connected(path)
        if not there:
            _create(engine)
        return engine


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLAlchemy's and sqlite3's errors as StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise failures.in_words(path, error) from error
    except DBAPIError as error:
        raise failures.in_words(path, error.orig or error) from error


def check_schema(connection: Connection, path: Path) -> None:
    """A newer routerctl may have migrated the store since it was opened. Raises StoreError."""
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version > files.SCHEMA_VERSION:
        raise failures.newer_schema(path, version, files.SCHEMA_VERSION)


def path_of(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def _connected(path: Path) -> Engine:
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(
        url,
        connect_args={"timeout": failures.BUSY_SECONDS},
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,  # an error's text must not quote specs
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # pysqlite begins nothing by itself; `_begin_immediate` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _create(engine: Engine) -> None:
    """Under the write lock, so that of several processes one does it and the others find it done."""
    with engine.begin() as connection:
        if connection.exec_driver_sql("PRAGMA user_version").scalar_one():
            return
        StoreTable.metadata.create_all(connection, checkfirst=False)
        first = with_checksum("meta", {"key": "resource_version", "value": "0"})
        connection.execute(insert(table(MetaRow)), first)
        connection.exec_driver_sql(f"PRAGMA application_id={files.APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version={files.SCHEMA_VERSION}")
