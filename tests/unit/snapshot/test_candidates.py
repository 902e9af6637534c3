from collections.abc import Mapping
from dataclasses import replace

from fakes.serving import simulator as built
from fakes.states import stored
from fakes.workshop import binding, model, simulator

from reconciler.json_types import JsonValue
from reconciler.protocol.parameters import Parameters
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.snapshot.candidates import (
    active_provider,
    default_model,
    forward,
    forwards,
    served,
    settings_of,
)
from reconciler.snapshot.model import Health, Timeouts, Upstream
from reconciler.snapshot.retries import Retry

SPACE = "default"
UPSTREAMS: Mapping[ResourceKey, Upstream] = {each.key: each for each in (built("a"), built("b"))}
M = stored(model("m"))


def settings(**spec: JsonValue) -> Resource:
    return Resource(ResourceKey("Settings", SPACE, "default"), spec)


def around(*resources: Resource) -> dict[ResourceKey, StoredResource]:
    return {each.key: stored(each) for each in (simulator("a"), simulator("b"), *resources)}


def test_what_the_settings_say_and_what_holds_without_them() -> None:
    there = around(settings(activeProvider="a", unknownModels="forward"))
    assert settings_of(SPACE, there) == {"activeProvider": "a", "unknownModels": "forward"}
    assert (active_provider(SPACE, there), forwards(SPACE, there)) == (simulator("a").key, True)
    assert (settings_of(SPACE, {}), active_provider(SPACE, {}), forwards(SPACE, {})) == ({}, None, False)


def test_unknown_models_go_to_the_active_provider_where_both_are_said_and_it_is_built() -> None:
    there = around(settings(activeProvider="a", unknownModels="forward"))
    found = forward(SPACE, there, UPSTREAMS)
    assert found is not None
    assert (found.provider, found.binding, found.upstream_model) == ("a", "", None)
    assert forward(SPACE, there, {}) is None
    assert forward(SPACE, around(settings(activeProvider="a", unknownModels="reject")), UPSTREAMS) is None
    assert forward(SPACE, around(settings(unknownModels="forward")), UPSTREAMS) is None
    assert forward(SPACE, around(settings(activeProvider="z", unknownModels="forward")), UPSTREAMS) is None


def test_whether_it_is_asked_again_is_the_providers_to_say() -> None:
    again = Resource(simulator("a").key, {"type": "simulator", "config": {}, "retry": {"attempts": 3}})
    there = {**around(settings(activeProvider="a", unknownModels="forward")), again.key: stored(again)}
    bindings = [stored(binding("x", "m", "a")), stored(binding("y", "m", "b"))]
    found = {each.provider: each.retry for each in served(M, bindings, there, UPSTREAMS).candidates}
    assert found == {"a": Retry(3), "b": None}
    unbound = forward(SPACE, there, UPSTREAMS)
    assert unbound is not None
    assert unbound.retry == Retry(3)


def test_whose_answers_are_read_to_their_end_is_the_providers_to_say() -> None:
    draining = Resource(
        simulator("a").key, {"type": "simulator", "config": {}, "onClientDisconnect": "drain"}
    )
    there = {**around(settings(activeProvider="a", unknownModels="forward")), draining.key: stored(draining)}
    bindings = [stored(binding("x", "m", "a")), stored(binding("y", "m", "b"))]
    found = {each.provider: each.drain for each in served(M, bindings, there, UPSTREAMS).candidates}
    assert found == {"a": True, "b": False}
    unbound = forward(SPACE, there, UPSTREAMS)
    assert unbound is not None
    assert unbound.drain


def test_the_default_model_is_the_settings_or_that_of_the_active_provider() -> None:
    bindings = [
        stored(binding("x", "m", "a")),
        stored(binding("y", "n", "a", default=True)),
    ]
    assert default_model(SPACE, around(settings(defaultModel="o")), bindings) == "o"
    assert default_model(SPACE, around(settings()), bindings) == "n"
    assert default_model(SPACE, around(), bindings[:1]) is None
    off = stored(binding("y", "n", "a", default=True, enabled=False))
    assert default_model(SPACE, around(), [off]) is None


