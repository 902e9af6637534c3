import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes.doors import HandClock
from fakes.store import commit_all, provider, put

from reconciler.bootstrap import backups
from reconciler.bootstrap.backups import before_import
from reconciler.errors import StoreError
from reconciler.resources.principal import local_principal
from reconciler.store import audit
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation, parse

ADA = local_principal("ada")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreLocation]:
    location = parse(str(tmp_path / "store.db"))
    commit_all(location.config_path, [put(provider("a"))])
    yield location
    assert not [*(tmp_path / "backups").glob(".*")]


def test_each_copy_has_a_file_of_its_own(store: StoreLocation) -> None:
    folder = store.config_path.parent / "backups"
    folder.mkdir()
    left = folder / f".store-before-import.{os.getpid()}.copy"
    left.write_text("half")  # of a process that had our number and died
    first, second = (before_import(store, HandClock(), ADA) for _ in range(2))
    assert first.parent == second.parent == folder
    assert second.name == first.name.replace(".db", "-2.db")
    assert {path.stat().st_mode & 0o777 for path in (first, second)} == {0o600}


def test_many_at_once_are_copied_and_the_audit_tells_of_each(store: StoreLocation) -> None:
    start = threading.Barrier(6)

    def one(_: int) -> Path:
        start.wait(10)
        return before_import(store, HandClock(), ADA)

    with ThreadPoolExecutor(6) as pool:
        made = [*pool.map(one, range(6), timeout=30)]
    assert len(set(made)) == 6
    for path in made:
        with Reader(path) as reader:
            assert reader.head() == 1
    with Reader(store.config_path) as reader:
        told = [(row.principal, row.target) for row in audit.rows(reader) if row.operation == "backup"]
    assert told == [("local:ada", "revision 1")] * 6


def test_the_newest_stay_and_what_people_put_there(
    store: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "KEPT", 3)
    folder = store.config_path.parent / "backups"
    folder.mkdir()
    others = {
        "store-before-import-20200101-000000.db.old",
        "store-before-import-20200101-000000-02.db",
        "my-store-before-import-20200101-000000.db",
        "stores-before-import-20200101-000000.db",
        "store-before-import-2020-01-01.db",
        "store.db",
    }
    old = ["20200101-000000", "20200101-000000-9", "20200101-000000-10"]
    for name in (*others, *(f"store-before-import-{when}.db" for when in old)):
        (folder / name).touch()
    (folder / "store-before-import-20190101-000000.db").symlink_to(store.config_path)
    made = before_import(store, HandClock(), ADA)
    assert {path.name for path in folder.iterdir()} == {
        *others,
        "store-before-import-20190101-000000.db",
        "store-before-import-20200101-000000-9.db",
        "store-before-import-20200101-000000-10.db",
        made.name,
    }


def test_a_clock_that_went_back_does_not_take_the_copy_just_made(
    store: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "KEPT", 1)
    folder = store.config_path.parent / "backups"
    folder.mkdir()
    (folder / "store-before-import-29990101-000000.db").touch()
    made = before_import(store, HandClock(), ADA)
    assert [*folder.iterdir()] == [made]


def test_stores_of_one_stem_keep_apart(tmp_path: Path) -> None:
    made = []
    for name in ("s.db", "s.sqlite"):
        location = parse(str(tmp_path / name))
        commit_all(location.config_path, [put(provider("a"))])
        made.append(before_import(location, HandClock(), ADA).name.partition("-before-")[0])
    assert made == ["s", "s.sqlite"]


def test_where_nothing_can_be_written_the_store_is_named(store: StoreLocation) -> None:
    folder = store.config_path.parent / "backups"
    folder.touch()
    with pytest.raises(
        StoreError, match=r"the store at .*store\.db can't be copied to .*backups: File exists"
    ):
        before_import(store, HandClock(), ADA)


def test_without_a_note_there_is_no_copy(store: StoreLocation, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(audit, "note", full)
    with pytest.raises(StoreError, match="the disk is full"):
        before_import(store, HandClock(), ADA)
    assert not [*(store.config_path.parent / "backups").iterdir()]
