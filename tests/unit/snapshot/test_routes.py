from decimal import Decimal

import pytest
from fakes.routing import namespace_of, route
from fakes.workshop import binding, model, simulator

from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource
from reconciler.snapshot.model import AskedTarget, LeftOut, Namespace, Routes, Rule, Target
from reconciler.snapshot.routes import canonical, price_of, rank

SERVED = (
    simulator("a"),
    Resource(simulator("b").key, {"type": "simulator", "config": {}, "enabled": False}),
    model("m", aliases=["alias", "m/*"], capabilities=["chat", "JSON_Schema"], pricing={"input": "0.5"}),
    model("n", pricing={"input": "1", "output": "2"}),
    model("free", pricing={}),
    binding("ma", "m", "a", priority=5),
    binding("mb", "m", "b"),
    binding("na", "n", "a", upstreamModel="up"),
)


def routes_of(*resources: Resource) -> Routes:
    found = namespace_of(*SERVED, *resources).routes
    assert found is not None
    return found


def only(**spec: JsonValue) -> Rule:
    (rule,) = routes_of(route("r", **spec)).listed
    return rule


def target(**written: JsonValue) -> Target:
    ((found,),) = only(targets=[written]).tiers
    assert isinstance(found, Target)
    return found


def names(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.name for rule in rules]


def test_a_namespace_without_enabled_routes_has_no_index() -> None:
    assert namespace_of(*SERVED).routes is None
    assert namespace_of(*SERVED, route("r", enabled=False)).routes is None


def test_routes_alone_make_a_namespace() -> None:
    space = namespace_of(route("r", targets=[{"model": "m"}]))
    assert space.routes is not None
    assert space.listed == ()


def test_names_without_a_star_are_found_at_once_with_all_that_may_match() -> None:
    found = routes_of(
        route("any"),
        route("glob", match={"models": ["m*", "z"]}),
        route("model", match={"models": ["m"]}),
        route("alias", match={"models": ["alias"]}),
    )
    assert {name: names(rules) for name, rules in found.named.items()} == {
        "z": ["glob", "any"],
        "m": ["model", "glob", "any"],
        "alias": ["alias", "model", "glob", "any"],
    }
    assert names(found.others) == ["glob", "any"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"priority": 1}, {"match": {"models": ["m"], "taskTypes": ["t"]}}),
        ({"match": {"models": ["m"]}}, {}),
        (
            {"match": {"headers": [{"name": "a", "value": "b"}, {"name": "c", "value": "d"}]}},
            {"match": {"models": ["m"]}},
        ),
        ({"match": {"models": ["m"]}}, {"match": {"models": ["m*"]}}),
    ],
)
def test_the_order_of_routes(first: dict[str, JsonValue], second: dict[str, JsonValue]) -> None:
    assert rank("z", first) < rank("a", second)
    assert rank("a", first) < rank("b", first)


def test_a_body_is_read_for_what_a_route_asks_of_it() -> None:
    assert routes_of(route("r")).reads == set()
    assert routes_of(route("r", match={"taskTypes": ["t"]})).reads == {"metadata"}
    assert "prompt" in routes_of(route("r", match={"promptTokens": {"max": 5}})).reads
    assert "response_format" in routes_of(route("r", match={"capabilities": ["json-schema"]})).reads
    assert "tools" in routes_of(route("r", targets=[{"model": "m"}])).reads
    assert routes_of(route("r", targets=[{"model": "n"}, {"provider": "a"}])).reads == set()


def test_what_a_rule_asks_for() -> None:
    rule = only(
        match={
            "headers": [
                {"name": "X-Team", "value": "a"},
                {"name": "X-T", "value": "a*c", "type": "glob"},
                {"name": "X-P", "value": "a*", "type": "prefix"},
            ],
            "promptTokens": {"min": 3},
            "capabilities": ["json-schema"],
        },
        strategy="sticky",
        sticky={"header": "X-Session"},
    )
    assert [(each.name, each.label) for each in rule.headers] == [
        (b"x-team", "X-Team"),
        (b"x-t", "X-T"),
        (b"x-p", "X-P"),
    ]
    exact, star, prefix = (each.value for each in rule.headers)
    assert (exact.matches("a"), exact.matches("ab")) == (True, False)
    assert (star.matches("abc"), star.matches("ab")) == (True, False)
    assert (prefix.matches("a*b"), prefix.matches("ab")) == (True, False)
    assert rule.prompt is not None
    assert rule.prompt[0] == 3
    assert rule.needs == frozenset({"jsonschema"})
    assert (rule.sticky, rule.key, rule.names) == (b"x-session", "default/r", None)


