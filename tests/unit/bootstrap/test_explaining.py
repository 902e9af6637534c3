from fakes.keys import client
from fakes.routing import route
from fakes.states import stored
from fakes.workshop import binding, model, remote, simulator

from reconciler.bootstrap.explaining import explain
from reconciler.gateway.routing.facts import GivenFacts
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import Resource
from reconciler.resources.state import State

SERVED = (
    simulator("a"),
    Resource(simulator("b").key, {"type": "simulator", "config": {}, "enabled": False}),
    model("m"),
    binding("ma", "m", "a"),
    binding("mb", "m", "b"),
    route("r", match={"taskTypes": ["t"]}, targets=[{"model": "m", "provider": "a"}]),
)
STATE = State((stored(each) for each in SERVED), revision=9)


def test_it_is_what_a_worker_decides() -> None:
    found = explain(STATE, "default", "m", Endpoint.CHAT, GivenFacts(task_type="t"))
    assert (found.revision, found.namespace, found.error) == (9, "default", None)
    assert (found.trace.route, found.trace.model) == ("r", "m")
    assert [each.candidate.provider for each in found.trace.order] == ["a"]
    plain = explain(STATE, "default", "m", Endpoint.CHAT, GivenFacts())
    assert plain.trace.skipped == [("mb", "the Provider is disabled")]


def test_a_namespace_sees_nothing_of_others() -> None:
    found = explain(STATE, "team", "m", Endpoint.CHAT, GivenFacts())
    assert found.error is not None
    assert found.error.status == 404


def test_whom_the_egress_policy_refuses_serves_nobody() -> None:
    resources = (remote("near", host="10.0.0.5"), model("m"), binding("n", "m", "near"))
    state = State((stored(each) for each in resources), revision=9)
    assert explain(state, "default", "m", Endpoint.CHAT, GivenFacts()).error is None
    assert explain(state, "default", "m", Endpoint.CHAT, GivenFacts(), guarded=True).error is not None


def test_whom_a_budget_in_dollars_passes_over_is_told() -> None:
    priced = Resource(model("p").key, {"pricing": {"input": "1", "output": "2"}})
    resources = (*SERVED, priced, binding("pa", "p", "a"))
    state = State((stored(each) for each in resources), revision=9)
    facts = GivenFacts(client=client(budgets=[{"window": "day", "amount": "1"}]))
    assert explain(state, "default", "p", Endpoint.CHAT, facts).error is None
    found = explain(state, "default", "m", Endpoint.CHAT, facts)
    assert found.error is not None
    assert found.error.code == "model_not_priced"
    assert ("ma", "has no price, and the client has a budget in dollars") in found.trace.skipped
    counted = explain(state, "default", "m", Endpoint.COUNT_TOKENS, facts)
    assert counted.error is None or counted.error.code != "model_not_priced"


def test_what_a_client_may_not_ask_for_is_explained_as_it_is_answered() -> None:
    resources = (*SERVED, model("n"), binding("na", "n", "a"), route("all", targets=[{"model": "m"}]))
    state = State((stored(each) for each in resources), revision=9)
    assert explain(state, "default", "n", Endpoint.CHAT, GivenFacts(client=client())).error is None
    found = explain(state, "default", "n", Endpoint.CHAT, GivenFacts(client=client(models=["m"])))
    assert found.error is not None
    assert (found.error.status, found.trace.route, found.trace.order) == (404, None, ())
    assert found.trace.skipped == [("n", "not permitted to the client: to it, it does not exist")]
