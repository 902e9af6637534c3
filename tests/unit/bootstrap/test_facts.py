from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import SteppingClock, commit_all, provider, put

from reconciler.bootstrap.facts import StoreFacts, gather, put_away
from reconciler.store import source_status
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.source_status import SourceStatus
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
    status = gather(location, reader, observations, NOW)
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


def test_a_dead_worker_is_put_away_and_what_it_counted_is_kept(observations: Observations) -> None:
    observations.put_worker(ROW)
    put_away(observations, "w-2")
    assert observations.workers() == (ROW,)
    put_away(observations, "w-1")
    assert observations.workers() == ()
    assert observations.counters() == {"requests": {"chat": 2}}
    assert observations.acknowledged("Provider/a") == 1
