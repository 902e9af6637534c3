import json

import pytest
from fakes.linting import linted

from reconciler.control.lint.rule import Finding
from reconciler.json_types import JsonObject, JsonValue


def document(kind: str, name: str, spec: JsonValue) -> str:
    return f"---\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {json.dumps(spec)}\n"


def provider(name: str, **config: JsonValue) -> str:
    return document(
        "Provider", name, {"type": "lm-studio", "config": {"baseURL": f"http://{name}", **config}}
    )


def binding(model: str, to: str) -> str:
    return document("Binding", f"{model}-{to}", {"model": model, "provider": to})


BASE = "".join(
    (
        provider("a", timeout="10s"),
        provider("b", timeout="20s"),
        provider("c"),
        document("Model", "m", {}),
        document("Model", "n", {}),
        binding("m", "a"),
        binding("m", "b"),
        binding("n", "c"),
    )
)


def of(rule: str, **spec: JsonValue) -> list[Finding]:
    route: JsonObject = {"targets": [{"model": "m"}], **spec}
    return [each for each in linted(BASE + document("Route", "r", route)).findings if each.rule == rule]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"hedge": {"delay": "20s"}}, "the timeout of all its targets"),
        ({"hedge": {"delay": "5s"}, "timeouts": {"total": "5s"}}, "timeouts.total"),
        ({"hedge": {"delay": "5s"}, "timeouts": {"firstByte": "4s"}}, "timeouts.firstByte"),
        (
            {"hedge": {"delay": "5s"}, "targets": [{"model": "m", "timeout": "5s"}]},
            "timeout of all its targets",
        ),
        ({"hedge": {"delay": "10s"}, "targets": [{"provider": "a"}]}, "the timeout of all its targets"),
    ],
)
def test_a_hedge_that_never_comes(spec: JsonObject, words: str) -> None:
    (found,) = of("route-hedge-too-late", **spec)
    assert words in found.message


@pytest.mark.parametrize(
    "spec",
    [
        {"hedge": {"delay": "19s"}},
        {"hedge": {"delay": "90s"}, "targets": [{"model": "m"}, {"model": "n"}]},
        {"hedge": {"delay": "90s"}, "targets": [{"provider": "elsewhere"}]},
        {"hedge": {"delay": "25s"}, "timeouts": {"firstByte": "30s"}},
        {"timeouts": {"total": "5s"}},
        {"hedge": {"delay": "90s"}, "enabled": False},
    ],
)
def test_a_hedge_that_may_come(spec: JsonObject) -> None:
    assert of("route-hedge-too-late", **spec) == []


def test_a_shadow_falls_on_who_serves() -> None:
    (found,) = of("route-shadow-serves", shadow={"target": {"model": "m", "provider": "b"}})
    assert "Provider/b serves the Route, too" in found.message
    assert of("route-shadow-serves", shadow={"target": {"model": "n"}}) == []
    assert of("route-shadow-serves", targets=[{"provider": "c"}], shadow={"target": {"model": "m"}}) == []
    assert of("route-shadow-serves") == []


def test_a_shadow_that_nobody_is() -> None:
    (found,) = of("route-shadow-unbound", shadow={"target": {"model": "n", "provider": "a"}})
    assert "no Binding in these files binds Model/n to Provider/a" in found.message
    assert of("route-shadow-unbound", shadow={"target": {"model": "elsewhere"}}) == []
    assert of("route-shadow-unbound", shadow={"target": {"model": "n"}}) == []


def test_parts_for_several_models() -> None:
    assert of("route-unlike-vectors", parallelThreshold=9) == []
    assert of("route-unlike-vectors", targets=[{"model": "m"}, {"model": "n"}]) == []
    (found,) = of("route-unlike-vectors", parallelThreshold=9, targets=[{"model": "m"}, {"model": "n"}])
    assert "several Models" in found.message
