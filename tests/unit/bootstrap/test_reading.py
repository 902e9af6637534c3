import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import commit_all, provider, put

from reconciler.bootstrap.reading import open_reader, open_reader_if_any
from reconciler.errors import StoreError
from reconciler.store import files
from reconciler.store.url import StoreLocation, parse

SCHEMA_1 = Path(__file__).parents[2] / "data" / "store-schema-1.sql"


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return parse(f"sqlite:///{tmp_path / 'store.db'}")


def test_a_store_that_is_not_there_is_none_for_who_only_compares(location: StoreLocation) -> None:
    assert open_reader_if_any(location) is None
    with pytest.raises(StoreError):
        open_reader(location)
    commit_all(location.config_path, [put(provider("a"))])
    reader = open_reader_if_any(location)
    assert reader is not None
    assert reader.head() == 1
    with open_reader(location) as second:
        assert second.head() == 1


def test_what_is_no_store_is_an_error_for_everybody(location: StoreLocation) -> None:
    location.config_path.write_text("no database at all, but long enough to be looked at" * 40)
    with pytest.raises(StoreError):
        open_reader_if_any(location)


def test_an_older_store_is_migrated_when_it_is_opened(location: StoreLocation) -> None:
    files.create_private(location.config_path)
    with closing(sqlite3.connect(location.config_path)) as connection:
        connection.executescript(SCHEMA_1.read_text(encoding="utf-8"))
    with open_reader(location) as reader:
        assert reader.head() == 4
    assert len(list(location.config_path.parent.glob("store-backup-schema1-*.db"))) == 1
