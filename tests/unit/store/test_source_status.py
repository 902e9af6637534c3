import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import StoreError
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.source_status import (
    Difference,
    GitStatus,
    SourceStatus,
    difference_text,
    forget,
    put,
    read,
)

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
    drift=(Difference("Provider/c", "spec.priority: 1, declared 2", "cli:ada", "2026-11-22T01:00:00Z"),),
    healed=(Difference("Provider/d", "deleted", "cli:bob", "2026-11-21T01:00:00Z", 3),),
    git=GitStatus("https://h/x", "main", "m", "4d5e", 2, "2026-11-22T01:00:00.000Z", None, "away"),
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


def test_a_row_of_before_there_were_branches_is_read(path: Path) -> None:
    put(path, SourceStatus(("/a",), "acme", "2026-11-22T01:00:00Z"))
    with closing(sqlite3.connect(path)) as connection, connection:
        (body,) = connection.execute("SELECT body FROM source_status").fetchone()
        old = {
            name: value for name, value in json.loads(body).items() if name not in {"drift", "healed", "git"}
        }
        connection.execute("UPDATE source_status SET body = ?", (json.dumps(old),))
    assert read(path) == (SourceStatus(("/a",), "acme", "2026-11-22T01:00:00Z"),)


def test_a_difference_says_as_much_as_is_known() -> None:
    assert list(map(difference_text, (*_STATUS.drift, *_STATUS.healed, Difference("Model/m")))) == [
        "Provider/c: spec.priority: 1, declared 2; by cli:ada at 2026-11-22T01:00:00Z",
        "Provider/d: deleted; by cli:bob at 2026-11-21T01:00:00Z",
        "Model/m",
    ]


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


@pytest.mark.parametrize("body", ["{", "[]", '{"paths": []}', '{"paths": 1}'])
def test_a_row_that_cannot_be_read_is_said_in_words(path: Path, body: str) -> None:
    put(path, _STATUS)
    with closing(sqlite3.connect(path)) as records, records:
        records.execute("UPDATE source_status SET body = ?", (body,))
    with pytest.raises(StoreError, match=r"records in .* can't be read"):
        read(path)


def test_an_error_that_comes_and_goes_is_noted(tmp_path: Path) -> None:
    records = tmp_path / "records.db"
    good = SourceStatus(("/a",), "one", "2026-01-01T00:00:00.500Z", revision=3)
    bad = replace(good, error="no disk")
    for status in (good, bad, bad, good):
        put(records, status)
    with closing(Observations(records)) as observations:
        told = [(each.time, each.reason, each.subject, each.message) for each in observations.transitions()]
    assert told == [(1767225600.5, "Failed", "one", "no disk"), (1767225600.5, "Recovered", "one", "")]


_FAILED = replace(
    _STATUS,
    paths=("https://h/x#wrong",),
    commit=None,
    git=GitStatus("https://h/x", "wrong", trouble="no branch"),
)


def test_only_a_branch_that_failed_from_the_beginning_was_never_applied() -> None:
    applied = (
        _STATUS,
        replace(_FAILED, error=None),
        replace(_FAILED, git=None),
        replace(_FAILED, git=replace(_STATUS.git, behind=0) if _STATUS.git is not None else None),
    )
    assert _FAILED.never_applied
    assert not any(status.never_applied for status in applied)


def test_a_success_replaces_what_the_same_source_never_applied_from_that_repository(path: Path) -> None:
    others = (
        replace(_FAILED, paths=("a",), source="another"),
        replace(_FAILED, paths=("b",), git=GitStatus("https://h/y", "wrong")),
    )
    for status in (*others, _FAILED, replace(_STATUS, paths=("c",))):
        put(path, status)
    assert len(read(path)) == 4
    well = replace(_STATUS, paths=("d",), error=None)
    put(path, well)
    assert read(path) == (*others, replace(_STATUS, paths=("c",)), well)


def test_what_is_forgotten_is_the_row_of_these_paths(path: Path) -> None:
    put(path, _STATUS)
    put(path, _FAILED)
    forget(path, _FAILED.paths)
    forget(path, ("unknown",))
    assert read(path) == (_STATUS,)
