"""What clients asked and what became of it, in a file of its own beside the records' file.

Workers write it in batches, each from a thread of its own; `requests`, `stats` and `top` read it. It holds no
configuration, and may be removed at any time. A killed process loses nothing that was committed; a power cut may take
the last second (`synchronous=NORMAL`).

A batch is one row: the columns of many requests, as bytes (see `traffic_batch`). A row for each request would cost a
worker twenty times as much, on the processor that serves. Times are milliseconds since the epoch.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes
from typing import NamedTuple

from reconciler.errors import StoreError
from reconciler.store import failures, files
from reconciler.store.traffic_batch import Columns, damaged, decoded, encoded, joined

SCHEMA_VERSION = 3
"""Of the third, batches are written in another form; those of before stay as they are until they are joined."""
APPLICATION_ID = 0x72637466
"""`rctf`, as `files.APPLICATION_ID` for a store."""

_BUSY_SECONDS = 5.0
_LOG_BYTES = 16 * 1024 * 1024
_CACHE_KIB = 256
"""What is written here, and removed, is not looked at twice: SQLite's 2 MiB of pages would be memory of each worker for nothing,
and fill up days later, when the first requests are removed.
"""

_PARTS = 1000
"""Of the batches, one of which is removed at once: who waits for that has requests to write down, and memory for them."""
_NEIGHBOURS = 200
_SMALL = 512
"""Batches with fewer requests are joined, to less than twice as many and half an hour, once they are `_SETTLED`."""
_SPAN = 1_800_000
_SETTLED = 60_000
_JOINED_AT_ONCE = 512

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS batch (
    number INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
    columns BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS batch_last ON batch (last);
CREATE TABLE IF NOT EXISTS body (
    id TEXT PRIMARY KEY, time INTEGER NOT NULL, request BLOB NOT NULL, request_bytes INTEGER NOT NULL,
    answer BLOB NOT NULL, answer_bytes INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS body_time ON body (time);
CREATE TABLE IF NOT EXISTS session_key (number INTEGER PRIMARY KEY CHECK (number = 1), key BLOB NOT NULL);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""

_SESSION_KEY = "SELECT key FROM session_key"


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors in plain words: this file can always be given up."""
    try:
        with failures.translated(path):
            yield
    except StoreError as error:
        if isinstance(error.__cause__, sqlite3.Error) and failures.is_damage(error.__cause__):
            raise damaged(path) from error
        raise


class Bodies(NamedTuple):
    """What was said, cut where it was too long; `*_bytes` are the whole lengths. `time` is the request's."""

    id: str
    time: int
    request: bytes
    request_bytes: int
    answer: bytes
    answer_bytes: int


class TrafficWriter:
    """For one thread. The file is made by the first write; one that was removed meanwhile is made anew.

    Every method raises StoreError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._pieces: list[_Row] = []
        self._bodies: list[Bodies] = []

    def write(self, columns: Columns, bodies: Sequence[Bodies] = ()) -> None:
        """All in one transaction. There is at least one request."""
        self.add(columns, bodies)
        self.commit()

    def add(self, columns: Columns, bodies: Sequence[Bodies] = ()) -> None:
        """Held until `commit`. There is at least one request."""
        self._pieces.append(_row(columns))
        self._bodies += bodies

    def commit(self) -> None:
        """What was added, in one transaction, as one batch. It is held no longer, also where that fails."""
        pieces, bodies = self._pieces, self._bodies
        self._pieces, self._bodies = [], []
        if not pieces:
            return
        firsts, lasts, counts, encodings = zip(*pieces, strict=True)
        batch = (min(firsts), max(lasts), sum(counts), b"".join(encodings))
        with self._writing() as connection:
            connection.execute("INSERT INTO batch (first, last, count, columns) VALUES (?, ?, ?, ?)", batch)
            if bodies:
                connection.executemany("INSERT OR REPLACE INTO body VALUES (?, ?, ?, ?, ?, ?)", bodies)

    def prune(self, before: int, max_bytes: int) -> None:
        """Removes what began before `before`, then the oldest until the file holds no more than `max_bytes`.

        In small transactions, so that nobody waits long.
        """
        if not self._path.exists():
            return
        with self._writing() as connection:
            gone = connection.execute("DELETE FROM batch WHERE last < ?", (before,)).rowcount
            gone += connection.execute("DELETE FROM body WHERE time < ?", (before,)).rowcount
        for _ in range(_PARTS):
            with self._writing() as connection:
                removed = _remove_oldest(connection) if _used_bytes(connection) > max_bytes else 0
            gone += removed
            if not removed:
                break
        if gone and self._connection is not None:
            with self._translated():
                self._connection.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page

    def join(self, now: int) -> int:
        """Makes large batches of small ones that follow each other: returns how many went. A few at once."""
        if not self._path.exists():
            return 0
        with self._writing() as connection:
            small = connection.execute(
                "SELECT number, first, last, count, columns FROM batch WHERE count < ? AND last < ?"
                " ORDER BY number DESC LIMIT ?",
                (_SMALL, now - _SETTLED, _JOINED_AT_ONCE),
            ).fetchall()
            return sum(_join(connection, group) for group in _groups(small[::-1]) if len(group) > 1)

    def session_key(self) -> bytes:
        """The file's own: what the names of sessions are told with that no client named. Gone with the file."""
        with self._translated():
            found = self._opened().execute(_SESSION_KEY).fetchone()
        if found is None:
            with self._writing() as connection:
                connection.execute("INSERT OR IGNORE INTO session_key VALUES (1, ?)", (token_bytes(32),))
                found = connection.execute(_SESSION_KEY).fetchone()
        return bytes(found[0])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(self._path):
            try:
                yield
            except sqlite3.Error:
                self.close()
                raise

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _opened(self) -> sqlite3.Connection:
        # None: it was removed in the very moment in which it was opened.
        if self._connection is not None and (self._file is None or _identity(self._path) != self._file):
            self.close()
        if self._connection is None:
            self._connection = connect(self._path)
            self._file = _identity(self._path)
        return self._connection


