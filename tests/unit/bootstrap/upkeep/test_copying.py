import os
from pathlib import Path

import pytest
from fakes.store import SteppingClock, commit_all, provider, put

from reconciler.bootstrap.upkeep.copying import note, to_file, to_send
from reconciler.errors import Refused, StoreError
from reconciler.resources.principal import local_principal
from reconciler.store import audit
from reconciler.store.reader import Reader
from reconciler.store.records import Revision
from reconciler.store.url import StoreLocation, parse

ADA = local_principal("ada")


@pytest.fixture
def store(tmp_path: Path) -> StoreLocation:
    location = parse(str(tmp_path / "state" / "store.db"))
    commit_all(location.config_path, [put(provider("a"))])
    return location


def names(store: StoreLocation) -> set[str]:
    return {path.name for path in store.config_path.parent.iterdir()} - {"store.db-wal", "store.db-shm"}


def test_a_copy_to_send_has_no_name(store: StoreLocation) -> None:
    before = names(store)
    copied = to_send(store, {}, note(store, ADA, SteppingClock()))
    assert names(store) == before
    content = copied.stream.read()
    assert (len(content), copied.backup.head.number) == (copied.backup.size, 1)
    assert content.startswith(b"SQLite format 3\0")
    assert os.fstat(copied.stream.fileno()).st_nlink == 0
    assert copied.key == f"the file {store.config_path.with_suffix('.key')}"
    copied.close()
    assert copied.stream.closed
    with Reader(store.config_path) as reader:
        (*_, last) = audit.rows(reader)
    assert (last.principal, last.operation, last.target) == ("local:ada", "backup", "revision 1")


def test_what_one_left_that_died_is_replaced(store: StoreLocation) -> None:
    left = store.config_path.with_name(f".store.db.{os.getpid()}.copy")
    left.write_text("half")
    to_send(store, {}, lambda _: None).close()
    assert not left.exists()


def test_without_a_note_there_is_no_copy(store: StoreLocation) -> None:
    def noted(_: Revision) -> None:
        raise StoreError("the disk is full")

    before = names(store)
    with pytest.raises(StoreError, match="the disk is full"):
        to_send(store, {}, noted)
    assert names(store) == before


def test_a_copy_that_can_not_be_read_again_is_said(
    store: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(StoreError, match="can't be copied: Permission denied"):
        to_send(store, {}, lambda _: None)


def test_no_copy_takes_the_place_of_the_key(store: StoreLocation, tmp_path: Path) -> None:
    key = store.config_path.with_suffix(".key")
    with pytest.raises(Refused, match="holds the key"):
        to_file(store, key, {}, lambda _: None, force=True)
    done = to_file(store, tmp_path / "b.db", {"ROUTERCTL_ENCRYPTION_KEY": ""}, lambda _: None, force=False)
    assert (done.backup.file, done.key) == (
        tmp_path / "b.db",
        "the environment variable ROUTERCTL_ENCRYPTION_KEY",
    )
