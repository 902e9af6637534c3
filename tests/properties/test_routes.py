"""Routes: shares are exact, hashing moves no more than it must, and one order holds for all."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from fakes.routing import namespace_of, route
from fakes.serving import candidate
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Configuration, configurations

from reconciler.gateway.routing.balance import Balance, hashed
from reconciler.gateway.routing.circuits import Breakers
from reconciler.gateway.routing.facts import GivenFacts
from reconciler.json_types import JsonValue
from reconciler.snapshot.model import RoutedCandidate, Rule, Target
from reconciler.snapshot.routes import rank, seed_of

LAW = settings(max_examples=50, deadline=None)
WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any)
KEYS = [f"session-{number}" for number in range(600)]


def rule(strategy: str) -> Rule:
    routes = namespace_of(route("r", strategy=strategy, targets=[{"provider": "p"}])).routes
    assert routes is not None
    return routes.listed[0]


def targets(weights: Sequence[int]) -> list[Target]:
    return [
        Target(name, weight, seed_of(name), "m", (RoutedCandidate(candidate(name), "m"),))
        for name, weight in zip("abcdefgh", weights, strict=False)
    ]


@LAW
@given(WEIGHTS, st.integers(1, 3))
def test_over_each_round_every_target_has_its_share_exactly(weights: list[int], rounds: int) -> None:
    balance, ruling, given_ = Balance(Breakers()), rule("weighted"), targets(weights)
    picked = Counter(
        balance.order(ruling, [given_], GivenFacts(), 0.0)[0].label for _ in range(rounds * sum(weights))
    )
    assert picked == Counter({each.label: rounds * each.weight for each in given_})


@LAW
@given(WEIGHTS, st.integers(1, 40))
def test_within_a_round_nobody_is_a_whole_turn_per_target_away_from_its_share(
    weights: list[int], times: int
) -> None:
    balance, ruling, given_ = Balance(Breakers()), rule("weighted"), targets(weights)
    picked = Counter(balance.order(ruling, [given_], GivenFacts(), 0.0)[0].label for _ in range(times))
    for each in given_:
        due = Fraction(times * each.weight, sum(weights))
        assert abs(picked[each.label] - due) < len(weights)


@LAW
@given(st.integers(1, 7))
def test_a_target_more_moves_just_what_it_gets(count: int) -> None:
    before, after = targets([1] * count), targets([1] * (count + 1))
    new = after[-1].label
    moved = 0
    for key in KEYS:
        was, now = hashed(key, before)[0].label, hashed(key, after)[0].label
        assert now in (was, new)
        moved += now != was
    share = len(KEYS) / (count + 1)
    assert share / 2 < moved < share * 1.5


@LAW
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_hashing_keeps_to_the_weights(weights: list[int]) -> None:
    given_ = targets(weights)
    found = Counter(hashed(key, given_)[0].label for key in KEYS)
    for each in given_:
        due = len(KEYS) * each.weight / sum(weights)
        assert abs(found[each.label] - due) < 6 * due**0.5 + 6


@LAW
@given(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5))
def test_who_goes_leaves_the_order_of_the_others(keys: list[str]) -> None:
    every = targets([1, 2, 3, 1])
    for key in keys:
        ranked = [each.label for each in hashed(key, every)]
        without = [each.label for each in hashed(key, [each for each in every if each.label != ranked[0]])]
        assert without == ranked[1:]


@LAW
@given(configurations())
def test_routes_are_asked_in_one_order(configuration: Configuration) -> None:
    resources = [each for key, each in configuration.items() if key.namespace == "default"]
    routes = namespace_of(*resources).routes
    specs: dict[str, dict[str, JsonValue]] = {
        each.key.name: each.spec for each in resources if each.key.kind == "Route"
    }
    if routes is None:
        assert not any(spec.get("enabled", True) for spec in specs.values())
        return
    everywhere = [routes.listed, routes.others, *routes.named.values()]
    for rules in everywhere:
        ranks = [rank(each.name, specs[each.name]) for each in rules]
        assert ranks == sorted(ranks)
