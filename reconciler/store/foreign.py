"""Tables of somebody else's SQLite database, which is only ever read: not a byte of it or beside it changes.

A database whose log (-wal) or journal holds anything is copied with it to a private folder, and the copy is opened: to
open it where it is would write to it. Without one it is opened as immutable.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from reconciler.errors import InvalidInput

MAGIC = b"SQLite format 3\0"
MAX_ROWS = 100_000
_ATTEMPTS = 5
_BESIDE = ("-wal", "-journal")

Value = str | int | float | bytes | None
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ForeignTables:
    """rows: of the tables that were asked for, as far as they are there. counts: how many rows the others have."""

    rows: Mapping[str, Sequence[Row]] = field(repr=False)
    counts: Mapping[str, int]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.rows) | frozenset(self.counts)


def is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read_tables(path: Path, wanted: Collection[str]) -> ForeignTables:
    """Raises InvalidInput for what can't be read, or is written to all the time."""
    for _ in range(_ATTEMPTS):
        before = _state(path)
        try:
            with _opened(path) as connection:
                tables = _tables(connection, wanted)
            if _state(path) == before:
                return tables
        except sqlite3.Error:
            if _state(path) == before:
                raise InvalidInput(
                    f"{path} can't be read as a SQLite database: it is damaged, or encrypted",
                    hint="check it with sqlite3 FILE 'PRAGMA integrity_check', or give a backup of it",
                ) from None
        except OSError as error:
            raise InvalidInput(
                f"{path} can't be read: {(error.strerror or 'no reason given').lower()}"
            ) from None
    raise InvalidInput(f"{path} changes while it is read", hint="stop the program that writes to it")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    beside = [each for each in _beside(path) if each.exists() and each.stat().st_size]
    if not beside:
        with closing(_connect(path, "mode=ro&immutable=1")) as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory(prefix="routerctl-import-") as folder:
        copy = Path(folder, "copy.db")
        shutil.copyfile(path, copy)
        for each in beside:
            shutil.copyfile(each, Path(folder, "copy.db" + each.name.removeprefix(path.name)))
        with closing(_connect(copy, "mode=rw")) as connection:
            yield connection


def _connect(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?{how}", uri=True)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda content: content.decode("utf-8", "replace")
    return connection


def _tables(connection: sqlite3.Connection, wanted: Collection[str]) -> ForeignTables:
    found = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    rows: dict[str, list[Row]] = {}
    counts: dict[str, int] = {}
    for (name,) in found.fetchall():
        quoted = '"' + name.replace('"', '""') + '"'
        if name in wanted:
            read = connection.execute(f"SELECT * FROM {quoted} ORDER BY rowid LIMIT {MAX_ROWS}")  # noqa: S608  a table that the file itself names, quoted
            rows[name] = [dict(row) for row in read]
        else:
            counts[name] = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]  # noqa: S608  a table that the file itself names, quoted
    return ForeignTables(rows, counts)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in _BESIDE]


def _state(path: Path) -> tuple[tuple[int, int, int] | None, ...]:
    return tuple(_stamp(each) for each in (path, *_beside(path)))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
