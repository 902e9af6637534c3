import json

import pytest
from fakes.linting import linted

from reconciler.control.lint.rule import Finding
from reconciler.json_types import JsonValue


def document(kind: str, name: str, spec: JsonValue) -> str:
    return f"---\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {json.dumps(spec)}\n"


def route(name: str, **spec: JsonValue) -> str:
    return document("Route", name, {"targets": [{"model": "m"}], **spec})


def provider(name: str) -> str:
    return document("Provider", name, {"type": "lm-studio", "config": {"baseURL": f"http://{name}"}})


def binding(model: str, to: str, **more: JsonValue) -> str:
    return document("Binding", f"{model}-{to}", {"model": model, "provider": to, **more})


SERVED = (
    provider("a"),
    provider("b"),
    document("Model", "m", {"aliases": ["alias", "m/*"], "capabilities": ["chat", "JSON_schema"]}),
    document("Model", "n", {"pricing": {"input": "1"}}),
    binding("m", "a"),
    binding("n", "b"),
)


def of(rule: str, *texts: str) -> list[Finding]:
    return [finding for finding in linted("".join((*SERVED, *texts))).findings if finding.rule == rule]


def beaten(first: dict[str, JsonValue], second: dict[str, JsonValue]) -> list[str]:
    texts = [route("first", priority=1, match=first), route("second", match=second)]
    return [str(finding.key) for finding in of("route-never-decides", *texts)]


HEADER: JsonValue = {"name": "X-Team", "value": "a"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"models": ["m", "alias", "m/x"]}),
        ({"models": ["*"]}, {"models": ["anything"]}),
        ({"models": ["gpt-*", "m"]}, {"models": ["gpt-4", "m", "gpt-*"]}),
        ({"taskTypes": ["t", "u"]}, {"taskTypes": ["t"]}),
        ({"headers": [HEADER]}, {"headers": [HEADER, {"name": "X-B", "value": "b"}]}),
        ({"capabilities": ["tools"]}, {"capabilities": ["vision", "tools"]}),
        ({"promptTokens": {"min": 2}}, {"promptTokens": {"min": 3, "max": 9}}),
        ({"promptTokens": {"max": 9}}, {"promptTokens": {"max": 9}}),
    ],
)
def test_a_route_is_always_beaten_by_a_wider_one(
    first: dict[str, JsonValue], second: dict[str, JsonValue]
) -> None:
    assert beaten(first, second) == ["Route/second"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"models": ["gpt-4"]}),
        ({"models": ["*"]}, {}),
        ({"models": ["gpt-*"]}, {"models": ["gpt-4*"]}),
        ({"taskTypes": ["t"]}, {"taskTypes": ["t", "u"]}),
        ({"taskTypes": ["t"]}, {}),
        ({"headers": [HEADER]}, {}),
        ({"capabilities": ["tools"]}, {"capabilities": ["vision"]}),
        ({"promptTokens": {"min": 2}}, {}),
        ({"promptTokens": {"min": 2}}, {"promptTokens": {"max": 9}}),
        ({"promptTokens": {"max": 9}}, {"promptTokens": {"min": 2}}),
    ],
)
def test_a_route_with_something_of_its_own_decides(
    first: dict[str, JsonValue], second: dict[str, JsonValue]
) -> None:
    assert beaten(first, second) == []


def test_routes_of_others_and_disabled_ones_beat_nobody() -> None:
    elsewhere = route("x").replace("{name: x}", "{name: x, namespace: team}")
    assert of("route-never-decides", elsewhere, route("y"), route("a", enabled=False)) == []
    every = of("route-never-decides", route("a"), route("b"), route("c"))
    assert [str(finding.key) for finding in every] == ["Route/b", "Route/c"]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ({"model": "m"}, 0),
        ({"provider": "b"}, 0),
        ({"model": "elsewhere", "provider": "a"}, 0),
        ({"model": "m", "provider": "b"}, 1),
    ],
)
def test_a_target_that_is_not_bound(target: JsonValue, told: int) -> None:
    found = of("route-target-unbound", route("r", targets=[{"model": "n"}, target]))
    assert [(finding.field, "Model/m to Provider/b" in finding.message) for finding in found] == [
        ("spec.targets[1]", True)
    ] * told


def test_a_model_without_bindings_is_no_target() -> None:
    (finding,) = of("route-target-unbound", document("Model", "o", {}), route("r", targets=[{"model": "o"}]))
    assert "binds Model/o, or" in finding.message


def test_one_provider_for_all_targets() -> None:
    (finding,) = of("route-single-provider", route("r", targets=[{"model": "m"}, {"provider": "a"}]))
    assert "only Provider/a" in finding.message
    assert of("route-single-provider", route("r", targets=[{"model": "m"}, {"model": "n"}])) == []


def test_a_target_that_lacks_what_its_route_is_for() -> None:
    wanted: JsonValue = {"capabilities": ["json-schema", "vision"]}
    (finding,) = of(
        "route-incapable-target",
        route("r", match=wanted, targets=[{"model": "m"}, {"model": "n"}, {"provider": "a"}]),
    )
    assert (finding.field, "does not tell vision among" in finding.message) == ("spec.targets[0]", True)


def test_a_target_without_a_price() -> None:
    targets: JsonValue = [{"model": "m"}, {"model": "n"}, {"provider": "a"}, {"model": "elsewhere"}]
    found = of("route-unpriced-target", route("r", strategy="cheapest", targets=targets))
    assert [finding.field for finding in found] == ["spec.targets[0]", "spec.targets[2]"]


# --- names that no Model has ------------------------------------------------------------------------------------

_UNKNOWN = "route-unknown-model"


def _unknown(spec: str) -> list[str]:
    text = f"""\
kind: Model
metadata: {{name: phi}}
spec: {{aliases: [small, "phi/*"]}}
---
kind: Route
metadata: {{name: r}}
spec: {spec}
"""
    return [f"{each.field}: {each.message}" for each in linted(text).findings if each.rule == _UNKNOWN]


@pytest.mark.parametrize("models", ["[fi]", "[fi, 'gpt-*']"])
def test_a_route_for_names_that_no_model_has_decides_nothing(models: str) -> None:
    (found,) = _unknown(f"{{match: {{models: {models}}}, timeouts: {{total: 9s}}}}")
    assert found.startswith("spec.match.models: no Model in these files is called so")


def test_of_several_names_those_are_told_that_no_model_has() -> None:
    (found,) = _unknown("{match: {models: [phi, fi]}, timeouts: {total: 9s}}")
    assert found.startswith('spec.match.models[1]: no Model in these files is called "fi"')


@pytest.mark.parametrize(
    "spec",
    [
        "{match: {models: [phi, small, phi/mini, 'ph*']}, timeouts: {total: 9s}}",
        "{match: {models: [fi]}, targets: [{model: phi}]}",
        "{match: {models: [fi]}, timeouts: {total: 9s}, enabled: false}",
        "{timeouts: {total: 9s}}",
    ],
)
def test_others_are_fine(spec: str) -> None:
    assert _unknown(spec) == []
