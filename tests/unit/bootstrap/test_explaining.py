from fakes.routing import route
from fakes.states import stored
from fakes.workshop import binding, model, simulator

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