_Batch = tuple[int, int, int, int, bytes]
"""number, first, last, count, columns"""
_Row = tuple[int, int, int, bytes]


def _row(columns: Columns) -> _Row:
    times: Sequence[int] = columns["time"]  # type: ignore[assignment]  # as they are written
    return min(times), max(times), len(times), encoded(columns)


def _groups(small: Sequence[_Batch]) -> Iterator[list[_Batch]]:
    """Neighbours that go together: not too many requests, and not from too long a time."""
    group: list[_Batch] = []
    for batch in small:
        count = sum(each[3] for each in group)
        if group and (count >= _SMALL or batch[2] - group[0][1] > _SPAN):
            yield group
            group = []
        group.append(batch)
    if group:
        yield group


def _join(connection: sqlite3.Connection, group: Sequence[_Batch]) -> int:
    """The last of them takes in the others: its number stays the greatest of its requests."""
    *others, kept = [each[0] for each in group]
    connection.executemany("DELETE FROM batch WHERE number = ?", [(number,) for number in others])
    rewritten(connection, kept, joined([decoded(each[4], each[3]) for each in group]))
    return len(others)


def rewritten(connection: sqlite3.Connection, number: int, columns: Columns) -> None:
    """A batch with other requests in it; with none it goes."""
    if not columns["time"]:
        connection.execute("DELETE FROM batch WHERE number = ?", (number,))
        return
    connection.execute(
        "UPDATE batch SET first = ?, last = ?, count = ?, columns = ? WHERE number = ?",
        (*_row(columns), number),
    )


def _remove_oldest(connection: sqlite3.Connection) -> int:
    """A part of the batches, and the bodies of that time."""
    (number,) = connection.execute(
        "SELECT min(number) + max(0, (max(number) - min(number)) / ?) FROM batch", (_PARTS,)
    ).fetchone()
    if number is None:
        return connection.execute("DELETE FROM body").rowcount
    removed = connection.execute("DELETE FROM batch WHERE number <= ?", (number,)).rowcount
    (left,) = connection.execute(
        "SELECT min(first) FROM (SELECT first FROM batch ORDER BY number LIMIT ?)", (_NEIGHBOURS,)
    ).fetchone()
    if left is not None:
        removed += connection.execute("DELETE FROM body WHERE time < ?", (left,)).rowcount
    return removed


def _used_bytes(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def connect(path: Path) -> sqlite3.Connection:
    """To write. The file is made where there is none. Raises StoreError, or sqlite3's own errors."""
    try:
        made = files.create_private(path)
    except OSError as error:
        raise StoreError(f"the traffic's file {path} can't be made: {error.strerror}") from error
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        if made:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        found = files.schema_of(connection, path, application_id=APPLICATION_ID, known=SCHEMA_VERSION)
        files.use_write_ahead_log(connection, path)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA journal_size_limit={_LOG_BYTES}")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        if found < SCHEMA_VERSION:
            connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection
