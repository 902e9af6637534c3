"""SQLite's errors in plain words. Translated here, once, so that none of its own texts reaches a user."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import NotFound, StoreError
from reconciler.store.records import StoreMissing

BUSY_SECONDS = 30.0
"""How long a busy store is waited for."""


def missing(path: Path) -> StoreMissing:
    return StoreMissing(f"no store at {path}", hint="make one with", command="apply -f DIR")


def newer_schema(path: Path, found: int, known: int) -> StoreError:
    return StoreError(
        f"the store at {path} was written by a newer routerctl (schema {found}; this one knows up to {known})",
        hint="install that version again; nothing was changed",
    )


def older_schema(path: Path, found: int, known: int) -> StoreError:
    return StoreError(
        f"the store at {path} is of schema {found}, and this routerctl reads schema {known}",
        hint="it is migrated, after a copy was made, by",
        command="status",
    )


def compacted(number: int, floor: int) -> NotFound:
    return NotFound(
        f"revision {number} was compacted: which resources it changed is still known, their contents are not; states are "
        f"whole from revision {floor} on",
        hint="a backup that was made before the compaction may hold it",
    )


def not_ours(path: Path) -> StoreError:
    return StoreError(
        f"{path} is a database, but not a store of routerctl", hint="give another path with --db"
    )


def a_folder(path: Path) -> StoreError:
    return StoreError(
        f"{path} is a folder; a store is a file", hint=f"name a file in it: --db {path / 'routerctl.db'}"
    )


def unfinished(path: Path) -> StoreError:
    """A log that was not written back, where nothing can be."""
    return StoreError(
        f"the store at {path} can't be read where it is: part of it is in its write-ahead log, and nothing can be written",
        hint=f"copy {path.name} and {path.name}-wal together to a folder that can be written",
    )


def is_not_writable(error: sqlite3.Error) -> bool:
    """What SQLite fails with where it can't make the files that it wants beside a store."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def is_damage(error: sqlite3.Error) -> bool:
    """What SQLite fails with where the content of a file is wrong, not the disk, and not for want of space."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def in_words(path: Path, error: BaseException) -> StoreError:
    """The StoreError for an error of sqlite3. By result code where Python gives one, else by type."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    words = _WORDS.get(primary) if primary is not None else None
    if words is None:
        return StoreError(f"the store at {path} can't be used: {error}")
    return StoreError(words[0].format(path=path), hint=words[1], command=_COMMANDS.get(words))


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
    "restore it from a backup; which revisions are whole may be told by",
)
_FAILED = (
    "the disk failed while using the store at {path}",
    # A commit that could not be synced may be found by who opens the store next.
    "check the disk, also for room; what was being written is stored whole, or not at all, as is told by",
)
_PERMISSION = (
    "the store at {path} can't be written",
    "check the owner and the mode of the file and of its folder, and whether the disk is read-only",
)
_COMMANDS = {_DAMAGED: "history verify", _FAILED: "history"}
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
    sqlite3.SQLITE_IOERR: _FAILED,
    sqlite3.SQLITE_READONLY: _PERMISSION,
    sqlite3.SQLITE_PERM: _PERMISSION,
    sqlite3.SQLITE_CANTOPEN: (
        "the store at {path} can't be opened",
        "check the owner and the mode of the file and of its folder, and whether the disk is read-only or full",
    ),
}
