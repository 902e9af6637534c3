"""What both halves know of a store's files: who may read them, how to tell one, how to open one for reading."""

import itertools
import os
import sqlite3
import stat
import threading
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from reconciler.errors import StoreError
from reconciler.store import failures

SCHEMA_VERSION = 4
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


def free_name(path: Path, word: str, now: datetime) -> Path:
    """A new empty private file beside `path`, named with a word and the time: store-WORD-20261122T040940Z.db."""
    stem = f"{path.stem}-{word}-{now:%Y%m%dT%H%M%SZ}"
    for number in itertools.count(1):
        file = path.with_name(f"{stem}{f'-{number}' if number > 1 else ''}{path.suffix}")
        if create_private(file):
            return file
    raise AssertionError("numbers do not end")


def connect_readonly(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that can't write. Raises StoreError, StoreMissing, or sqlite3's own errors.

    It may be handed from one thread to another, never used by two at once.

    Where the folder can't be written, SQLite can't make the index of the write-ahead log that it wants even to read.
    Then the file is read as it is, which is all there is: with a log beside it, it is refused.
    """
    _require_file(path)
    connection = _connect(path, "mode=ro")
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        connection.close()
        if not failures.is_not_writable(error):
            raise
        if _holds_anything(path.with_name(f"{path.name}-wal")):
            raise failures.unfinished(path) from error
        return _connect(path, "immutable=1")
    return connection


def _connect(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        isolation_level=None,
        timeout=failures.BUSY_SECONDS,
        check_same_thread=False,
    )


def _require_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise failures.missing(path) from None
    except OSError as error:
        raise StoreError(
            f"the store at {path} can't be reached: {error.strerror}",
            hint="check the owner and the mode of its folders",
        ) from error
    if stat.S_ISDIR(mode):
        raise failures.a_folder(path)


def _holds_anything(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


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
        if connection.in_transaction:  # some failures of the disk end it by themselves
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
    """Raises StoreMissing also for a file that somebody is still making; StoreError for one of an older schema."""
    version = schema_of(connection, path)
    if version == 0:
        raise failures.missing(path)
    if version < SCHEMA_VERSION:
        raise failures.older_schema(path, version, SCHEMA_VERSION)


def copy(source: Path, target: Path) -> None:
    """Copies a database as its last commit left it, while others use it, over the file `target`; it is on the disk then.

    The copy is one file: it has no write-ahead log until somebody writes to it. Raises sqlite3's own errors.
    """
    with (
        closing(connect_readonly(source)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE").fetchall()  # it is done, or fails, with its last row


def copy_beside(path: Path, word: str, now: datetime) -> Path:
    """Copies a database to a file named as by `free_name`; no half copy stays. Raises StoreError, sqlite3's own errors."""
    try:
        file = free_name(path, word, now)
    except OSError as error:
        raise StoreError(
            f"the store at {path} can't be copied: {error.strerror}",
            hint="nothing was changed; its folder must take a new file",
        ) from error
    try:
        copy(path, file)
    except sqlite3.Error:
        remove(file)
        raise
    return file


def remove(path: Path) -> None:
    """A database and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def unfinished(path: Path) -> Path:
    """A new empty private file beside `path`, for what becomes `path` when it is whole. Raises OSError."""
    file = path.with_name(f".{path.name}.{os.getpid()}.new")
    file.unlink(missing_ok=True)  # of a process that had our number and died
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return file


def sync_folder(folder: Path) -> None:
    """A new name in a folder is on the disk only after this."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
