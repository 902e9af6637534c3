import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import commit_all, provider, put

from reconciler.errors import StoreError
from reconciler.store import files
from reconciler.store.migrations import Migration
from reconciler.store.preparing import prepare


def test_a_file_that_is_made_has_no_tables_yet(tmp_path: Path) -> None:
    path = tmp_path / "state" / "store.db"
    assert [prepare(path), prepare(path)] == [False, False]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_store_is_one_whose_log_is_written_ahead(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    assert prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_older_store_is_migrated_after_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    step = Migration(files.SCHEMA_VERSION + 1, ("ALTER TABLE version ADD COLUMN note TEXT",))
    assert [prepare(path, schema=(step,)), prepare(path, schema=(step,))] == [True, True]
    assert len(list(tmp_path.glob("store-backup-*.db"))) == 1


def test_what_can_not_be_made_or_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database, but long enough to be read as one" * 30)
    with pytest.raises(StoreError, match="can't be made"):
        prepare(tmp_path / "file" / "store.db")
    with pytest.raises(StoreError, match="damaged"):
        prepare(tmp_path / "file")
