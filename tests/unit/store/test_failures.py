import sqlite3
from pathlib import Path

import pytest

from reconciler.errors import StoreError
from reconciler.store import failures

_PATH = Path("/x/store.db")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_BUSY, "was busy for 30 s"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "was busy for 30 s"),
        (sqlite3.SQLITE_CORRUPT, "damaged"),
        (sqlite3.SQLITE_NOTADB, "damaged"),
        (sqlite3.SQLITE_FULL, "no space"),
        (sqlite3.SQLITE_IOERR_FSYNC, "disk failed"),
        (sqlite3.SQLITE_READONLY, "can't be written"),
        (sqlite3.SQLITE_CANTOPEN, "can't be opened"),
    ],
)
def test_sqlites_errors_are_told_in_our_words(code: int, words: str) -> None:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = code
    with pytest.raises(StoreError) as caught, failures.translated(_PATH):
        raise error
    assert words in str(caught.value)
    assert "/x/store.db" in str(caught.value)
    assert "locked" not in str(caught.value)
    assert caught.value.hint


def test_an_error_without_a_code_keeps_its_own_text() -> None:
    assert "odd" in str(failures.in_words(_PATH, sqlite3.ProgrammingError("odd")))


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), failures.translated(_PATH):
        raise KeyError


def test_what_is_wrong_with_a_files_content_is_no_failure_of_the_disk() -> None:
    assert failures.is_damage(_error(sqlite3.SQLITE_NOTADB))
    assert not failures.is_damage(_error(sqlite3.SQLITE_IOERR_READ))
    assert not failures.is_damage(sqlite3.ProgrammingError("no code"))


def test_a_disk_that_failed_leaves_open_what_was_written() -> None:
    """A commit that could not be synced may be found by who opens the store next."""
    failed = failures.in_words(_PATH, _error(sqlite3.SQLITE_IOERR_FSYNC))
    assert ("nothing was changed" in str(failed), failed.command) == (False, "history")


def _error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error
