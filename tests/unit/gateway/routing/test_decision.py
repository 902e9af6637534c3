import pytest
from fakes.routing import decided, namespace_of, order, refused, route
from fakes.workshop import binding, model, simulator

from reconciler.gateway.routing.facts import GivenFacts
from reconciler.gateway.routing.trace import Trace
from reconciler.json_types import JsonValue
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import Resource
from reconciler.snapshot.model import Namespace, Policy, Routed

OFF = Resource(simulator("off").key, {"type": "simulator", "config": {}, "enabled": False})
SERVED = (
    simulator("a"),
    simulator("b"),
    OFF,
    model("m", aliases=["m/*"], capabilities=["chat"]),
    model("n", capabilities=["chat", "tools"]),
    model("plain"),
    model("lonely"),
    binding("ma", "m", "a", priority=5),
    binding("mb", "m", "b"),
    binding("m-off", "m", "off"),
    binding("nb", "n", "b", upstreamModel="up"),
    binding("pa", "plain", "a", upstreamModel="*"),
)


def space(*targets: JsonValue, settings: JsonValue = None, **spec: JsonValue) -> Namespace:
    more = [] if settings is None else [_settings(settings)]
    written: dict[str, JsonValue] = {**spec, **({"targets": [*targets]} if targets else {})}
    return namespace_of(*SERVED, *more, route("r", **written))


def _settings(spec: JsonValue) -> Resource:
    assert isinstance(spec, dict)
    return Resource(OFF.key._replace(kind="Settings", name="default"), spec)


def test_targets_alone_serve_in_their_order() -> None:
    assert order(space({"model": "n"}, {"model": "m", "provider": "b"}), "plain") == ["b:up", "b:m"]
    assert order(space({"model": "m"}, {"model": "n", "priority": 1}), "plain") == ["b:up", "a:m", "b:m"]


def test_the_model_for_the_books_is_the_one_that_was_asked_for() -> None:
    found = decided(space({"model": "n"}), "m")
    assert isinstance(found, Routed)
    assert (found.model, found.forwarded, found.policy) == ("m", False, None)
    unknown = decided(space({"model": "n"}, match={"models": ["gpt-*"]}), "gpt-9")
    assert isinstance(unknown, Routed)
    assert unknown.model == "n"


def test_nobody_is_tried_twice() -> None:
    assert order(space({"model": "m", "provider": "b"}, {"model": "m"}), "n") == ["b:m", "a:m"]


def test_a_provider_alone_takes_the_model_that_was_asked_for() -> None:
    found = space({"provider": "b"}, {"provider": "a"})
    assert order(found, "m") == ["b:m", "a:m"]
    assert order(found, "n") == ["b:up"]
    assert order(found, "m/x") == ["b:m", "a:m"]
    assert refused(found, "lonely") == (503, "no_provider")
    assert refused(found, None) == (503, "no_provider")


WILD = (
    simulator("a"),
    simulator("b"),
    model("w", aliases=["w/*", "wild"]),
    model("v", aliases=["v/*"]),
    binding("wa", "w", "a", priority=5, upstreamModel="*"),
    binding("wb", "w", "b", upstreamModel="up"),
    binding("va", "v", "a", upstreamModel="*"),
)


@pytest.mark.parametrize("strategy", ["priority", "weighted", "least-busy", "cheapest"])
@pytest.mark.parametrize("targets", [[{"model": "w"}], [{"provider": "a"}, {"provider": "b"}], []])
def test_what_a_wildcard_stood_for_is_asked_for_however_a_target_names_the_model(
    targets: list[JsonValue], strategy: str
) -> None:
    spec: dict[str, JsonValue] = {"targets": targets} if targets else {}
    found = namespace_of(*WILD, route("r", strategy=strategy, **spec))
    for asked, sent in (("w/phi", "phi"), ("w/x", "x"), ("w", "w"), ("wild", "w")):
        for _ in range(2):
            assert sorted(order(found, asked)) == sorted([f"a:{sent}", "b:up"])
    assert order(found, "w/") == ["b:up"]
    if targets:
        assert [each.upstream_model for each in traced(found, "w/phi").order] == ["phi", "up"]


def test_a_target_of_one_binding_keeps_its_timeout_by_the_name_of_a_wildcard() -> None:
    found = namespace_of(*WILD, route("r", targets=[{"model": "w", "provider": "a", "timeout": "2s"}]))
    routed = decided(found, "w/phi")
    assert isinstance(routed, Routed)
    (only,) = routed.candidates
    assert (only.upstream_model, only.candidate.timeouts.total) == ("phi", 2.0)
    assert refused(found, "w/") == (503, "no_provider")


def test_another_model_than_a_wildcard_led_to_is_asked_for_by_its_own_name() -> None:
    found = namespace_of(*WILD, route("r", targets=[{"model": "v"}, {"model": "w"}]))
    assert order(found, "w/phi") == ["a:v", "a:phi", "b:up"]
    assert order(found, "v/phi") == ["a:phi", "a:w", "b:up"]
    named = namespace_of(*WILD, route("r", match={"models": ["gpt"]}, targets=[{"model": "v"}]))
    assert order(named, "gpt") == ["a:v"]


