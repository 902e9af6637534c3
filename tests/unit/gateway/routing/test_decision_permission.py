"""Whom a client may not use is nobody's candidate, wherever a Route leads. Compiled as a worker does."""

import pytest
from fakes.keys import client
from fakes.routing import decided, namespace_of, route
from fakes.workshop import binding, model, simulator
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.routing.facts import GivenFacts
from reconciler.gateway.routing.router import default_of
from reconciler.gateway.routing.trace import Trace
from reconciler.json_types import JsonValue
from reconciler.protocol.errors import OpenAIError
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.snapshot.clients import Client
from reconciler.snapshot.model import Namespace, Routed

SERVED = (
    simulator("p"),
    simulator("q"),
    model("big", aliases=["grande", "b/*"]),
    model("small", aliases=["s/*"]),
    binding("b", "big", "p"),
    binding("s", "small", "q"),
    Resource(
        ResourceKey("Settings", "default", "default"),
        {"activeProvider": "p", "unknownModels": "forward", "defaultModel": "big"},
    ),
)
PLAIN = namespace_of(*SERVED)


def asked(
    space: Namespace, name: str | None, who: Client, trace: Trace | None = None
) -> Routed | OpenAIError:
    return decided(space, name, GivenFacts(client=who), trace=trace)


def answer(space: Namespace, name: str | None, who: Client) -> list[str] | tuple[int, str | None]:
    found = asked(space, name, who)
    if isinstance(found, OpenAIError):
        return found.status, found.code
    return [f"{each.candidate.provider}:{each.upstream_model}" for each in found.candidates]


def ruled(**spec: JsonValue) -> Namespace:
    return namespace_of(*SERVED, route("r", **spec))


NOT_FOUND = (404, "model_not_found")
BIG, SMALL = client(models=["big"]), client(models=["small"])


@pytest.mark.parametrize(
    ("models", "name", "expected"),
    [
        (["big"], "big", ["p:big"]),
        (["big"], "grande", ["p:big"]),
        (["big"], "small", NOT_FOUND),
        (["grande"], "grande", ["p:big"]),
        (["grande"], "big", NOT_FOUND),
        (["b/x*"], "b/xl", ["p:big"]),
        (["b/x*"], "b/l", NOT_FOUND),
        (["big"], "nobody", NOT_FOUND),
        (["nobody"], "nobody", ["p:nobody"]),
        (["big"], None, ["p:big"]),
        (["small"], None, (400, "missing_required_parameter")),
        (["*"], "nobody", ["p:nobody"]),
    ],
)
def test_without_routes_a_name_or_its_model_is_permitted(
    models: list[JsonValue], name: str | None, expected: object
) -> None:
    assert answer(PLAIN, name, client(models=models)) == expected


def test_what_is_not_permitted_is_told_as_what_is_not_there() -> None:
    hidden, absent = (decided(PLAIN, name, GivenFacts(client=BIG)) for name in ("small", "absent"))
    assert isinstance(hidden, OpenAIError)
    assert isinstance(absent, OpenAIError)
    assert hidden.message.replace("small", "absent") == absent.message
    assert default_of(PLAIN, SMALL) is None


def test_a_route_for_all_names_tells_nobody_that_a_model_is_there() -> None:
    space = ruled(targets=[{"model": "big"}])
    assert answer(space, "small", client(models=["big", "small"])) == ["p:big"]
    for name in ("small", "s/x", "absent"):
        assert answer(space, name, BIG) == NOT_FOUND
    named = ruled(match={"models": ["small", "absent"]}, targets=[{"model": "big"}])
    for name in ("small", "absent"):
        assert answer(named, name, BIG) == ["p:big"]


TARGETS: list[JsonValue] = [{"model": "small"}, {"model": "big", "priority": -1}]


