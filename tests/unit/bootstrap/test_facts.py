from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import SteppingClock, commit_all, provider, put

from reconciler.bootstrap.facts import StoreFacts, gather, put_all_away, put_away
from reconciler.bootstrap.observing import LocalObserving
from reconciler.store import source_status
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.source_status import SourceStatus
from reconciler.store.tally import Tally, tally_path
from reconciler.store.url import StoreLocation, parse

NOW = 1_767_225_601.0
"""The first second of a SteppingClock."""
ROW = WorkerRow("w-1", 7, NOW - 9, NOW, 1, (), {"requests": {"chat": 2}}, {"Provider/a": 1})


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    found = parse(str(tmp_path / "store.db"))
    commit_all(found.config_path, [put(provider("a"))])
    return found


@pytest.fixture
def observations(location: StoreLocation) -> Iterator[Observations]:
    with closing(Observations(location.records_path)) as opened:
        yield opened


@pytest.fixture
def reader(location: StoreLocation) -> Iterator[Reader]:
    with Reader(location.config_path) as opened:
        yield opened


def test_they_come_from_the_store_and_the_records(
    location: StoreLocation, reader: Reader, observations: Observations
) -> None:
    observations.put_worker(ROW)
    source = SourceStatus(("/m",), "acme", "2026-01-01T00:00:00Z")
    source_status.put(location.records_path, source)
    status = gather(reader, LocalObserving(location, SteppingClock(), observations))
    assert status.store == location.url
    assert status.head.number == 1
    assert status.workers == (ROW,)
    assert status.sources == (source,)
    facts = StoreFacts(location, reader, observations, SteppingClock(), lambda: ("w-1",))
    assert facts.status() == status
    assert facts.counters() == {"requests": {"chat": 2}}
    assert facts.not_ready() is None


def test_ready_means_the_workers_that_should_run_now(
    location: StoreLocation, reader: Reader, observations: Observations
) -> None:
    observations.put_worker(ROW)
    facts = StoreFacts(location, reader, observations, SteppingClock(), lambda: ("w-2",))
    assert facts.not_ready() == "0 of 1 workers serve"


def test_a_dead_worker_is_put_away_and_what_it_counted_is_kept(
    location: StoreLocation, observations: Observations
) -> None:
    observations.put_worker(ROW)
    put_away(observations, location.records_path, "w-2")
    assert observations.workers() == (ROW,)
    put_away(observations, location.records_path, "w-1")
    assert observations.workers() == ()
    assert observations.counters() == {"requests": {"chat": 2}}
    assert observations.acknowledged("Provider/a") == 1


def tally(location: StoreLocation, instance: str, requests: int) -> Tally:
    made = Tally(tally_path(location.records_path, instance))
    made.cells(("requests", "chat"), 1)[0] += requests
    return made


def test_what_a_worker_counted_since_its_last_heartbeat_counts_as_well(
    location: StoreLocation, reader: Reader, observations: Observations
) -> None:
    observations.put_worker(ROW)
    running = tally(location, "w-1", 5)
    facts = StoreFacts(location, reader, observations, SteppingClock(), lambda: ("w-1", "(worker 1)"))
    assert facts.counters() == {"requests": {"chat": 5}}
    running.close(remove=False)  # as a kill leaves it
    for _ in range(2):  # what was done half may be done again
        put_away(observations, location.records_path, "w-1")
        assert facts.counters() == {"requests": {"chat": 5}}
    assert not tally_path(location.records_path, "w-1").exists()


def test_files_that_dead_workers_left_are_put_away_and_those_of_the_living_are_not(
    location: StoreLocation, observations: Observations
) -> None:
    observations.put_worker(ROW)
    tally(location, "dead before its first word", 3).close(remove=False)
    living = tally(location, "living", 4)
    put_all_away(observations, location.records_path, NOW)
    assert observations.workers() == (ROW,)
    assert observations.counters() == {"requests": {"chat": 5}}
    assert tally_path(location.records_path, "living").exists()
    living.close(remove=True)
    put_all_away(observations, location.records_path, NOW + 1)
    assert observations.workers() == ()
    assert observations.counters() == {"requests": {"chat": 5}}
