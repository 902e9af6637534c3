from dataclasses import replace

from fakes.routing import route
from fakes.states import stored
from fakes.workshop import binding, model, simulator

from reconciler.control.plan.impact import impact
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource
from reconciler.resources.state import State

A, B = simulator("a"), simulator("b")
M, N = model("m"), model("n")
MA, MB, NB = binding("ma", "m", "a"), binding("mb", "m", "b"), binding("nb", "n", "b")
SERVED = (A, B, M, N, MA, MB, NB)
TARGETS: JsonValue = [{"model": "m", "provider": "a"}, {"model": "n"}]
ROUTE = route("r", targets=TARGETS)
Told = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def found(before: tuple[Resource, ...], after: tuple[Resource, ...]) -> list[Told]:
    states = [State(stored(each) for each in resources) for resources in (before, after)]
    effects = impact(*states).effects
    return [(each.word, each.subject, each.before, each.after) for each in effects if "route" in each.word]


def off(resource: Resource) -> Resource:
    return replace(resource, spec={**resource.spec, "enabled": False})


ORDER = ("priority", "m@a", "n@b")


def test_a_route_begins_and_ends() -> None:
    assert found(SERVED, (*SERVED, ROUTE)) == [("route-order", "r", (), ORDER)]
    assert found((*SERVED, ROUTE), SERVED) == [("route-order", "r", ORDER, ())]
    assert found((*SERVED, ROUTE), (*SERVED, off(ROUTE))) == [("route-order", "r", ORDER, ())]
    plain = route("r", strategy="least-busy")
    assert found(SERVED, (*SERVED, plain)) == [
        ("route-order", "r", (), ("least-busy", "the model's own Bindings"))
    ]


def test_other_shares_and_another_order() -> None:
    def weighted(weight: int) -> Resource:
        return route("r", strategy="weighted", targets=[{"model": "m", "weight": weight}, {"provider": "b"}])

    assert found((*SERVED, weighted(1)), (*SERVED, weighted(9))) == [
        (
            "route-order",
            "r",
            ("weighted", "m@a x1", "m@b x1", "@b x1"),
            ("weighted", "m@a x9", "m@b x9", "@b x1"),
        )
    ]
    turned = route("r", targets=[{"model": "n"}, {"model": "m", "provider": "a"}])
    assert found((*SERVED, ROUTE), (*SERVED, turned)) == [
        ("route-order", "r", ORDER, ("priority", "n@b", "m@a"))
    ]


def test_what_its_targets_lose() -> None:
    less = (off(A), B, M, N, MA, MB, NB, ROUTE)
    assert found((*SERVED, ROUTE), less) == [
        ("route-single-provider", "r", ORDER, ("priority", "n@b")),
        ("route-order", "r", ORDER, ("priority", "n@b")),
    ]
    nobody = (off(A), B, M, N, MA, MB, off(NB), ROUTE)
    assert found((*SERVED, ROUTE), nobody) == [("lost-route", "r", ORDER, ("priority",))]


def test_other_requests() -> None:
    every = route("r", targets=TARGETS)
    some = route(
        "r",
        targets=TARGETS,
        match={
            "models": ["m", "gpt-*-x"],
            "taskTypes": ["t"],
            "headers": [{"name": "X-A", "value": "b", "type": "prefix"}],
            "promptTokens": {"min": 3},
            "capabilities": ["json-schema"],
        },
    )
    told = ("model gpt-*-x", "model m", "task t", "X-A: b*", "needs jsonschema", "prompt from 3")
    assert found((*SERVED, every), (*SERVED, some)) == [("route-match", "r", ("every Model",), told)]
    short = route("r", targets=TARGETS, match={"promptTokens": {"max": 9}})
    assert found((*SERVED, every), (*SERVED, short)) == [
        ("route-match", "r", ("every Model",), ("prompt from 0 to 9",))
    ]


def test_a_route_that_the_changes_do_not_reach_is_left_alone() -> None:
    assert found((*SERVED, ROUTE), (*SERVED, ROUTE, model("o"))) == []
    own = route("own", targets=[{"provider": "a"}, {"model": "n"}])
    assert found((*SERVED, own), (*SERVED[:3], model("n", displayName="N"), *SERVED[4:], own)) == []


def test_what_it_asks_beside_who_serves() -> None:
    asking = route(
        "r",
        targets=TARGETS,
        timeouts={"total": "90s", "firstByte": "2s"},
        retry={"attempts": 2, "statuses": [503, 429]},
        hedge={"delay": "300ms"},
        shadow={"target": {"model": "n"}, "percent": 5},
        parallelThreshold=100,
    )
    words = (
        "at most 90 s",
        "first byte within 2 s",
        "at most 2 attempts",
        "retries after 429, 503",
        "hedged after 0.3 s, at most 10 %",
        "shadow n@b, 5 %",
        "inputs in parts of at most 100, 3 at a time",
    )
    assert found((*SERVED, ROUTE), (*SERVED, asking)) == [("route-policy", "r", (), words)]
    assert found((*SERVED, asking), (*SERVED, ROUTE)) == [("route-policy", "r", words, ())]
