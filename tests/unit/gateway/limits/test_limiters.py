from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.limits import SimulatedWorker, Time

from reconciler.snapshot.limits import Limits

LIMITS = Limits("Provider/p", 5, 2)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[SimulatedWorker]:
    made = SimulatedWorker(tmp_path / "s-records.db", "w", Time(), LIMITS)
    yield made
    made.close()


def test_a_request_of_an_older_snapshot_brings_no_older_limits(worker: SimulatedWorker) -> None:
    limiter = worker.limiters.of(LIMITS)
    assert worker.limiters.of(replace(LIMITS, version=4, concurrent=9)) is limiter
    assert limiter.limits.concurrent == 2
    worker.limiters.of(replace(LIMITS, version=6, concurrent=9))
    assert limiter.limits.concurrent == 9


def test_it_is_idle_until_a_request_comes_and_once_all_is_given_back(worker: SimulatedWorker) -> None:
    assert worker.limiters.is_idle
    worker.request()
    assert not worker.limiters.is_idle
    assert worker.limiters.snapshot() == {
        "Provider/p": {"maxConcurrent": {"limit": 2, "held": 2, "used": 1}, "waiting": 0}
    }
    worker.finish()
    for _ in range(5):
        worker.time.at += 1
        worker.exchange()
    assert worker.limiters.is_idle


def test_who_was_not_asked_for_a_minute_is_forgotten(worker: SimulatedWorker) -> None:
    worker.request()
    for _ in range(70):
        worker.time.at += 1
        worker.exchange()
    assert worker.limiters.snapshot() != {}, "a request is still under way"
    worker.finish()
    for _ in range(5):
        worker.time.at += 1
        worker.exchange()
    assert worker.limiters.snapshot() == {}


def test_somebody_waits_or_nobody(worker: SimulatedWorker) -> None:
    worker.request()
    assert not worker.limiters.is_waited_for
    worker.waiting()
    assert worker.limiters.is_waited_for


def test_it_ends_by_giving_back(worker: SimulatedWorker) -> None:
    worker.request()
    worker.finish()
    ((_, (wish,)),) = worker.limiters.give_up(worker.time.at)
    assert (wish.used, wish.keep, wish.wanted) == (0, 0, 0)
