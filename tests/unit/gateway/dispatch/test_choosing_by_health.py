"""Of Choosing: what circuits and probes make of the order."""

from dataclasses import replace

from fakes.serving import candidate

from reconciler.gateway.dispatch.choosing import Choosing
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import Reason
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Health

HEALTH = Health(failure_threshold=3, window=10.0, open_for=5.0, slow_start=100.0)


class Stand:
    def __init__(self, *names: str) -> None:
        self.memory = Memory()
        self.upstreams = {name: candidate(name).upstream for name in names}

    def choosing(self, model: str = "m") -> Choosing:
        found = (
            replace(candidate(name), upstream=upstream, health=HEALTH)
            for name, upstream in self.upstreams.items()
        )
        return Choosing(tuple(RoutedCandidate(each, model) for each in found), self.memory)

    def judge(self, *names: str, healthy: bool = False, now: float = 0.0) -> None:
        for name in names:
            self.memory.breakers.judge(
                self.upstreams[name], healthy=healthy, now=now, slow_start=HEALTH.slow_start
            )

    def order(self, now: float = 0.0, model: str = "m") -> list[str]:
        """Who is asked where each refuses what was asked for, and another is asked nevertheless."""
        choosing, asked = self.choosing(model), []
        while isinstance(found := choosing.next(now), RoutedCandidate):
            asked.append(found.candidate.provider)
            choosing.refused(409, (), now)
        return asked

    def skips(self, now: float = 0.0) -> list[tuple[str, Reason]]:
        """What the first attempt passes over."""
        choosing = self.choosing()
        choosing.next(now)
        choosing.left()
        return [(each.provider, each.reason) for each in choosing.skipped]

    def fail(self, name: str, failure: Failure, model: str = "m", times: int = 3) -> None:
        before, self.upstreams = self.upstreams, {name: self.upstreams[name]}
        for _ in range(times):
            choosing = self.choosing(model)
            assert choosing.next(0.0) is not None
            choosing.failed(0.0, failure)
        self.upstreams = before


def test_who_is_unhealthy_is_asked_after_all_others() -> None:
    stand = Stand("a", "b", "c")
    stand.judge("a", "b")
    assert stand.order() == ["c", "a", "b"]
    assert stand.skips() == [("a", Reason.UNHEALTHY), ("b", Reason.UNHEALTHY)]
    stand.judge("a", healthy=True)
    assert stand.order(100.0) == ["a", "c", "b"]


def test_where_all_are_unhealthy_they_are_asked_in_their_order_and_none_is_passed_over() -> None:
    stand = Stand("a", "b")
    stand.judge("a", "b")
    assert stand.order() == ["a", "b"]
    assert stand.skips() == []


def test_a_circuit_is_not_passed_whatever_a_probe_says() -> None:
    stand = Stand("a", "b")
    stand.judge("a")
    stand.fail("a", Failure.TIMEOUT)
    assert stand.order() == ["b"]
    assert stand.skips() == [("a", Reason.CIRCUIT_OPEN)]


def test_who_comes_back_gets_a_growing_share_and_what_nobody_else_can_do() -> None:
    stand = Stand("a", "b")
    stand.judge("a")
    stand.judge("a", healthy=True)
    first = [stand.order()[0] for _ in range(10)]
    assert (first.count("a"), stand.skips()) == (1, [("a", Reason.SLOW_START)])
    half = [stand.order(50.0) for _ in range(10)]
    assert sorted(map(tuple, half)) == [("a", "b")] * 5 + [("b", "a")] * 5
    assert [stand.order(100.0)[0] for _ in range(10)] == ["a"] * 10


def test_who_can_not_be_reached_is_left_alone_for_every_model_and_who_fails_at_one_for_that() -> None:
    stand = Stand("a", "b")
    stand.fail("a", Failure.BROKEN, model="m")
    assert (stand.order(model="m"), stand.order(model="n")) == (["b"], ["a", "b"])
    stand.fail("a", Failure.CONNECT, model="n")
    assert stand.order(model="o") == ["b"]


def test_a_key_that_is_refused_is_refused_for_every_model() -> None:
    stand = Stand("a")
    for model in "xyz":
        choosing = stand.choosing(model)
        assert choosing.next(0.0) is not None
        choosing.refused(401, (), 0.0)
    assert stand.order() == []
