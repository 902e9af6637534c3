import json

import pytest
from fakes.linting import linted

from reconciler.control.lint.rule import Finding
from reconciler.json_types import JsonObject, JsonValue


def document(kind: str, name: str, spec: JsonValue) -> str:
    return f"---\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {json.dumps(spec)}\n"


def provider(name: str, **spec: JsonValue) -> str:
    return document("Provider", name, {"type": "lm-studio", "config": {"baseURL": f"http://{name}"}, **spec})


def binding(model: str, to: str) -> str:
    return document("Binding", f"{model}-{to}", {"model": model, "provider": to})


def of(rule: str, text: str) -> list[Finding]:
    return [each for each in linted(text).findings if each.rule == rule]


# --- the circuit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry", "health", "words"),
    [
        ({}, {"failureThreshold": 1}, "failed once"),
        ({"attempts": 4}, {"failureThreshold": 3, "openFor": "3s"}, "failed 3 times"),
    ],
)
def test_a_circuit_that_opens_before_the_last_attempt(
    retry: JsonObject, health: JsonObject, words: str
) -> None:
    (found,) = of("retry-behind-circuit", provider("a", retry=retry, health=health))
    assert words in found.message


@pytest.mark.parametrize(
    ("retry", "health"),
    [
        (None, {"failureThreshold": 1}),
        ({}, {"failureThreshold": 0}),
        ({}, {"failureThreshold": 2}),
        ({}, {}),
        ({}, {"failureThreshold": 1, "openFor": "1s"}),
    ],
)
def test_one_that_does_not(retry: JsonObject | None, health: JsonObject) -> None:
    spec: JsonObject = {"health": health} if retry is None else {"retry": retry, "health": health}
    assert of("retry-behind-circuit", provider("a", **spec)) == []


# --- a Route above it -------------------------------------------------------------------------------------------

RETRY: JsonObject = {"attempts": 3, "statuses": [503]}
BASE = "".join(
    (
        provider("a", retry=RETRY),
        provider("b"),
        document("Model", "m", {}),
        document("Model", "alone", {}),
        binding("m", "a"),
        binding("m", "b"),
        binding("alone", "a"),
    )
)
ALL: JsonObject = {"targets": [{"model": "m"}]}
GENEROUS: JsonObject = {"attempts": 4, "statuses": [429, 503]}


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ({**ALL, "retry": {"attempts": 1}}, "1: Provider/a is never asked again here"),
        ({**ALL, "retry": {"attempts": 3}}, "3: Provider/a may take all of them"),
        ({**ALL, "retry": {"statuses": [429]}}, "none of the statuses"),
        ({"match": {"models": ["m"]}, "retry": {"attempts": 2}}, "may take all of them"),
        ({"targets": [{"provider": "a"}, {"provider": "b"}], "retry": {"attempts": 2}}, "may take all"),
    ],
)
def test_a_route_that_leaves_nothing_of_it(route: JsonObject, words: str) -> None:
    (found,) = of("route-retry-overrides", BASE + document("Route", "r", route))
    assert words in found.message


@pytest.mark.parametrize(
    "route",
    [
        ALL,
        {**ALL, "retry": GENEROUS},
        {"targets": [{"model": "alone"}], "retry": {"attempts": 3}},
        {"targets": [{"provider": "b"}], "retry": {"attempts": 1}},
        {**ALL, "retry": {"attempts": 1}, "enabled": False},
        {"match": {"models": ["nobody"]}, "retry": {"attempts": 1}},
        {"retry": {"attempts": 1}},
    ],
)
def test_one_that_goes_with_it(route: JsonObject) -> None:
    assert of("route-retry-overrides", BASE + document("Route", "r", route)) == []
