import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.store import commit_all

from reconciler.errors import StoreError
from reconciler.store.counters import Counters
from reconciler.store.observations import STARTING, Observations, WorkerRow

_ROW = WorkerRow(
    instance="w-1",
    pid=11,
    started=100.0,
    heartbeat=100.5,
    revision=3,
    refused=(("Provider/b", "the variable B_API_KEY is not set"),),
    counters={"requests": {"a": 2}, "seconds": 0.5},
    builds={"Provider/a": 3},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store-records.db"


@pytest.fixture
def observations(path: Path) -> Iterator[Observations]:
    opened = Observations(path)
    yield opened
    opened.close()


def test_what_was_not_observed_is_empty_and_reading_makes_no_file(
    observations: Observations, path: Path
) -> None:
    assert observations.workers() == ()
    assert observations.counters() == {}
    assert observations.acknowledged("Provider/a") is None
    assert observations.forget(1e12) == 0
    observations.close()
    assert not path.exists()


def test_a_row_is_read_as_it_was_put(observations: Observations, path: Path) -> None:
    observations.put_worker(_ROW)
    other = Observations(path)
    assert other.workers() == (_ROW,)
    other.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_each_heartbeat_replaces_the_row(observations: Observations) -> None:
    observations.put_worker(_ROW)
    later = replace(_ROW, heartbeat=101.5, revision=4, refused=(), builds={"Provider/b": 4, "Provider/a": 3})
    observations.put_worker(later)
    assert observations.workers() == (later,)
    without = replace(later, builds={"Provider/b": 4})
    observations.put_worker(without)
    observations.put_worker(without)
    assert observations.workers() == (without,)


def test_a_worker_is_live_three_seconds_after_its_last_heartbeat(observations: Observations) -> None:
    observations.put_worker(_ROW)
    observations.put_worker(replace(_ROW, instance="w-2", started=101.0, heartbeat=103.0))
    assert [worker.instance for worker in observations.live(103.5)] == ["w-1", "w-2"]
    assert [worker.instance for worker in observations.live(103.6)] == ["w-2"]
    assert [worker.instance for worker in observations.live(103.6, within=10)] == ["w-1", "w-2"]


def test_the_counters_of_a_worker_outlive_it(observations: Observations) -> None:
    observations.put_worker(_ROW)
    observations.put_worker(replace(_ROW, instance="w-2", heartbeat=200.0))
    before = observations.counters()
    assert before == {"requests": {"a": 4}, "seconds": 1.0}
    assert observations.forget(before=150.0) == 1
    assert [worker.instance for worker in observations.workers()] == ["w-2"]
    assert observations.counters() == before
    assert observations.forget(before=150.0) == 0


def test_a_worker_that_was_only_asleep_is_counted_once(observations: Observations) -> None:
    observations.put_worker(_ROW)
    observations.forget(before=150.0)
    observations.put_worker(replace(_ROW, heartbeat=200.0, counters={"requests": {"a": 3}}))
    assert observations.counters() == {"requests": {"a": 3}}
    (worker,) = observations.workers()
    assert worker.builds == _ROW.builds


def test_workers_that_left_long_ago_are_added_up(observations: Observations, path: Path) -> None:
    for number in range(150):
        observations.put_worker(
            replace(_ROW, instance=f"w-{number}", heartbeat=float(number), counters={"n": 1})
        )
        observations.forget(before=number + 0.5)
    assert observations.counters() == {"n": 150}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM retired").fetchone() == (65,)
        assert connection.execute("SELECT count(*) FROM built").fetchone() == (1,)


def test_the_last_build_that_was_acknowledged_outlives_its_worker(observations: Observations) -> None:
    observations.put_worker(_ROW)
    observations.put_worker(replace(_ROW, instance="w-2", builds={"Provider/a": 7, "Provider/b": 2}))
    observations.forget(before=1e12)
    assert observations.acknowledged("Provider/a") == 7
    assert observations.acknowledged("Provider/b") == 2
    observations.put_worker(replace(_ROW, instance="w-3", builds={"Provider/a": 9}))
    observations.forget(before=1e12)
    assert observations.acknowledged("Provider/a") == 9
    assert observations.acknowledged("Provider/c") is None


def test_what_fails_half_way_leaves_the_row_as_it_was(observations: Observations) -> None:
    observations.put_worker(_ROW)
    broken = replace(_ROW, revision=9, builds={"Provider/a": None})  # type: ignore[dict-item]  # the table refuses it
    with pytest.raises(StoreError):
        observations.put_worker(broken)
    assert observations.workers() == (_ROW,)


def test_rows_that_cannot_be_read_are_an_error_of_the_records(observations: Observations, path: Path) -> None:
    for number in (1, 2):
        observations.put_worker(replace(_ROW, instance=f"w-{number}"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE worker SET refused = 'x', counters = '{\"requests\": 1}' WHERE pid = 11")
        connection.execute("UPDATE worker SET counters = '{\"requests\": {}}' WHERE instance = 'w-1'")
    for read in (observations.workers, observations.counters):
        with pytest.raises(StoreError, match=r"store-records\.db can't be read") as caught:
            read()
        assert "remove it" in (caught.value.hint or "")


def test_a_file_that_was_removed_or_replaced_is_opened_anew(
    observations: Observations, path: Path, tmp_path: Path
) -> None:
    observations.put_worker(_ROW)
    path.unlink()
    assert observations.workers() == ()
    observations.put_worker(_ROW)
    assert observations.workers() == (_ROW,)
    other = Observations(tmp_path / "other.db")
    other.put_worker(replace(_ROW, instance="w-2"))
    other.close()
    for rest in ("-wal", "-shm"):
        path.with_name(f"{path.name}{rest}").unlink()
    (tmp_path / "other.db").replace(path)
    assert [row.instance for row in observations.workers()] == ["w-2"]


def test_a_file_that_was_damaged_and_mended_is_opened_anew(observations: Observations, path: Path) -> None:
    observations.put_worker(_ROW)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    path.write_bytes(b"no database at all, " * 1000)
    with pytest.raises(StoreError, match="damaged"):
        observations.workers()
    path.write_bytes(whole)
    assert observations.workers() == (_ROW,)


def test_rows_come_without_their_counters_where_nobody_wants_them(observations: Observations) -> None:
    observations.put_worker(_ROW)
    assert observations.workers(counted=False) == (replace(_ROW, counters={}),)


def test_what_a_worker_counted_by_now_stands_in_for_its_row(observations: Observations) -> None:
    observations.put_worker(_ROW)
    observations.put_worker(replace(_ROW, instance="w-2", counters={"requests": {"a": 1}}))
    newer: dict[str, Counters] = {"w-1": {"requests": {"a": 5}}, "w-2": {}, "gone": {"requests": {"a": 100}}}
    assert observations.counters(newer) == {"requests": {"a": 6}}


def test_a_worker_serves_once_it_acknowledged_a_revision() -> None:
    assert replace(_ROW, revision=0).serving
    assert not replace(_ROW, revision=STARTING).serving


def test_a_store_is_not_taken_for_observations(path: Path) -> None:
    commit_all(path)
    observations = Observations(path)
    with pytest.raises(StoreError, match="not a store"):
        observations.put_worker(_ROW)


def test_a_newer_file_is_refused(observations: Observations, path: Path) -> None:
    observations.put_worker(_ROW)
    observations.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer"):
        observations.workers()


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be made"):
        Observations(tmp_path / "file" / "r.db").put_worker(_ROW)


def test_what_was_recorded_is_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    with closing(Observations(path)) as rows:
        rows.put_worker(WorkerRow("w", 1, 1.0, 2.0, 3))
    (tmp_path / "records.db-shm").symlink_to(tmp_path / "nowhere" / "x")
    with closing(Observations(path)) as rows:
        assert [row.instance for row in rows.workers()] == ["w"]
        with pytest.raises(StoreError):
            rows.put_worker(WorkerRow("w", 1, 1.0, 3.0, 3))
