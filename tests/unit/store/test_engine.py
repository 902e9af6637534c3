import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, commit_all, open_writer, provider, put

from reconciler.errors import StoreError
from reconciler.store import files
from reconciler.store.engine import open_engine, path_of
from reconciler.store.migrations import Migration
from reconciler.store.reader import Reader
from reconciler.store.verify import verify
from reconciler.store.writer import Writer


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "state" / "store.db"
    engine = open_engine(path)
    assert path_of(engine) == path
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (files.SCHEMA_VERSION,)
    assert path.stat().st_mode & 0o777 == 0o600


def test_commits_reach_the_disk_before_they_return(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "store.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


def test_the_write_ahead_log_is_its_owners_alone_too(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_writer(path) as writer:
        writer.commit([put(provider("a"))], base=0, meta=META)
        modes = {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
        assert len(list(tmp_path.iterdir())) == 3
    assert modes == {0o600}


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    assert commit_all(path, [put(provider("a"))])[0].number == 1


def test_opening_it_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    open_engine(path).dispose()
    with Reader(path) as reader:
        assert reader.head() == 1


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be read as one" * 30, b"SQLite format 3\0" * 90]
)
def test_what_is_no_store_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        open_engine(path)
    assert path.read_bytes() == content


def test_a_store_that_is_newer_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer routerctl"):
        open_engine(path)
    with pytest.raises(StoreError, match="newer routerctl"):
        Reader(path)
    assert path.read_bytes() == before


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be made"):
        open_engine(tmp_path / "file" / "store.db")


def test_an_older_store_is_migrated_after_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    steps = (
        Migration(2, ("SELECT this is never run",)),
        Migration(files.SCHEMA_VERSION + 1, ("ALTER TABLE version ADD COLUMN note TEXT",)),
        Migration(files.SCHEMA_VERSION + 2, ("UPDATE version SET note = 'moved'",)),
    )
    open_engine(path, schema=steps).dispose()
    open_engine(path, schema=steps).dispose()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (files.SCHEMA_VERSION + 2,)
        assert connection.execute("SELECT note FROM version").fetchall() == [("moved",)]
    (copy,) = tmp_path.glob("store-backup-*.db")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (files.SCHEMA_VERSION,)
        assert connection.execute("SELECT count(*) FROM version").fetchone() == (1,)


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    steps = (Migration(files.SCHEMA_VERSION + 1, ("DROP TABLE event", "DROP TABLE that_is_not_there")),)
    with pytest.raises(StoreError):
        open_engine(path, schema=steps)
    with Reader(path) as reader:
        assert len(reader.events(1)) == 1


def test_a_busy_store_is_told_of_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.store.failures.BUSY_SECONDS", 0.05)
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    with closing(sqlite3.connect(path, isolation_level=None)) as other, open_writer(path) as writer:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="was busy") as caught:
            writer.commit([put(provider("b"))], base=1, meta=META)
        assert "locked" not in str(caught.value)
        with Reader(path) as reader:
            assert reader.head() == 1
        other.execute("COMMIT")
        assert writer.commit([put(provider("b"))], base=1, meta=META).number == 2


def test_a_disk_that_is_full_at_any_page_leaves_the_store_whole(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    outcomes = set()
    refusals: list[StoreError] = []
    for spare in range(0, 80, 8):
        head = _head(path)
        edits = [put(provider(f"p-{n}", text=f"{spare}" * 300)) for n in range(100)]
        engine = open_engine(path)
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + spare}")
        try:
            committed = Writer(engine, SteppingClock()).commit(edits, base=head, meta=META).number == head + 1
        except StoreError as error:
            committed = False
            refusals.append(error)
        engine.dispose()
        assert _head(path) == head + committed
        outcomes.add(committed)
    assert outcomes == {False, True}
    assert all("no space" in error.message for error in refusals)


def _head(path: Path) -> int:
    with Reader(path) as reader:
        assert verify(reader) == []
        return reader.head()
