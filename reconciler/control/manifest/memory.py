"""What was read of a file, remembered by the file's content: nothing but other content can make it wrong.

Reading and checking YAML takes most of the time of a `diff`. Remembered are the documents of files in which nothing was
wrong and no secret stood in plain text, beside the digest of the bytes and of the code that read them. The memory is a
file that anybody may delete: what is damaged, locked or not writable is as good as forgotten.
"""

import hashlib
import json
import sqlite3
from collections.abc import Container, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self, TypeAlias

from reconciler.control.manifest.document import without_nulls
from reconciler.json_types import JsonObject
from reconciler.resources.code import DESCRIBING, code_digest

MAX_BYTES = 128 * 1024 * 1024
"""Of what is remembered. What was read first is forgotten first."""

_READERS = ("control/manifest", *DESCRIBING)
"""The code whose answer is remembered, below this package."""
_TABLE = """\
CREATE TABLE IF NOT EXISTS file (
    number INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, documents TEXT NOT NULL
)"""
_TOO_OLD = """\
DELETE FROM file WHERE number IN (
    SELECT number FROM (SELECT number, sum(length(documents)) OVER (ORDER BY number DESC) AS size FROM file)
    WHERE size > ?
)"""

Remembered: TypeAlias = list[tuple[int, JsonObject]]
"""The documents of a file: the position of each one's text among the file's pieces, and its data."""


class Memory:
    """`path` is made when there is something to remember. Never raises for what it finds there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._offered: dict[str, tuple[bytes, Remembered]] = {}

    def __enter__(self) -> Self:
        with _forgiving():
            self._connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=1)
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def recall(self, content: bytes) -> Remembered | None:
        """The documents of a file with this content; None where it is not known."""
        if self._connection is None:
            return None
        with _forgiving():
            query = "SELECT documents FROM file WHERE digest = ?"
            for (documents,) in self._connection.execute(query, (_digest(content),)):
                return [(position, data) for position, data in json.loads(documents)]
        return None

    def offer(self, name: str, content: bytes, documents: Remembered) -> None:
        """What was read of the file `name`, if nothing turns out to be wrong with it."""
        self._offered[name] = (content, documents)

    def keep(self, wrong: Container[str]) -> None:
        """Remembers what was offered, but for the files in which something is `wrong`."""
        rows = [
            (_digest(content), _text(documents))
            for name, (content, documents) in self._offered.items()
            if name not in wrong
        ]
        self._offered.clear()
        if not rows:
            return
        with _forgiving():
            self._write(rows)

    def _write(self, rows: Sequence[tuple[bytes, str]]) -> None:
        self._path.touch(mode=0o600)
        try:
            with closing(sqlite3.connect(self._path, timeout=1)) as connection, connection:
                connection.execute(_TABLE)
                connection.executemany("INSERT OR REPLACE INTO file (digest, documents) VALUES (?, ?)", rows)
                connection.execute(_TOO_OLD, (MAX_BYTES,))
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
                self._path.unlink()
            raise


@contextmanager
def _forgiving() -> Iterator[None]:
    with suppress(sqlite3.Error, OSError, ValueError):
        yield


def _text(documents: Remembered) -> str:
    data = [[position, without_nulls(each)] for position, each in documents]
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _digest(content: bytes) -> bytes:
    digest = hashlib.sha256(code_digest(*_READERS))
    digest.update(content)
    return digest.digest()
