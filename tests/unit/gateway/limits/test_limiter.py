from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.limits import SimulatedWorker, Time

from reconciler.gateway.limits.holding import VERDICT
from reconciler.gateway.limits.limiter import PATIENCE
from reconciler.snapshot.limits import Limits
from reconciler.store.ledger import usage

ONE = (1, 0, 0)
QUEUED = Limits("Provider/p", 1, 2, queue=2, patience=5.0)


class Stand:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = Time()
        self.workers: list[SimulatedWorker] = []

    def worker(self, limits: Limits) -> SimulatedWorker:
        name = f"w{len(self.workers)}"
        self.workers.append(SimulatedWorker(self.folder / "s-records.db", name, self.time, limits))
        return self.workers[-1]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    for worker in made.workers:
        worker.close()


def test_a_worker_that_holds_nothing_waits_for_the_ledger_and_gets_it(stand: Stand) -> None:
    worker = stand.worker(replace(QUEUED, queue=0))
    assert worker.limiter.take(ONE, stand.time.at) is None
    assert not worker.limiter.is_full(ONE, stand.time.at)
    assert worker.request() is not None


def test_what_is_full_is_told_at_once_and_for_a_moment(stand: Stand) -> None:
    worker = stand.worker(replace(QUEUED, queue=0))
    assert [worker.request() is not None for _ in range(3)] == [True, True, False]
    limiter = worker.limiter
    assert limiter.is_full(ONE, stand.time.at)
    assert limiter.lacking(ONE, stand.time.at) == "maxConcurrent"
    assert not limiter.is_full(ONE, stand.time.at + VERDICT)


def test_a_free_slot_goes_to_who_waits_first(stand: Stand) -> None:
    worker = stand.worker(QUEUED)
    worker.request()
    worker.request()
    woken: list[int] = []
    first = worker.waiting(wake=lambda: woken.append(1))
    second = worker.waiting(wake=lambda: woken.append(2))
    assert not worker.limiter.has_room(stand.time.at)
    worker.finish()
    assert (woken, first.taken is not None, second.taken) == ([1], True, None)
    assert worker.limiter.take(ONE, stand.time.at) is None, "nobody overtakes"


def test_who_leaves_gives_way_and_gives_back(stand: Stand) -> None:
    worker = stand.worker(QUEUED)
    worker.request()
    worker.request()
    first, second = worker.waiting(), worker.waiting()
    worker.limiter.leave(first, stand.time.at)
    worker.finish()
    assert second.taken is not None
    worker.limiter.leave(second, stand.time.at)
    assert worker.limiter.take(ONE, stand.time.at) is not None


def test_slots_come_from_another_worker_that_does_not_need_them(stand: Stand) -> None:
    one, other = stand.worker(QUEUED), stand.worker(QUEUED)
    one.request()
    one.request()
    one.finish()
    ticket = other.waiting()
    other.exchange()
    assert ticket.taken is None
    assert one.exchange()
    other.exchange()
    assert ticket.taken is not None


def test_a_request_takes_of_each_limit_or_of_none(stand: Stand) -> None:
    worker = stand.worker(Limits("Provider/p", 1, 5, 3, 100))
    assert worker.request(60) is not None
    assert worker.request(60) is None
    assert worker.limiter.lacking((1, 60, 0), stand.time.at) == "tokensPerMinute"
    assert worker.request(10) is not None, "a smaller one finds what it needs"


def test_no_request_needs_more_tokens_than_there_are(stand: Stand) -> None:
    assert stand.worker(Limits("Provider/p", 1, None, None, 100)).limiter.reservable(500) == 100
    assert stand.worker(QUEUED).limiter.reservable(500) == 500


def test_tokens_that_were_not_used_are_there_again(stand: Stand) -> None:
    worker = stand.worker(Limits("Provider/p", 1, None, None, 100))
    assert worker.request(90) is not None
    worker.finish(used=10)
    assert worker.request(80) is not None
    worker.finish()
    assert worker.request(90) is not None