def test_a_model_that_no_binding_names_goes_there_under_its_own_name() -> None:
    there = around(settings(activeProvider="a", unknownModels="forward"))
    (only,) = served(M, (), there, UPSTREAMS).candidates
    assert (only.provider, only.upstream_model) == ("a", "m")
    off = stored(binding("x", "m", "b", enabled=False))
    assert served(M, [off], there, UPSTREAMS).candidates == ()
    assert served(M, (), around(), UPSTREAMS).candidates == ()


def test_the_config_of_a_binding_is_made_ready_for_the_wire() -> None:
    config: JsonValue = {"defaults": {"temperature": "0.2"}, "drop": ["n"]}
    bindings = [stored(binding("x", "m", "a", config=config)), stored(binding("y", "m", "b"))]
    found = [each.parameters for each in served(M, bindings, around(), UPSTREAMS).candidates]
    assert found == [Parameters((("temperature", b"0.2"),), (), frozenset({"n"})), None]


def test_the_active_provider_is_before_all_priorities() -> None:
    bindings = [stored(binding("x", "m", "a", priority=9)), stored(binding("y", "m", "b"))]
    order = [each.provider for each in served(M, bindings, around(), UPSTREAMS).candidates]
    assert order == ["a", "b"]
    there = around(settings(activeProvider="b"))
    assert [each.provider for each in served(M, bindings, there, UPSTREAMS).candidates] == ["b", "a"]


def test_health_and_deadlines_are_the_providers_in_seconds() -> None:
    told = replace(
        simulator("a"),
        spec={
            "type": "openai-compatible",
            "config": {"firstByteTimeout": "20s", "idleTimeout": 1500},
            "health": {"failureThreshold": 0, "window": "1m", "openFor": "250ms"},
        },
    )
    there = {**around(settings(activeProvider="a", unknownModels="forward")), told.key: stored(told)}
    forwarded = forward(SPACE, there, UPSTREAMS)
    (bound,) = served(M, [stored(binding("x", "m", "a"))], there, UPSTREAMS).candidates
    assert forwarded is not None
    for found in (forwarded, bound):
        assert found.timeouts == Timeouts(5.0, 120.0, first_byte=20.0, idle=1.5)
        assert found.health == Health(0, 60.0, 0.25)
    (plain,) = served(M, [stored(binding("x", "m", "b"))], there, UPSTREAMS).candidates
    assert (plain.health, plain.timeouts) == (Health(), Timeouts(5.0, 120.0))


def test_who_serves_nothing_is_told_with_the_reason() -> None:
    dark = stored(Resource(ResourceKey("Provider", SPACE, "c"), {"type": "simulator", "enabled": False}))
    there = {**around(simulator("d")), dark.key: dark}
    bindings = [
        stored(binding("v", "m", "a", weight=3, priority=2)),
        stored(binding("w", "m", "b", enabled=False)),
        stored(binding("x", "m", "c")),
        stored(binding("y", "m", "d")),
        stored(binding("z", "m", "gone")),
    ]
    found = served(M, bindings, there, UPSTREAMS)
    assert [(each.binding, each.priority, each.weight) for each in found.candidates] == [("v", 2, 3)]
    assert [(each.binding, each.reason) for each in found.left_out] == [
        ("w", "the Binding is disabled"),
        ("x", "the Provider is disabled"),
        ("y", "the Provider is refused; its conditions say why"),
        ("z", "there is no such Provider"),
    ]


def test_the_headers_that_a_binding_sets_are_its_candidates() -> None:
    bindings = [
        stored(binding("x", "m", "a", config={"headers": {"X-Team": "{header.X-Team}"}})),
        stored(binding("y", "m", "b", config={"drop": ["n"]})),
    ]
    first, second = served(M, bindings, around(), UPSTREAMS).candidates
    assert first.headers is not None
    assert first.headers.templates == (("x-team", ("", "header.x-team", "")),)
    assert second.headers is None
