import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.disk import Failure, wrapped_disk
from fakes.store import SteppingClock, commit_all, provider, put

from reconciler.errors import StoreError
from reconciler.store import files
from reconciler.store.records import StoreMissing


def test_a_new_file_and_its_folders_are_their_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "store.db"
    assert files.create_private(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not files.create_private(path)


def test_a_reading_connection_can_not_write(tmp_path: Path) -> None:
    path = tmp_path / "a b?#.db"
    commit_all(path, [put(provider("a"))])
    with (
        closing(files.connect_readonly(path)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM meta")


def test_a_file_without_tables_is_no_store_yet(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with pytest.raises(StoreMissing, match="no store at"):
        files.connect_readonly(path)
    files.create_private(path)
    with (
        closing(files.connect_readonly(path)) as connection,
        pytest.raises(StoreMissing, match="no store at"),
    ):
        files.require_store(connection, path)


def test_another_programs_database_is_not_taken_for_a_store(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE provider (id)")
        with pytest.raises(StoreError, match="not a store"):
            files.schema_of(connection, path)


def test_a_file_system_without_a_write_ahead_log_is_refused() -> None:
    with (
        closing(sqlite3.connect(":memory:", isolation_level=None)) as connection,
        pytest.raises(StoreError, match="write-ahead log"),
    ):
        files.use_write_ahead_log(connection, Path("x"))


def test_the_switch_to_a_write_ahead_log_waits_for_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN IMMEDIATE")
        calls = iter(["busy", "busy", "free"])

        def leave_when_asked_again(statement: str) -> None:
            if next(calls) == "free":
                other.execute("COMMIT")

        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
            connection.set_trace_callback(leave_when_asked_again)
            files.use_write_ahead_log(connection, path)
            connection.set_trace_callback(None)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_switch_gives_up_after_the_time_a_busy_store_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.store.failures.BUSY_SECONDS", -1.0)
    path = tmp_path / "store.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection,
    ):
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError):
            files.use_write_ahead_log(connection, path)


def nothing_can_be_made_beside(path: Path) -> None:
    """As on a read-only disk: SQLite can't make the index of the log, because something else has its name."""
    path.with_name(f"{path.name}-shm").symlink_to(path.parent / "nowhere" / "x")


def test_a_store_is_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    nothing_can_be_made_beside(path)
    with closing(files.connect_readonly(path)) as connection:
        assert connection.execute("SELECT name FROM version").fetchall() == [("a",)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM meta")


def test_a_log_that_can_not_be_read_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    nothing_can_be_made_beside(path)
    path.with_name("store.db-wal").write_bytes(b"committed")
    with pytest.raises(StoreError, match="part of it is in its write-ahead log") as caught:
        files.connect_readonly(path)
    assert "copy store.db and store.db-wal together" in (caught.value.hint or "")


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder; a store is a file") as caught:
        files.connect_readonly(tmp_path)
    assert caught.value.hint == f"name a file in it: --db {tmp_path / 'routerctl.db'}"


def test_a_place_that_can_not_be_reached(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be reached: File name too long"):
        files.connect_readonly(tmp_path / ("x" * 300))
    (tmp_path / "file").touch()
    with pytest.raises(StoreMissing):
        files.connect_readonly(tmp_path / "file" / "store.db")


def test_no_half_copy_stays(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    now = SteppingClock().now()
    whole = files.copy_beside(path, "copy", now)
    assert whole.name == "store-copy-20260101T000001Z.db"
    files.remove(whole)
    with (
        wrapped_disk().failing(Failure(at=3, lasting=True, space=True)),
        pytest.raises(sqlite3.OperationalError, match="full"),
    ):
        files.copy_beside(path, "copy", now)
    assert list(tmp_path.glob("store-copy*")) == []


def test_where_no_copy_can_be_made_it_says_so(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 250)
    with pytest.raises(StoreError, match="can't be copied: File name too long"):
        files.copy_beside(long, "copy", SteppingClock().now())


def test_a_disk_that_fails_while_a_schema_is_read_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    found = []
    for at in range(1, 12):
        with (
            closing(sqlite3.connect(path, isolation_level=None)) as connection,
            wrapped_disk().failing(Failure(at=at, lasting=True)),
        ):
            try:
                files.schema_of(connection, path)
            except sqlite3.OperationalError as error:
                found.append(str(error))
    assert "disk I/O error" in found
    assert "cannot rollback - no transaction is active" not in found
