"""All upstreams fail under load, for many models and in several workers, and then are well again: on a simulated clock."""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import count, pairwise

import pytest
from fakes.serving import candidate

from reconciler.gateway.dispatch.choosing import Choosing
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Health

RATE = 500
"""Requests a second, over all workers."""
LATENCY = 0.05
HEALED, END = 30.0, 45.0
PROVIDERS = ("a", "b")
UPSTREAMS = {name: candidate(name).upstream for name in PROVIDERS}


@dataclass
class Storm:
    """`attempts` are (worker, provider, model, moment). Everything fails until HEALED, in one of two ways."""

    workers: int
    models: int
    unreachable: bool
    attempts: list[tuple[int, str, str, float]] = field(default_factory=list)
    answered: dict[tuple[int, str], float] = field(default_factory=dict)
    requests: int = 0

    def run(self) -> "Storm":
        memories = [Memory() for _ in range(self.workers)]
        for memory in memories:
            memory.breakers.pause = float(self.workers)
        order = count()
        events: list[tuple[float, int, int, str, Choosing, bool]] = []
        for number in range(int(END * RATE)):
            worker, model = number % self.workers, f"m{number // self.workers % self.models}"
            choosing = Choosing(_candidates(model), memories[worker])
            events.append((number / RATE, next(order), worker, model, choosing, False))
        self.requests = sum(moment < HEALED for moment, *_ in events)
        while events:
            now, _, worker, model, choosing, ended = heapq.heappop(events)
            if ended and now >= HEALED:
                choosing.answered(now)
                self.answered.setdefault((worker, model), now)
                continue
            if ended and self.unreachable:
                choosing.failed(now, Failure.CONNECT)
            elif ended:
                choosing.refused(503, (), now)
            chosen = choosing.next(now)
            if isinstance(chosen, RoutedCandidate):
                self.attempts.append((worker, chosen.candidate.provider, model, now))
                heapq.heappush(events, (now + LATENCY, next(order), worker, model, choosing, True))
        return self


def _candidates(model: str) -> tuple[RoutedCandidate, ...]:
    each = (
        replace(candidate(name), upstream=upstream, health=Health()) for name, upstream in UPSTREAMS.items()
    )
    return tuple(RoutedCandidate(found, model) for found in each)


@pytest.mark.parametrize("unreachable", [False, True])
@pytest.mark.parametrize(("workers", "models"), [(1, 1), (1, 20), (4, 20)])
def test_it_does_not_grow_and_is_over_soon_after_its_cause(
    workers: int, models: int, *, unreachable: bool
) -> None:
    storm = Storm(workers, models, unreachable).run()
    during = [attempt for attempt in storm.attempts if attempt[3] < HEALED]
    assert len(during) <= 1.2 * storm.requests
    assert len(during) <= 0.1 * storm.requests, "circuits still it long before the budget does"
    tries: dict[tuple[int, str], list[float]] = defaultdict(list)
    for worker, provider, _, now in during:
        if now > 5:  # by then, all circuits are open
            tries[worker, provider].append(now)
    for found in tries.values():
        assert all(later - earlier >= workers - 1e-6 for earlier, later in pairwise(found))
    for provider in PROVIDERS:  # one a second, over all workers
        assert (
            sum(len(found) for (_, name), found in tries.items() if name == provider) <= HEALED - 5 + workers
        )
    assert len(storm.answered) == workers * models
    assert max(storm.answered.values()) <= HEALED + 10
