from collections.abc import Mapping

import pytest
from fakes.routing import namespace_of, order, route
from fakes.workshop import binding, model, simulator

from reconciler.gateway.routing.balance import MAX_PLACES, Balance, Measured, hashed
from reconciler.gateway.routing.circuits import Breakers, Fault
from reconciler.gateway.routing.facts import GivenFacts
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.snapshot.model import Namespace, RoutedCandidate, Snapshot, Target
from reconciler.snapshot.routes import seed_of

SERVED = (
    *(simulator(name) for name in "abc"),
    model("m"),
    *(binding(f"m-{name}", "m", name) for name in "abc"),
)


def space(
    strategy: str, *more: Resource, weights: Mapping[str, int] | None = None, **spec: JsonValue
) -> Namespace:
    targets: list[JsonValue] = [
        {"model": "m", "provider": name, **({"weight": weights[name]} if weights else {})} for name in "abc"
    ]
    written: dict[str, JsonValue] = {"strategy": strategy, "targets": targets, **spec}
    return namespace_of(*SERVED, *more, route("r", **written))


def snapshot_of(found: Namespace) -> Snapshot:
    upstreams = {each.upstream.key: each.upstream for each in found.models["m"].candidates}
    return Snapshot(7, {"default": found}, upstreams)


def at(found: Namespace, provider: str) -> RoutedCandidate:
    return next(each for each in found.models["m"].exact.candidates if each.candidate.provider == provider)


def key(provider: str) -> ResourceKey:
    return ResourceKey("Provider", "default", provider)


def first(found: Namespace, balance: Balance, times: int = 1, *, now: float = 0.0) -> str:
    return "".join(order(found, "m", balance=balance, now=now)[0][0] for _ in range(times))


def down(breakers: Breakers, found: Namespace, provider: str) -> None:
    routed = at(found, provider)
    candidate = routed.candidate
    for _ in range(candidate.health.failure_threshold):
        breakers.failed(
            candidate.upstream, routed.upstream_model, 0, 0.0, candidate.health, Fault("down", whole=True)
        )


# --- weighted ---------------------------------------------------------------------------------------------------


def test_weights_are_exact_and_spread() -> None:
    found, balance = space("weighted", weights={"a": 5, "b": 1, "c": 1}), Balance(Breakers())
    assert first(found, balance, 7) == "aabacaa"
    assert first(found, balance, 7) == "aabacaa"


def test_weights_of_another_scale_starve_nobody() -> None:
    found, balance = space("weighted", weights={"a": 1000, "b": 1000, "c": 1000}), Balance(Breakers())
    balance.keep(snapshot_of(found))
    assert first(found, balance, 2) == "ab"
    balance.keep(snapshot_of(found))
    assert first(found, balance, 5) == "cabca", "who is as before goes on where it was"
    small = space("weighted", weights={"a": 1, "b": 1, "c": 1})
    balance.keep(snapshot_of(small))
    assert first(small, balance, 6) == "abcabc"


def test_the_others_follow_as_fallbacks_and_weight_zero_last() -> None:
    found = space("weighted", weights={"a": 0, "b": 1, "c": 1})
    assert order(found, "m") == ["b:m", "c:m", "a:m"]
    nobody = space("weighted", weights={"a": 0, "b": 0, "c": 0})
    assert first(nobody, Balance(Breakers()), 3) == "aaa"


def test_who_is_left_alone_takes_no_turn_and_comes_last() -> None:
    breakers = Breakers()
    found, balance = space("weighted", weights={"a": 2, "b": 1, "c": 1}), Balance(breakers)
    down(breakers, found, "a")
    assert sorted(first(found, balance, 10)) == [*"bbbbbccccc"]
    assert order(found, "m", balance=balance)[-1] == "a:m"
    later = at(found, "a").candidate.health.open_for + 1
    assert sorted(first(found, balance, 4, now=later)) == [*"aabc"]


def test_who_is_unhealthy_comes_last() -> None:
    breakers = Breakers()
    found, balance = space("priority"), Balance(breakers)
    down(breakers, found, "a")
    circuits = breakers.troubled[at(found, "a").candidate.upstream]
    later = at(found, "a").candidate.health.open_for + 1
    assert first(found, balance, now=later) == "a"
    circuits.unhealthy = True
    assert order(found, "m", balance=balance, now=later) == ["b:m", "c:m", "a:m"]


def test_only_the_first_tier_that_is_awake_has_its_turn() -> None:
    breakers = Breakers()
    targets: JsonValue = [
        {"model": "m", "provider": "a", "priority": 1},
        {"model": "m", "provider": "b"},
        {"model": "m", "provider": "c"},
    ]
    found, balance = space("weighted", targets=targets), Balance(breakers)
    tails = [order(found, "m", balance=balance) for _ in range(3)]
    assert tails == [["a:m", "b:m", "c:m"]] * 3
    down(breakers, found, "a")
    assert [order(found, "m", balance=balance)[1] for _ in range(2)] == ["b:m", "c:m"]


# --- the others -------------------------------------------------------------------------------------------------


def test_the_least_busy_for_its_weight_comes_first() -> None:
    found, balance = space("least-busy", weights={"a": 2, "b": 1, "c": 0}), Balance(Breakers())
    assert first(found, balance) == "a"
    balance.began(at(found, "a"))
    assert (balance.under_way(key("a")), balance.under_way(key("b"))) == (1, 0)
    assert first(found, balance) == "b"
    assert first(found, balance) == "a"
    balance.began(at(found, "b"))
    assert first(found, balance, 2) == "aa"
    balance.ended(at(found, "b"))
    balance.ended(at(found, "a"))
    assert balance.under_way(key("a")) == 0