def test_a_target_of_another_model_needs_that_models_name() -> None:
    space = ruled(match={"models": ["grande"]}, targets=[{"model": "small"}])
    assert answer(space, "grande", client(models=["grande"])) == (403, "model_not_permitted")
    assert answer(space, "grande", SMALL) == ["q:small"]
    assert answer(space, "grande", client(models=["other"])) == NOT_FOUND
    assert answer(space, "grande", client()) == ["q:small"]


def test_a_target_of_the_model_itself_goes_by_the_name_that_was_asked_for() -> None:
    space = ruled(match={"models": ["big"]}, targets=[{"provider": "p"}, {"model": "big"}])
    assert answer(space, "grande", client(models=["grande"])) == ["p:big"]


def test_fallbacks_that_are_not_permitted_are_passed_over_and_the_weights_of_others_hold() -> None:
    space = ruled(match={"models": ["big"]}, targets=TARGETS)
    assert answer(space, "big", client(models=["big", "small"])) == ["q:small", "p:big"]
    assert answer(space, "big", BIG) == ["p:big"]
    trace = Trace()
    asked(space, "big", BIG, trace)
    assert trace.skipped == [("small", "not permitted to the client")]


def test_a_name_that_only_a_route_has_is_nothing_to_who_may_use_none_of_its_targets() -> None:
    space = ruled(match={"models": ["made-up"]}, targets=[{"model": "small"}])
    assert answer(space, "made-up", client(models=["made-up"])) == NOT_FOUND
    assert answer(space, "made-up", SMALL) == ["q:small"]


def test_a_route_without_targets_serves_the_model_itself() -> None:
    space = ruled(match={"models": ["big"]}, strategy="weighted")
    assert answer(space, "big", BIG) == ["p:big"]
    assert answer(space, "big", SMALL) == NOT_FOUND


@pytest.mark.parametrize(
    ("match", "targets", "expected"),
    [
        (None, [{"model": "big"}], NOT_FOUND),
        ({"clients": ["c*"]}, [{"model": "big"}], NOT_FOUND),
        ({"clients": ["c*"]}, [{"provider": "q"}], NOT_FOUND),
        ({"clients": ["c*"]}, [], NOT_FOUND),
        ({"models": ["s*"]}, [{"model": "big"}], ["p:big"]),
        ({"models": ["small", "sxy"]}, [{"model": "big"}], ["p:big"]),
        ({"models": ["s*"]}, [{"provider": "q"}], NOT_FOUND),
        ({"models": ["s*"]}, [{"model": "gone"}], NOT_FOUND),
        ({"models": ["s*"]}, [{"model": "bygone"}], (503, "no_provider")),
        ({"models": ["s*"]}, [], NOT_FOUND),
    ],
)
@pytest.mark.parametrize("traced", [False, True])
def test_a_route_takes_what_a_client_may_not_ask_for_as_what_is_not_there(
    match: JsonValue, targets: list[JsonValue], expected: object, *, traced: bool
) -> None:
    spec: dict[str, JsonValue] = {"targets": targets} if targets else {"strategy": "weighted"}
    space = ruled(**spec, **({} if match is None else {"match": match}))
    who = client(models=["b*"])
    for name in ("small", "sxy", "small"):
        found = asked(space, name, who, Trace() if traced else None)
        if isinstance(found, OpenAIError):
            assert (found.status, found.code) == expected
        else:
            assert found.model == "big"
            assert [
                f"{each.candidate.provider}:{each.upstream_model}" for each in found.candidates
            ] == expected


def test_a_route_of_a_model_does_not_tell_who_may_not_ask_for_it_which_names_mean_it() -> None:
    space = ruled(match={"models": ["small"]}, targets=[{"model": "big"}])
    assert answer(space, "s/x", client(models=["big", "s/x"])) == ["p:big"]
    assert answer(space, "s/x", BIG) == answer(space, "t/x", BIG) == NOT_FOUND