def test_when_to_come_again(stand: Stand) -> None:
    worker = stand.worker(Limits("Provider/p", 1, 1, 1, queue=3, patience=5.0))
    limiter = worker.limiter
    assert limiter.retry_after(stand.time.at, slots=False) == 1.0
    worker.request()
    assert worker.request() is None
    stand.time.at += 10
    assert limiter.retry_after(stand.time.at, slots=True) >= 1.0
    worker.finish()
    stand.time.at += 1
    assert worker.request() is None
    assert 40 < limiter.retry_after(stand.time.at, slots=False) <= 61
    assert not limiter.has_room(stand.time.at), "its turn would not come in time"


def test_those_without_a_place_are_refused_where_nothing_is_left_anywhere(stand: Stand) -> None:
    worker = stand.worker(QUEUED)
    worker.request()
    worker.request()
    stand.time.at += VERDICT
    woken: list[str] = []
    limiter = worker.limiter
    queued = limiter.wait(ONE, lambda: woken.append("queued"), stand.time.at, queued=True)
    other = limiter.wait(ONE, lambda: woken.append("other"), stand.time.at, queued=False)
    assert (queued.deadline, other.deadline) == (stand.time.at + 5.0, stand.time.at + PATIENCE)
    worker.exchange()
    assert (woken, other.refused, queued.refused) == (["other"], True, False)
    limiter.leave(other, stand.time.at)


def test_where_the_ledger_fails_nobody_waits_for_it(stand: Stand) -> None:
    worker = stand.worker(replace(QUEUED, queue=0))
    ticket = worker.limiter.wait(ONE, lambda: None, stand.time.at, queued=False)
    batch = worker.limiters.wishes(stand.time.at, moved=False)
    worker.limiters.failed(batch, stand.time.at)
    assert ticket.refused
    assert worker.limiter.is_full(ONE, stand.time.at + 0.9)


def test_a_limit_that_changes_keeps_what_is_under_way(stand: Stand) -> None:
    worker = stand.worker(QUEUED)
    worker.request()
    worker.request()
    worker.limits = replace(QUEUED, version=2, concurrent=3)
    assert worker.request() is not None
    worker.limits = replace(QUEUED, version=3, concurrent=1, requests=5)
    assert worker.request() is None
    worker.finish()
    worker.finish()
    worker.finish()
    stand.time.at += 1
    worker.exchange()
    stand.time.at += VERDICT
    assert worker.request() is not None
    assert worker.request() is None
    worker.limits = replace(QUEUED, version=4, concurrent=None, requests=5)
    assert list(worker.limiter.holdings) == ["requestsPerMinute"]
    worker.finish()


def test_the_first_who_waits_calls_for_the_ledger_also_where_there_was_nothing_left(stand: Stand) -> None:
    worker = stand.worker(QUEUED)
    worker.request()
    worker.request()
    assert worker.request() is None
    assert worker.limiter.is_full(ONE, stand.time.at)
    called: list[str] = []
    worker.limiters.draw = lambda: called.append("draw")
    worker.waiting()
    worker.waiting()
    assert called == ["draw"]


DAYS = Limits("ClientKey/c", 1, others=(("requestsPerDay", 9), ("tokensPerDay", 9000)))


def test_what_a_long_answer_did_not_use_comes_back_although_nobody_looks_any_more(stand: Stand) -> None:
    worker = stand.worker(DAYS)
    called: list[str] = []
    assert worker.request(5000) is not None
    for _ in range(20):  # the keeper, twice a second
        stand.time.at += 0.5
        worker.exchange()
    assert worker.limiter.is_idle
    worker.limiters.draw = lambda: called.append("draw")
    worker.finish(used=15)
    assert called == ["draw"]
    assert not worker.limiter.is_idle
    worker.exchange()
    (counter,) = [each.counter for name, each in worker.limiter.holdings.items() if name == "tokensPerDay"]
    assert usage(worker.path, [counter], stand.time)[counter.key].spent == 15
    assert worker.limiter.is_idle
