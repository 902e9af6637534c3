"""SQLite's errors in plain words. Translated here, once, so that none of its own texts reaches a user."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import StoreError
from reconciler.store.records import StoreMissing

BUSY_SECONDS = 30.0
"""How long a busy store is waited for."""


def missing(path: Path) -> StoreMissing:
    return StoreMissing(f"no store at {path}", hint="`routerctl apply -f DIR` makes one")


def newer_schema(path: Path, found: int, known: int) -> StoreError:
    return StoreError(
        f"the store at {path} was written by a newer routerctl (schema {found}; this one knows up to {known})",
        hint="install that version again; nothing was changed",
    )


def not_ours(path: Path) -> StoreError:
    return StoreError(
        f"{path} is a database, but not a store of routerctl", hint="give another path with --db"
    )


def in_words(path: Path, error: BaseException) -> StoreError:
    """The StoreError for an error of sqlite3. By result code where Python gives one, else by type."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    words = _WORDS.get(primary) if primary is not None else None
    if words is None:
        return StoreError(f"the store at {path} can't be used: {error}")
    return StoreError(words[0].format(path=path), hint=words[1])


@contextmanager
def translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise in_words(path, error) from error


_BUSY = (
    f"the store at {{path}} was busy for {BUSY_SECONDS:.0f} s",
    "another routerctl is writing to it; try again when that has finished",
)
_DAMAGED = (
    "the store at {path} is damaged, or is no SQLite database",
    "restore it from a backup; `history verify` can say which revisions are whole",
)
_PERMISSION = (
    "the store at {path} can't be written",
    "check the owner and the mode of the file and of its folder",
)
_WORDS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_FULL: (
        "no space is left for the store at {path}",
        "nothing was changed; make space and try again",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk failed while using the store at {path}",
        "nothing was changed; check the disk",
    ),
    sqlite3.SQLITE_READONLY: _PERMISSION,
    sqlite3.SQLITE_PERM: _PERMISSION,
    sqlite3.SQLITE_CANTOPEN: (
        "the store at {path} can't be opened",
        "check the owner and the mode of the file and of its folder",
    ),
}