def test_of_equally_busy_ones_the_turn_goes_round() -> None:
    assert first(space("least-busy"), Balance(Breakers()), 6) == "abcabc"


def test_the_fastest_of_late_comes_first_and_the_unknown_before_all() -> None:
    found, balance = space("lowest-latency"), Balance(Breakers())
    balance.answered(at(found, "a"), 0.2, 0.0, stream=False)
    balance.answered(at(found, "b"), 0.1, 0.0, stream=False)
    assert order(found, "m", balance=balance) == ["c:m", "b:m", "a:m"]
    balance.began(at(found, "c"))
    assert order(found, "m", balance=balance) == ["b:m", "a:m", "c:m"]
    for _ in range(2):
        balance.began(at(found, "b"))
    assert first(found, balance) == "a"


def test_streams_have_averages_of_their_own() -> None:
    found, balance = space("lowest-latency"), Balance(Breakers())
    for name, plain, stream in (("a", 1.0, 0.3), ("b", 2.0, 0.1), ("c", 3.0, 0.2)):
        balance.answered(at(found, name), plain, 0.0, stream=False)
        balance.answered(at(found, name), stream, 0.0, stream=True)
    assert order(found, "m", balance=balance) == ["a:m", "b:m", "c:m"]
    assert order(found, "m", GivenFacts(stream=True), balance=balance) == ["b:m", "c:m", "a:m"]


def test_an_average_follows_and_fades() -> None:
    found, balance = space("lowest-latency"), Balance(Breakers())
    for name, seconds in (("a", 0.1), ("b", 1.0), ("c", 9.0)):
        balance.answered(at(found, name), seconds, 0.0, stream=False)
    assert first(found, balance) == "a"
    for _ in range(20):
        balance.answered(at(found, "a"), 5.0, 5.0, stream=False)
    assert first(found, balance, now=5.0) == "b"
    balance.answered(at(found, "a"), 0.1, 300.0, stream=False)
    balance.answered(at(found, "b"), 0.2, 300.0, stream=False)
    assert first(found, balance, now=300.0) == "c"


def test_averages_are_bounded() -> None:
    found, balance = space("lowest-latency"), Balance(Breakers())
    for number in range(MAX_PLACES + 1):
        balance.answered(RoutedCandidate(at(found, "a").candidate, str(number)), 1.0, 0.0, stream=False)
    assert len(balance._latencies) == MAX_PLACES


def test_a_header_decides_and_without_it_the_weights() -> None:
    found = space("sticky", sticky={"header": "X-Session"})
    for value in ("one", "two", "drei"):
        facts = GivenFacts({b"x-session": value})
        assert order(found, "m", facts) == order(found, "m", facts, balance=Balance(Breakers()))
    balance = Balance(Breakers())
    assert first(found, balance, 3) == "abc"


def target(name: str, weight: int = 1) -> Target:
    return Target(name, weight, seed_of(name), "m", ())


def test_weight_zero_gets_no_value() -> None:
    assert {hashed(str(number), [target("a"), target("b", 0)])[0].label for number in range(50)} == {"a"}


# --- over a reload ----------------------------------------------------------------------------------------------


def test_turns_survive_a_reload_and_go_with_their_route() -> None:
    found, balance = space("weighted"), Balance(Breakers())
    assert first(found, balance) == "a"
    balance.keep(snapshot_of(space("weighted")))
    assert first(found, balance) == "b"
    balance.keep(snapshot_of(namespace_of(*SERVED)))
    assert first(found, balance) == "a"


def test_averages_go_with_their_provider() -> None:
    found, balance = space("lowest-latency"), Balance(Breakers())
    balance.answered(at(found, "a"), 0.0, 0.0, stream=False)
    balance.answered(at(found, "b"), 9.0, 0.0, stream=False)
    balance.answered(at(found, "c"), 1.0, 0.0, stream=False)
    balance.keep(snapshot_of(found))
    assert first(found, balance) == "a"
    balance.keep(Snapshot(8, {"default": found}, {}))
    balance.answered(at(found, "a"), 0.1, 0.0, stream=False)
    assert first(found, balance) == "b"


@pytest.mark.parametrize(
    ("strategy", "measures"), [("least-busy", True), ("lowest-latency", True), ("weighted", False)]
)
def test_requests_are_told_of_where_a_route_wants_to_know(strategy: str, measures: bool) -> None:
    balance = Balance(Breakers())
    assert not balance.measures
    balance.keep(snapshot_of(space(strategy)))
    assert balance.measures is measures


def test_a_measured_request_counts_while_it_lasts_and_tells_its_first_bytes() -> None:
    found, balance = space("lowest-latency"), Balance(Breakers())
    for name, seconds in (("a", 0.5), ("b", 0.1), ("c", 0.9)):
        measured = Measured(balance, at(found, name), 10.0, stream=False)
        measured.answered(10.0 + seconds)
        assert balance.under_way(key(name)) == 1
        measured.over()
        assert balance.under_way(key(name)) == 0
    assert order(found, "m", balance=balance, now=10.0) == ["b:m", "a:m", "c:m"]
