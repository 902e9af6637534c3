import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from fakes.disk import Failure, wrapped_disk
from fakes.store import META, SteppingClock, commit_all, open_writer, provider, put
from fakes.store_processes import NEXT_SCHEMA, killed_at
from fakes.waiting import joined

from reconciler.errors import InvalidInput, NotFound, Refused, RouterctlError, StoreError
from reconciler.store.backup import back_up, receive, restore
from reconciler.store.migrations import migrate
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.records import VaultEntry
from reconciler.store.url import StoreLocation, parse
from reconciler.store.verify import verify

CLOCK = SteppingClock()


@pytest.fixture
def store(tmp_path: Path) -> StoreLocation:
    location = parse(str(tmp_path / "state" / "store.db"))
    commit_all(location.config_path, [put(provider("a"))], [put(provider("b"))])
    return location


@pytest.fixture
def backup(store: StoreLocation, tmp_path: Path) -> Path:
    return back_up(store, tmp_path / "backup.db").file


def _go_on(store: StoreLocation, name: str) -> int:
    with Reader(store.config_path) as reader:
        head = reader.head()
    with open_writer(store.config_path) as writer:
        return writer.commit([put(provider(name))], base=head, meta=META).number


def _left(store: StoreLocation) -> list[str]:
    """What lies in the folder besides the store and its log."""
    own = {store.config_path.name + suffix for suffix in ("", "-wal", "-shm")}
    return sorted({each.name for each in store.config_path.parent.iterdir()} - own)


def _names(path: Path) -> list[str]:
    with Reader(path) as reader:
        assert verify(reader) == []
        return [key.name for key in reader.state()]


