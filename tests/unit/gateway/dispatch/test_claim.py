"""What a claim does within a choice is proved in `test_choosing_limits`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.limits import SimulatedWorker, Time
from fakes.serving import candidate

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.claim import Claim, Verdict
from reconciler.gateway.limits.counters import counters
from reconciler.protocol.body import read_request
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import RoutedCandidate
from reconciler.store.ledger import usage as ledger_usage

BODY = read_request(b'{"model": "m", "max_tokens": 92}')
LIMITS = Limits("Provider/p", 1, tokens=200)
ROUTED = RoutedCandidate(candidate("p"), "m")


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[SimulatedWorker]:
    made = SimulatedWorker(tmp_path / "s-records.db", "w", Time(), LIMITS)
    yield made
    made.close()


class _Waiter:
    def granted(self) -> None: ...


def claim(worker: SimulatedWorker, endpoint: Endpoint = Endpoint.CHAT) -> Claim:
    ask = Ask(ENDPOINTS[endpoint], BODY, "m", (ROUTED,), "id", 1)
    return Claim(worker.limiters, ask, _Waiter())


def taken(worker: SimulatedWorker, endpoint: Endpoint = Endpoint.CHAT) -> Claim:
    made = claim(worker, endpoint)
    if made.take(ROUTED, LIMITS, worker.time.at) is Verdict.WAITING:
        worker.exchange()
        assert made.waited(worker.time.at) is Verdict.TAKEN
    return made


def held(worker: SimulatedWorker) -> int:
    return worker.limiter.holdings["tokensPerMinute"].idle


@pytest.mark.parametrize(
    ("endpoint", "needed"), [(Endpoint.CHAT, 100), (Endpoint.EMBEDDINGS, 8), (Endpoint.COUNT_TOKENS, 0)]
)
def test_a_request_takes_the_tokens_that_it_may_need(
    worker: SimulatedWorker, endpoint: Endpoint, needed: int
) -> None:
    before = taken(worker)
    there = held(worker)
    made = claim(worker, endpoint)
    if needed <= there:
        assert made.take(ROUTED, LIMITS, worker.time.at) is Verdict.TAKEN
        assert there - held(worker) == needed
    before.over(None, worker.time.at)


@pytest.mark.parametrize(
    ("usage", "used"),
    [(None, 0), (Usage(10, 20, 30), 30), (Usage(10, 20, 0), 30), (Usage(90, 110, 200), 200)],
)
def test_what_was_used_replaces_it_once(worker: SimulatedWorker, usage: Usage | None, used: int) -> None:
    made = taken(worker)
    for _ in range(2):
        made.over(usage, worker.time.at)
    worker.time.at += 1
    worker.exchange()
    spent = usage_of(worker)
    assert spent == used


def usage_of(worker: SimulatedWorker) -> int:
    (counter,) = counters(LIMITS).values()
    return ledger_usage(worker.path, [counter], worker.time)[counter.key].spent
