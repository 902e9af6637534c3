"""What both halves know of a store's files: who may read them, how to tell one, how to open one for reading."""

import os
import sqlite3
import threading
import time
from pathlib import Path

from reconciler.errors import StoreError
from reconciler.store import failures

SCHEMA_VERSION = 1
"""Of the tables; in the file's `user_version`."""

APPLICATION_ID = 0x72637464
"""`rctd`, in the file's `application_id`: tells a store from any other SQLite database."""


def create_private(path: Path) -> bool:
    """Makes an empty file that only its owner can read, its folders as well; False when it is there already.

    SQLite gives its `-wal` and `-shm` the mode of the file itself.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def connect_readonly(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that can't write. Raises StoreMissing, or sqlite3's own errors.

    It may be handed from one thread to another, never used by two at once.
    """
    if not path.exists():
        raise failures.missing(path)
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        timeout=failures.BUSY_SECONDS,
        check_same_thread=False,
    )


def schema_of(
    connection: sqlite3.Connection,
    path: Path,
    *,
    application_id: int = APPLICATION_ID,
    known: int = SCHEMA_VERSION,
) -> int:
    """The file's schema version; 0 for one without tables. Raises StoreError for a foreign database or a newer schema."""
    connection.execute("BEGIN")  # one moment, since another process may be making the file just now
    try:
        (found_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    finally:
        connection.execute("ROLLBACK")
    if found_id == 0 and tables == 0:
        return 0
    if found_id != application_id:
        raise failures.not_ours(path)
    if version > known:
        raise failures.newer_schema(path, version, known)
    return int(version)


def use_write_ahead_log(connection: sqlite3.Connection, path: Path) -> None:
    """The switch to WAL does not wait for other connections by itself, so two first commits at once would fail."""
    deadline = time.monotonic() + failures.BUSY_SECONDS
    pause = threading.Event()
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            pause.wait(0.01)
            continue
        if mode != "wal":
            raise StoreError(f"the folder of {path} can't keep a write-ahead log", hint="use a local disk")
        return


def require_store(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StoreMissing also for a file that somebody is still making."""
    if schema_of(connection, path) == 0:
        raise failures.missing(path)