def test_a_copy_from_elsewhere_is_verified_before_it_is_there(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "received.db"
    done = receive(target, lambda stream: stream.write(backup.read_bytes()), "the copy")
    assert (done.head.number, done.size, target.stat().st_mode & 0o777) == (2, backup.stat().st_size, 0o600)
    with pytest.raises(Refused, match="exists already"):
        receive(target, lambda _: None, "the copy")
    with pytest.raises(StoreError):
        receive(target, lambda stream: stream.write(b"x" * 5000), "the copy", force=True)
    with pytest.raises(InvalidInput, match="is a folder"):
        receive(tmp_path, lambda _: None, "the copy")
    assert _names(target) == ["a", "b"]
    assert {path.name for path in tmp_path.iterdir()} == {"state", "backup.db", "received.db"}


def test_a_backup_is_told_before_it_is_there(store: StoreLocation, tmp_path: Path) -> None:
    target, seen = tmp_path / "b.db", list[tuple[int, bool]]()
    back_up(store, target, noted=lambda head: seen.append((head.number, target.exists())))
    assert seen == [(2, False)]


def test_a_backup_is_one_whole_file_of_its_owner_alone(store: StoreLocation, tmp_path: Path) -> None:
    with open_writer(store.config_path) as writer:  # somebody is at work, so there is a write-ahead log
        writer.commit([put(provider("c"))], base=2, meta=META)
        done = back_up(store, tmp_path / "backup.db")
        assert done.head.number == 3
    assert done.file.stat().st_mode & 0o777 == 0o600
    assert done.size == done.file.stat().st_size
    assert done.key_ids == frozenset()
    assert _names(done.file) == ["a", "b", "c"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["backup.db", "state"]


def test_a_backup_says_which_keys_open_it(store: StoreLocation, tmp_path: Path) -> None:
    entry = VaultEntry("v-1", "default/Provider/a/spec.config.apiKey", b"token", "f1-", "key-7")
    with open_writer(store.config_path) as writer:
        writer.commit([], base=2, meta=META, seals=[entry])
    assert back_up(store, tmp_path / "backup.db").key_ids == {"key-7"}


def test_a_backup_writes_over_nothing_unless_it_is_told_to(store: StoreLocation, backup: Path) -> None:
    before = backup.read_bytes()
    _go_on(store, "c")
    with pytest.raises(Refused, match="exists already"):
        back_up(store, backup)
    assert backup.read_bytes() == before
    assert back_up(store, backup, force=True).head.number == 3
    assert _names(backup) == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["store.db", "store.db-wal", "store-records.db"])
def test_the_store_itself_is_no_place_for_a_backup(store: StoreLocation, name: str) -> None:
    target = store.config_path.with_name(name)
    with pytest.raises(Refused, match="part of the store itself"):
        back_up(store, target, force=True)
    link = store.config_path.parent.parent / "link.db"
    link.symlink_to(target)
    with pytest.raises(Refused, match="part of the store itself"):
        back_up(store, link, force=True)


def test_where_no_file_can_be_written_the_error_says_so(store: StoreLocation, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a folder"):
        back_up(store, tmp_path)
    with pytest.raises(StoreError, match="can't be written: no such file"):
        back_up(store, tmp_path / "missing" / "backup.db")


def test_a_store_that_was_tampered_with_is_not_backed_up(store: StoreLocation, tmp_path: Path) -> None:
    with closing(sqlite3.connect(store.config_path)) as connection, connection:
        connection.execute("UPDATE revision SET actor = 'eve' WHERE number = 1")
    with pytest.raises(StoreError, match="revision 1: it is not what its digest signed") as caught:
        back_up(store, tmp_path / "backup.db")
    assert caught.value.command == "history verify"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["state"]


def test_a_restore_brings_back_what_was_and_keeps_what_is(store: StoreLocation, backup: Path) -> None:
    held = backup.read_bytes()
    _go_on(store, "c")
    done = restore(backup, store, CLOCK)
    assert (done.head.number, done.key_ids) == (2, frozenset())
    assert done.kept is not None
    assert done.kept.name.startswith("store-before-restore-2026")
    assert done.kept.stat().st_mode & 0o777 == 0o600
    assert _names(done.kept) == ["a", "b", "c"]
    assert _names(store.config_path) == ["a", "b"]
    assert backup.read_bytes() == held
    assert _go_on(store, "d") == 3


def test_a_restore_makes_the_store_where_there_is_none(backup: Path, tmp_path: Path) -> None:
    fresh = parse(str(tmp_path / "elsewhere" / "new.db"))
    assert restore(backup, fresh, CLOCK).kept is None
    assert _names(fresh.config_path) == ["a", "b"]
    assert fresh.config_path.stat().st_mode & 0o777 == 0o600
    assert _left(fresh) == []


def test_the_numbers_that_followers_compare_do_not_go_back(store: StoreLocation, backup: Path) -> None:
    _go_on(store, "c")
    with Reader(store.config_path) as follower:  # opened after all others have gone: it takes the lock away
        claims = follower.claims()
    restore(backup, store, CLOCK)
    with Reader(store.config_path) as follower:
        assert follower.claims() > claims
    _go_on(store, "d")
    with Reader(store.config_path) as reader:
        (event,) = reader.events(3)
        assert event.resource_version == 4
        assert verify(reader) == []


def test_builds_of_revisions_that_are_gone_are_forgotten(store: StoreLocation, backup: Path) -> None:
    _go_on(store, "c")
    with closing(Observations(store.records_path)) as observations:
        row = WorkerRow("w", 1, 0, 0, 3, builds={"Provider/a": 1, "Provider/c": 3})
        observations.put_worker(row)
    restore(backup, store, CLOCK)
    with closing(Observations(store.records_path)) as observations:
        assert observations.acknowledged("Provider/a") == 1
        assert observations.acknowledged("Provider/c") is None


def test_a_store_that_is_served_is_not_restored(store: StoreLocation, backup: Path) -> None:
    now = CLOCK.now().timestamp()
    with closing(Observations(store.records_path)) as observations:
        observations.put_worker(WorkerRow("w", 4711, now, now, 2))
    _refuses(store, backup, "being served .pid 4711.")


def test_a_store_that_another_process_has_open_is_not_restored(store: StoreLocation, backup: Path) -> None:
    with Reader(store.config_path) as other:
        other.head()
        _refuses(store, backup, "another process has the store open")
    assert restore(backup, store, CLOCK).head.number == 2


def _refuses(store: StoreLocation, backup: Path, words: str) -> None:
    before, left = _names(store.config_path), _left(store)
    with pytest.raises(Refused, match=words):
        restore(backup, store, CLOCK)
    assert _names(store.config_path) == before
    assert _left(store) == left


def test_what_is_no_whole_backup_is_refused(store: StoreLocation, backup: Path, tmp_path: Path) -> None:
    _go_on(store, "c")
    refused: dict[str, type[RouterctlError]] = {}
    for name, damage in {
        "tampered": b"UPDATE version SET source = 'eve'",
        "newer": b"PRAGMA user_version = 99",
        "foreign": b"PRAGMA application_id = 1",
    }.items():
        copy = tmp_path / f"{name}.db"
        copy.write_bytes(backup.read_bytes())
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute(damage.decode())
        refused[str(copy)] = StoreError
    cut = tmp_path / "cut.db"
    cut.write_bytes(backup.read_bytes()[:-8192])
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at" * 40)
    refused |= {
        str(cut): StoreError,
        str(tmp_path / "text.db"): StoreError,
        str(tmp_path / "none.db"): NotFound,
    }
    refused |= {str(tmp_path): NotFound, str(store.config_path): Refused}
    for file, error in refused.items():
        with pytest.raises(error):
            restore(Path(file), store, CLOCK)
        assert _names(store.config_path) == ["a", "b", "c"]
    assert _left(store) == []


def test_a_backup_that_is_newer_is_named_as_it_was_given(
    store: StoreLocation, backup: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "newer.db"
    copy.write_bytes(backup.read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=f"^the store at {re.escape(str(copy))} was written by a newer"):
        restore(copy, store, CLOCK)


def test_a_backup_of_an_older_schema_is_migrated_on_its_way(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        text = (Path(__file__).parents[2] / "data" / "store-schema-1.sql").read_text(encoding="utf-8")
        connection.executescript(text)
    before = old.read_bytes()
    fresh = parse(str(tmp_path / "new" / "store.db"))
    assert restore(old, fresh, CLOCK).head.number == 4
    assert len(_names(fresh.config_path)) == 5
    assert old.read_bytes() == before
    assert _left(fresh) == []


def test_a_store_that_is_newer_is_not_restored_over(store: StoreLocation, backup: Path) -> None:
    migrate(store.config_path, schema=NEXT_SCHEMA)
    before = store.config_path.read_bytes()
    with pytest.raises(StoreError, match="newer routerctl"):
        restore(backup, store, CLOCK)
    assert store.config_path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read as one" * 30, b""])
def test_a_store_that_can_not_be_read_is_put_aside(
    store: StoreLocation, backup: Path, content: bytes
) -> None:
    store.config_path.write_bytes(content)
    done = restore(backup, store, CLOCK)
    assert (done.kept.read_bytes() if done.kept else b"") == content
    assert _names(store.config_path) == ["a", "b"]


@pytest.mark.parametrize("at", [1, 60, 120, 180])
def test_a_disk_that_fails_in_a_restore_puts_no_whole_store_aside(
    store: StoreLocation, backup: Path, at: int
) -> None:
    with wrapped_disk().failing(Failure(at=at, lasting=True)), pytest.raises(StoreError):
        restore(backup, store, CLOCK)
    assert _names(store.config_path) == ["a", "b"]
    restore(backup, store, CLOCK)


def test_who_is_killed_in_a_restore_leaves_the_store_as_it_was(store: StoreLocation, backup: Path) -> None:
    _go_on(store, "c")
    killed_at("before-restored", store.config_path, backup)
    assert _names(store.config_path) == ["a", "b", "c"]
    assert restore(backup, store, CLOCK).head.number == 2
    assert _names(store.config_path) == ["a", "b"]


def test_a_backup_of_a_store_that_is_written_to_is_of_one_moment(
    store: StoreLocation, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        with open_writer(store.config_path) as writer:
            head = 2
            while not stop.is_set():
                edits = [put(provider(name, latency=head)) for name in ("a", "b")]
                head = writer.commit(edits, base=head, meta=META).number

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        copies = [back_up(store, tmp_path / f"{number}.db").file for number in range(3)]
    finally:
        stop.set()
        joined(writer, 30)
    for copy in copies:
        with Reader(copy) as reader:
            latencies = {stored.resource.spec.get("latency") for stored in reader.state().values()}
            assert len(latencies) == 1
            assert verify(reader) == []