def test_a_shadow_that_is_not_permitted_gets_nothing() -> None:
    space = ruled(targets=[{"model": "big"}], shadow={"target": {"model": "small"}})
    for who, shadowed in ((BIG, False), (client(models=["big", "small"]), True), (client(), True)):
        found = asked(space, "big", who)
        assert isinstance(found, Routed)
        assert found.policy is not None
        assert (found.policy.shadow is not None) is shadowed


def test_a_route_that_is_not_permitted_is_as_if_it_were_not_there() -> None:
    space = ruled(match={"models": ["big"]}, targets=[{"model": "small"}])
    assert answer(space, "big", client(routes=["x*"])) == ["p:big"]
    assert answer(space, "big", client(routes=["r*"])) == ["q:small"]
    trace = Trace()
    asked(space, "big", client(routes=["x*"]), trace)
    assert trace.missed == [("r", "not permitted to the client")]


def test_a_route_may_be_for_some_clients() -> None:
    space = ruled(match={"models": ["big"], "clients": ["team-*"]}, targets=[{"model": "small"}])
    assert answer(space, "big", client("team-a")) == ["q:small"]
    assert answer(space, "big", client("other")) == ["p:big"]
    assert isinstance(decided(space, "big"), Routed)
    assert answer(space, "big", client("other")) == ["p:big"]


def test_a_client_sticks_to_what_it_got() -> None:
    targets: list[JsonValue] = [{"model": "big"}, {"model": "small"}]
    space = ruled(match={"models": ["big"]}, targets=targets, strategy="sticky", sticky={"client": True})
    orders = {name: answer(space, "big", client(name)) for name in (f"c{number}" for number in range(20))}
    assert all(answer(space, "big", client(name)) == order for name, order in orders.items())
    assert len({str(order) for order in orders.values()}) == 2
    assert isinstance(decided(space, "big"), Routed)


NAMES = ["big", "small", "grande", "b/x", "s/y", "nobody", "made-up", None]
MATCHES = [None, {"models": ["big"]}, {"models": ["made-up", "s*"]}, {"models": ["grande", "nobody"]}]
STRATEGIES = ["priority", "weighted", "least-busy", "lowest-latency"]
PICKS: list[JsonValue] = [
    {"model": "big"},
    {"model": "small"},
    {"provider": "p"},
    {"provider": "q"},
    {"model": "small", "provider": "q"},
]
GLOBS = ["*", "big", "small", "b*", "grande", "s/*", "nobody", "made-up", "x"]


def _route(name: str, match: JsonValue, strategy: str, targets: list[JsonValue]) -> Resource:
    spec: dict[str, JsonValue] = {"strategy": strategy}
    if match is not None:
        spec["match"] = match
    if targets:
        spec["targets"] = targets
    return route(name, **spec, shadow={"target": {"model": "small"}})


ROUTES = st.builds(
    _route,
    st.sampled_from(["r1", "r2"]),
    st.sampled_from(MATCHES),
    st.sampled_from(STRATEGIES),
    st.lists(st.sampled_from(PICKS), max_size=3),
)


@given(
    st.lists(ROUTES, max_size=2, unique_by=lambda each: each.key),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(GLOBS), min_size=1, max_size=3),
    st.booleans(),
)
def test_nobody_serves_a_client_that_may_not_use_it(
    routes: list[Resource], name: str | None, globs: list[str], traced: bool
) -> None:
    space = namespace_of(*SERVED, *routes)
    who = client(models=[*globs])
    found = asked(space, name, who, Trace() if traced else None)
    if isinstance(found, OpenAIError):
        return
    meant = name if name is not None else "big"
    leads = space.find(meant)
    serves = {"p:big": "big", "q:small": "small"}
    for each in found.candidates:
        place = f"{each.candidate.provider}:{each.upstream_model}"
        serving = serves.get(place, each.upstream_model)
        by_name = leads is None or leads[0].name == serving
        assert who.may_use(serving) or (by_name and who.may_use(meant)), (place, globs)
    if found.policy is not None and found.policy.shadow is not None:
        assert who.may_use("small") or (leads is not None and leads[0].name == "small" and who.may_use(meant))