def test_a_model_stands_for_its_bindings_and_says_who_is_left_out() -> None:
    found = target(model="m")
    assert (found.label, found.weight, found.price) == ("m", 1, Decimal("0.5"))
    assert [each.candidate.binding for each in found.candidates] == ["ma"]
    assert found.left_out == (LeftOut("b", "mb", "the Provider is disabled"),)
    assert found.capabilities == frozenset({"chat", "jsonschema"})


def test_a_pair_stands_for_one_binding() -> None:
    found = target(model="n", provider="a", timeout="3s", weight=1)
    assert (found.label, found.capabilities, found.price) == ("n@a", None, Decimal(3))
    ((candidate, upstream_model),) = [(each.candidate, each.upstream_model) for each in found.candidates]
    assert (candidate.binding, upstream_model, candidate.timeouts.total) == ("na", "up", 3.0)
    assert candidate.timeouts.first_byte is None


def test_a_timeout_bounds_the_first_byte_as_well() -> None:
    config: JsonValue = {"baseURL": "http://a", "firstByteTimeout": "9s"}
    provider = Resource(simulator("c").key, {"type": "lm-studio", "config": config})
    rules = namespace_of(
        provider, model("o"), binding("oc", "o", "c"), route("r", targets=[{"model": "o", "timeout": "3s"}])
    ).routes
    assert rules is not None
    ((found,),) = rules.listed[0].tiers
    assert isinstance(found, Target)
    timeouts = found.candidates[0].candidate.timeouts
    assert (timeouts.total, timeouts.first_byte) == (3.0, 3.0)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({"model": "gone"}, "there is no Model gone"),
        ({"model": "alias"}, "there is no Model alias"),
        ({"model": "free"}, "no Binding binds free at all"),
        ({"model": "n", "provider": "b"}, "no Binding binds n to b"),
        ({"model": "m", "provider": "b"}, "the Provider is disabled"),
    ],
)
def test_a_target_that_nobody_serves_says_why(written: dict[str, JsonValue], reason: str) -> None:
    found = target(**written)
    assert found.candidates == ()
    assert [each.reason for each in found.left_out] == [reason]


def test_a_provider_alone_waits_for_the_model() -> None:
    ((found,),) = only(targets=[{"provider": "a", "timeout": "3s"}]).tiers
    assert isinstance(found, AskedTarget)
    assert (found.label, found.provider, found.timeout, found.weight) == ("@a", "a", 3.0, 1)


def labels(**spec: JsonValue) -> list[list[str]]:
    return [[each.label for each in tier] for tier in only(**spec).tiers]


def test_targets_stand_in_tiers_as_they_are_written() -> None:
    targets: JsonValue = [
        {"model": "m", "priority": -1},
        {"model": "n"},
        {"model": "n", "provider": "a"},
        {"model": "free", "priority": 2},
    ]
    assert labels(targets=targets) == [["free"], ["n", "n@a"], ["m"]]


def test_the_cheapest_comes_first_and_what_has_no_price_last() -> None:
    targets: JsonValue = [{"provider": "a"}, {"model": "n"}, {"model": "free"}, {"model": "m"}]
    assert labels(strategy="cheapest", targets=targets) == [["m", "n", "@a", "free"]]
    assert price_of({"pricing": {"cachedInput": "1"}}) is None
    assert price_of({"pricing": {"input": "0", "output": "0"}}) == 0


def test_capabilities_are_compared_by_their_letters() -> None:
    assert {canonical(word) for word in ("json_schema", "json-schema", "jsonSchema", "JSON Schema")} == {
        "jsonschema"
    }


def test_what_a_route_asks_of_dispatch_is_compiled_with_whom_it_shadows() -> None:
    policy = only(shadow={"target": {"model": "n"}, "percent": 3}).policy
    assert policy is not None
    assert policy.shadow is not None
    assert [each.upstream_model for each in policy.shadow.candidates] == ["up"]
    assert only(shadow={"target": {"provider": "a"}}).policy is None


def test_what_is_served_is_known_where_each_target_names_a_model() -> None:
    rule = only(targets=[{"model": "free"}, {"model": "m"}, {"model": "m", "provider": "a"}])
    assert [[each.label for each in tier] for tier in rule.served] == [["m", "m@a"]]
    assert [each.candidate.binding for each in rule.order] == ["ma"]
    assert (rule.choosy, bool(rule.everywhere)) == (True, True)
    asked = only(targets=[{"model": "m"}, {"provider": "a"}])
    assert (asked.served, asked.order, asked.everywhere, asked.choosy) == ((), (), frozenset(), False)


def test_routes_of_others_stay_where_they_are() -> None:
    space: Namespace = namespace_of(*SERVED, route("r"))
    assert space.routes is not None
    assert space.routes.own_tiers == {}
