from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import StoreError
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.source_status import SourceStatus, put, read

_STATUS = SourceStatus(
    paths=("/etc/manifests",),
    source="github.com/acme/routing",
    time="2026-11-22T01:00:00Z",
    revision=3,
    changed=2,
    commit="1a2b3c",
    error="1 problem in the manifests",
    problems=("m.yaml:1:1: error: wrong",),
    held=(("Provider/a", 2, True),),
    waiting=(("Binding/b", "Model/m is held"),),
    undeclared=4,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store-records.db"


def test_reading_makes_no_file(path: Path) -> None:
    assert read(path) == ()
    assert not path.exists()


def test_what_was_put_is_read(path: Path) -> None:
    put(path, _STATUS)
    assert read(path) == (_STATUS,)


def test_the_row_of_the_same_paths_is_replaced(path: Path) -> None:
    other = replace(_STATUS, paths=("/a", "/b"), error=None)
    put(path, _STATUS)
    put(path, other)
    put(path, replace(_STATUS, source="renamed"))
    assert read(path) == (other, replace(_STATUS, source="renamed"))


def test_it_shares_its_file_with_the_observations(path: Path) -> None:
    put(path, _STATUS)
    observations = Observations(path)
    row = WorkerRow("w", 1, 1.0, 1.0, 1)
    observations.put_worker(row)
    assert observations.workers() == (row,)
    observations.close()
    assert read(path) == (_STATUS,)


def test_a_file_that_is_no_database_is_said_in_words(path: Path) -> None:
    path.write_text("this is no database, and long enough to be seen as such" * 20)
    with pytest.raises(StoreError, match="damaged, or is no SQLite database"):
        read(path)
