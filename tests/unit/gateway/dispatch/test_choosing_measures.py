"""What Routes by load and latency are told of requests."""

import pytest
from fakes.routing import namespace_of, route
from fakes.workshop import binding, model, simulator

from reconciler.gateway.dispatch.choosing import Choosing
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.routing.balance import Balance
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import RoutedCandidate, Snapshot

SPACE = namespace_of(
    simulator("a"), simulator("b"), model("m"), binding("ma", "m", "a"), binding("mb", "m", "b"),
    route("r", strategy="least-busy"),
)  # fmt: skip
CANDIDATES = SPACE.models["m"].exact.candidates
KEYS = [ResourceKey("Provider", "default", name) for name in "ab"]


def measuring() -> Memory:
    memory = Memory()
    memory.balance.keep(Snapshot(1, {"default": SPACE}))
    return memory


def under_way(balance: Balance) -> list[int]:
    return [balance.under_way(key) for key in KEYS]


def test_a_request_counts_where_it_is_until_it_is_over() -> None:
    memory = measuring()
    choosing = Choosing(CANDIDATES, memory)
    assert isinstance(choosing.next(0.0), RoutedCandidate)
    assert under_way(memory.balance) == [1, 0]
    choosing.failed(1.0)
    assert under_way(memory.balance) == [0, 0]
    assert isinstance(choosing.next(1.0), RoutedCandidate)
    choosing.answered(1.5)
    assert under_way(memory.balance) == [0, 1]
    choosing.over(None, 9.0)
    choosing.over(None, 9.0)
    assert under_way(memory.balance) == [0, 0]


@pytest.mark.parametrize("status", [400, 429, 503])
def test_a_refusal_ends_it_and_tells_no_latency(status: int) -> None:
    memory = measuring()
    choosing = Choosing(CANDIDATES, memory)
    choosing.next(0.0)
    choosing.refused(status, (), 0.1)
    assert under_way(memory.balance) == [0, 0]
    assert memory.balance._latencies == {}


def test_a_client_that_leaves_ends_it() -> None:
    memory = measuring()
    choosing = Choosing(CANDIDATES, memory)
    choosing.next(0.0)
    choosing.left()
    choosing.over(None, 0.1)
    assert under_way(memory.balance) == [0, 0]


def test_nothing_is_counted_where_no_route_asks() -> None:
    memory = Memory()
    Choosing(CANDIDATES, memory).next(0.0)
    assert under_way(memory.balance) == [0, 0]
