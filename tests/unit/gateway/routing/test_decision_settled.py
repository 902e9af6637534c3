"""What is decided once for all requests alike, and what never is."""

import pytest
from fakes.routing import decided, namespace_of, order, refused, route
from fakes.workshop import binding, model, simulator

from reconciler.gateway.routing import decision
from reconciler.gateway.routing.balance import Balance
from reconciler.gateway.routing.circuits import Breakers
from reconciler.gateway.routing.facts import GivenFacts
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.clients import Client, Globs
from reconciler.snapshot.model import Namespace

SERVED = (
    simulator("a"),
    simulator("b"),
    model("m", aliases=["m/*"]),
    model("n", capabilities=["chat", "tools"]),
    binding("ma", "m", "a", priority=5),
    binding("mb", "m", "b"),
    binding("nb", "n", "b"),
)
TOOLS = GivenFacts(needed=frozenset({"tools"}))


def space(*targets: JsonValue, **spec: JsonValue) -> Namespace:
    return namespace_of(*SERVED, route("r", targets=[*targets], **spec))


def client(*models: str, name: str = "c") -> GivenFacts:
    key = ResourceKey("ClientKey", "default", name)
    return GivenFacts(client=Client(key, 1, Globs(models) if models else None))


@pytest.mark.parametrize("asked", ["m", None])
def test_it_is_decided_once_for_a_client_and_a_name(asked: str | None) -> None:
    found = space({"model": "m"}, match={} if asked is None else {"models": [asked]})
    facts = client("*")
    once = decided(found, asked, facts)
    assert decided(found, asked, facts) is once
    assert decided(found, asked) is not once
    assert len(found.settled) == 2


def test_another_client_of_that_name_is_decided_on_anew() -> None:
    """Its permission may be another one."""
    found = space({"model": "n"}, {"model": "m"})
    assert order(found, "m", client("*")) == ["b:n", "a:m", "b:m"]
    assert order(found, "m", client("m")) == ["a:m", "b:m"]
    assert refused(found, "m", client("other")) == (404, "model_not_found")


def test_a_refusal_is_not_kept() -> None:
    found = space({"model": "m"})
    for _ in range(2):
        assert refused(found, "m", client("other")) == (404, "model_not_found")
    assert not found.settled


def test_who_gets_into_trouble_comes_last_at_once_and_only_as_long() -> None:
    found = space({"model": "m", "provider": "a"}, {"model": "m", "provider": "b"})
    breakers = Breakers()
    balance, upstream = Balance(breakers), found.models["m"].candidates[0].upstream
    once = decided(found, "m", balance=balance)
    assert order(found, "m", balance=balance) == ["a:m", "b:m"]
    breakers.judge(upstream, healthy=False, now=1.0)
    assert order(found, "m", balance=balance, now=1.0) == ["b:m", "a:m"]
    breakers.reset(upstream.key, 2.0)
    assert decided(found, "m", balance=balance, now=2.0) is once


@pytest.mark.parametrize(
    "match",
    [
        {"taskTypes": ["t"]},
        {"headers": [{"name": "x-tier", "value": "gold"}]},
        {"promptTokens": {"min": 100}},
        {"capabilities": ["tools"]},
    ],
)
def test_what_looks_at_the_request_itself_looks_at_each(match: JsonValue) -> None:
    found = space({"model": "n"}, match=match)
    fits = GivenFacts({b"x-tier": "gold"}, "t", 200, frozenset({"tools"}))
    for _ in range(2):
        assert order(found, "m") == ["a:m", "b:m"]
        assert order(found, "m", fits) == ["b:n"]
    assert not found.settled


def test_a_route_behind_one_that_looks_is_not_settled_and_one_before_it_is() -> None:
    looking = route("a", targets=[{"model": "m"}], match={"taskTypes": ["t"]}, priority=5)
    plain = route("b", targets=[{"model": "n"}])
    found = namespace_of(*SERVED, looking, plain)
    assert order(found, "m") == ["b:n"]
    assert order(found, "m", GivenFacts(task_type="t")) == ["a:m", "b:m"]
    assert not found.settled


def test_targets_with_capabilities_are_chosen_for_each_request() -> None:
    found = namespace_of(
        *SERVED,
        model("o", capabilities=["chat"]),
        binding("oa", "o", "a"),
        route("r", targets=[{"model": "o"}, {"model": "n"}]),
    )
    assert order(found, "m") == ["a:o", "b:n"]
    assert order(found, "m", TOOLS) == ["b:n"]


def test_a_strategy_that_turns_is_never_settled() -> None:
    found = space({"model": "m", "provider": "a"}, {"model": "m", "provider": "b"}, strategy="weighted")
    assert {tuple(order(found, "m")) for _ in range(4)} == {("a:m", "b:m")}
    assert not found.settled


def test_names_that_clients_make_up_are_not_remembered() -> None:
    found = space({"model": "n"})
    for number in range(3):
        assert order(found, f"m/{number}") == ["b:n"]
    assert not found.settled


def test_no_more_is_remembered_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "MAX_SETTLED", 2)
    found = space({"model": "n"})
    for number in range(5):
        assert order(found, "m", client("*", name=f"c{number}")) == ["b:n"]
        assert len(found.settled) <= 2


def test_without_a_route_for_it_the_bindings_are_settled_too() -> None:
    found = space({"model": "n"}, match={"models": ["n"]})
    once = decided(found, "m")
    assert order(found, "m") == ["a:m", "b:m"]
    assert decided(found, "m") is once
