import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from fakes.store import META as _META
from fakes.store import SteppingClock, commit_all, open_writer, provider, put
from fakes.store_processes import NEXT_SCHEMA, killed_at, migrating
from fakes.workshop import CIPHER
from sizes import seed, size

from reconciler.errors import StoreError
from reconciler.secrets.cipher import Place
from reconciler.store import files
from reconciler.store.failpoints import UpkeepPlace
from reconciler.store.migrations import MIGRATIONS, Migration, back_up, due, migrate
from reconciler.store.reader import Reader
from reconciler.store.verify import verify

SCHEMA_1 = Path(__file__).parents[2] / "data" / "store-schema-1.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store as version 0.1 made it before there were checksums: four revisions, three holds, two sealed values."""
    path = tmp_path / "store.db"
    files.create_private(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA_1.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
    return path


def test_those_are_due_that_are_newer_than_the_store() -> None:
    steps = (Migration(2, ()), Migration(3, ()))
    assert due(2, steps) == steps[1:]
    assert due(3, steps) == ()


def test_the_list_leads_to_this_versions_schema_one_by_one() -> None:
    assert [step.version for step in MIGRATIONS] == list(range(2, files.SCHEMA_VERSION + 1))


def test_a_backup_is_a_store_and_replaces_no_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    clock = SteppingClock()
    copies = [back_up(path, 1, clock), back_up(path, 1, clock)]
    copies.append(back_up(path, 1, SteppingClock()))
    names = ["000001Z", "000002Z", "000001Z-2"]
    assert [copy.name for copy in copies] == [f"store-backup-schema1-20260101T{name}.db" for name in names]
    for copy in copies:
        assert copy.stat().st_mode & 0o777 == 0o600
        with Reader(copy) as reader:
            assert list(reader.state()) == [provider("a").key]


def test_a_store_of_schema_1_is_brought_up_to_date_after_a_copy(old: Path) -> None:
    before = _dump(old)
    copy = migrate(old, clock=SteppingClock())
    assert copy == old.with_name("store-backup-schema1-20260101T000001Z.db")
    assert _dump(copy) == before
    assert migrate(old) is None
    with Reader(old) as reader:
        assert verify(reader) == []
        assert (reader.head(), len(reader.state()), len(reader.holds())) == (4, 5, 3)
        sealed = reader.vault_entry("v-7314826f3171898e91444b5c")
        assert sealed is not None
        place = Place("default", "Provider", "far", "spec.config.apiKey")
        assert CIPHER.open(place, sealed.ciphertext, sealed.key_id).reveal() == "sk-of-long-ago"


def test_a_migrated_store_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    migrate(old)
    with open_writer(tmp_path / "new.db"):
        pass
    assert _columns(old) == _columns(tmp_path / "new.db")


def test_the_writer_goes_on_where_the_old_one_stopped(old: Path) -> None:
    with open_writer(old) as writer:  # migrates by itself
        assert writer.commit([put(provider("new"))], base=4, meta=_META).number == 5
    with Reader(old) as reader:
        assert verify(reader) == []
    assert len(list(old.parent.glob("store-backup-schema1-*.db"))) == 1


def test_who_reads_an_older_store_is_told_what_migrates_it(old: Path) -> None:
    with pytest.raises(StoreError, match="is of schema 1") as caught:
        Reader(old)
    assert caught.value.command == "status"


@pytest.mark.parametrize("place", ["after-copy", "before-migrated"])
def test_a_migration_that_is_killed_leaves_before_or_after(old: Path, place: UpkeepPlace) -> None:
    before = _dump(old)
    killed_at(place, old)
    assert _dump(old) == before
    migrate(old, schema=NEXT_SCHEMA)
    assert _version(old) == files.SCHEMA_VERSION + 1
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM version WHERE note IS NULL").fetchone() == (10,)


@pytest.mark.torture
def test_a_migration_that_is_killed_at_any_time_leaves_before_or_after(old: Path, tmp_path: Path) -> None:
    """Only kills that the migration did not outrun are counted."""
    chance = random.Random(seed("migration"))
    before, kills, longest = _dump(old), 0, 0.0
    migrated = tmp_path / "migrated.db"
    shutil.copy(old, migrated)
    migrate(migrated, schema=NEXT_SCHEMA)
    after = _dump(migrated)
    for number in count():
        path = tmp_path / f"{number}" / "store.db"
        path.parent.mkdir()
        shutil.copy(old, path)
        process, said = migrating(path)
        begun = time.monotonic()
        done = said.poll(chance.uniform(0, longest) if number else 30)
        longest = max(longest, time.monotonic() - begun)
        process.kill()
        process.join(30)
        kills += process.exitcode == -signal.SIGKILL and not done
        assert _dump(path) in ([after] if done else [before, after])
        migrate(path, schema=NEXT_SCHEMA)
        assert _dump(path) == after
        shutil.rmtree(path.parent)
        if kills == size("KILLED_MIGRATIONS"):
            break


def test_a_newer_store_is_refused_and_not_a_byte_of_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    migrate(path, schema=NEXT_SCHEMA)
    for copy in tmp_path.glob("store-backup-*"):
        copy.unlink()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer routerctl"):
        migrate(path)
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*backup*")) == []


def test_a_writer_notices_that_a_newer_program_migrated_its_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_writer(path) as writer:
        writer.commit([put(provider("a"))], base=0, meta=_META)
        migrate(path, schema=NEXT_SCHEMA)
        with pytest.raises(StoreError, match="newer routerctl"):
            writer.commit([put(provider("b"))], base=1, meta=_META)


def test_where_there_is_no_store_there_is_nothing_to_migrate(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        migrate(tmp_path / "store.db")
    (tmp_path / "store.db").touch()
    assert migrate(tmp_path / "store.db") is None


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [*connection.iterdump(), str(_version(path))]


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _columns(path: Path) -> dict[str, list[object]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        found = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in sorted(tables)}
        indexes = connection.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY name"
        )
        return {**found, "indexes": indexes.fetchall()}