def test_a_shadow_of_the_model_gets_what_a_wildcard_stood_for() -> None:
    found = namespace_of(*WILD, route("r", shadow={"target": {"model": "w", "provider": "a"}}))
    for asked, expected in (("w/phi", ["phi"]), ("w", ["w"]), ("v/phi", ["w"]), ("w/", [])):
        routed = decided(found, asked)
        if isinstance(routed, Routed):
            assert routed.policy is not None
            shadow = routed.policy.shadow
            assert [each.upstream_model for each in (shadow.candidates if shadow else ())] == expected


def test_models_that_lack_what_a_request_needs_are_passed_over() -> None:
    tools = GivenFacts(needed=frozenset({"tools"}))
    both = space({"model": "m"}, {"model": "n"}, {"model": "plain"})
    assert order(both, "m") == ["a:m", "b:m", "b:up", "a:plain"]
    assert order(both, "m", tools) == ["b:up", "a:plain"]
    assert refused(space({"model": "m"}), "n", tools) == (400, "capability_not_served")
    assert order(space({"provider": "a"}), "m", tools) == ["a:m"]


def test_targets_that_lack_the_endpoint_are_passed_over() -> None:
    remote = Resource(simulator("far").key, {"type": "lm-studio", "config": {"baseURL": "http://far"}})
    found = namespace_of(
        *SERVED,
        remote,
        binding("n-far", "n", "far"),
        route("r", targets=[{"model": "m"}, {"model": "n"}], match={"models": ["m"]}),
        route("s", targets=[{"model": "m"}], match={"models": ["plain"]}),
    )
    lacking = next(each for each in Endpoint if each not in found.models["m"].everywhere)
    assert order(found, "m", endpoint=lacking) == ["far:n"]
    assert refused(found, "plain", endpoint=lacking) == (404, "endpoint_not_served")


def test_without_targets_the_bindings_of_the_model_are_ranked() -> None:
    active: JsonValue = {"activeProvider": "b"}
    assert order(space(settings=active), "m") == ["b:m", "a:m"]
    assert order(space(settings=active, strategy="least-busy"), "m") == ["a:m", "b:m"]
    found = space(strategy="least-busy")
    assert (order(found, "m"), order(found, "m"), order(found, "m/x")) == (["a:m", "b:m"],) * 3
    assert found.routes is not None
    assert list(found.routes.own_tiers) == ["m"]
    assert refused(found, "lonely") == (503, "no_provider")


def test_without_targets_a_name_that_no_model_has_stays_unknown() -> None:
    assert refused(space(match={"models": ["gpt-*"]}), "gpt-9") == (404, "model_not_found")


def test_without_a_route_that_matches_the_bindings_serve() -> None:
    found = space({"model": "n"}, match={"taskTypes": ["t"]})
    assert order(found, "m") == ["a:m", "b:m"]
    assert order(found, "m/x") == ["a:m", "b:m"]
    assert refused(found, "gpt-9") == (404, "model_not_found")
    assert order(namespace_of(*SERVED), "m") == ["a:m", "b:m"]


def traced(found: Namespace, asked: str | None, facts: GivenFacts | None = None) -> Trace:
    trace = Trace()
    decided(found, asked, facts, trace=trace)
    return trace


def test_a_trace_tells_the_route_the_order_and_who_was_passed_over() -> None:
    tools = GivenFacts(needed=frozenset({"tools"}))
    trace = traced(
        space(
            {"model": "m"}, {"model": "n"}, {"model": "lonely"}, {"provider": "a"}, strategy="lowest-latency"
        ),
        "gpt",
        tools,
    )
    assert trace.route is None
    trace = traced(space({"model": "m"}, {"model": "n"}, {"model": "lonely"}, {"provider": "b"}), None, tools)
    assert (trace.route, trace.strategy, trace.model) == ("r", "priority", "n")
    assert [each.candidate.binding for each in trace.order] == ["nb"]
    assert trace.skipped == [
        ("@b", "no Model is asked for that could be bound to it"),
        ("m@off", "the Provider is disabled"),
        ("m", "lacks tools"),
        ("lonely", "no Binding binds lonely at all"),
    ]


def test_a_trace_of_what_nobody_serves() -> None:
    trace = traced(space({"model": "lonely"}), "m")
    assert (trace.route, trace.model, trace.order) == ("r", "m", ())
    assert traced(space({"model": "lonely"}, match={"models": ["x"]}), "x").model is None


def test_a_trace_of_bindings() -> None:
    trace = traced(namespace_of(*SERVED), "m")
    assert (trace.route, trace.model, trace.skipped) == (None, "m", [("m-off", "the Provider is disabled")])
    assert [each.candidate.binding for each in trace.order] == ["ma", "mb"]
    own = traced(space(), "m")
    assert own.skipped == [("m-off", "the Provider is disabled")]
    assert traced(namespace_of(*SERVED), "gone").model is None


def test_a_trace_of_bindings_tells_endpoints() -> None:
    found = namespace_of(*SERVED)
    lacking = next(each for each in Endpoint if each not in found.models["m"].everywhere)
    trace = Trace()
    decided(found, "n", endpoint=lacking, trace=trace)
    assert [label for label, _ in trace.skipped] == ["nb"]


@pytest.mark.parametrize("targets", [(), ({"model": "m"},)])
def test_what_a_route_asks_of_dispatch_travels_with_it(targets: tuple[JsonValue, ...]) -> None:
    found = decided(space(*targets, timeouts={"total": "2s"}), "m")
    assert isinstance(found, Routed)
    assert found.policy == Policy(total=2.0)
