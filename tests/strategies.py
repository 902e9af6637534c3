"""Hypothesis strategies: whole consistent configurations of all kinds, edits of them, and field sets.

Names come from small pools, so that two configurations overlap and an edit meets what is there. A resource is one draw
from a list of specs: drawing every field by itself took most of a test's time.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import product

from hypothesis import strategies as st

from reconciler.control.manifest.validate import violations
from reconciler.control.ownership.field_set import FieldSet
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey

Configuration = Mapping[ResourceKey, Resource]

NAMESPACES = ("default", "team-a")
_PROVIDERS = ("alpha", "beta", "gamma")
_MODELS = ("m-1", "m-2", "m-3")
_SECRETS = ("keys", "more-keys")
_LABELS: tuple[dict[str, str], ...] = ({}, {"team": "a"}, {"team": "b", "example.com/owner": ""})


def texts() -> st.SearchStrategy[dict[str, str]]:
    """Labels or annotations."""
    return st.sampled_from(_LABELS)


def _without_none(written: Mapping[str, JsonValue]) -> JsonObject:
    return {name: value for name, value in written.items() if value is not None}


def _from_secret(name: str, key: str) -> JsonObject:
    return {"valueFrom": {"secret": {"name": name, "key": key}}}


_ENV: JsonObject = {"valueFrom": {"env": "UPSTREAM_API_KEY"}}
_FILE: JsonObject = {"valueFrom": {"file": "/run/secrets/upstream"}}

SECRETS: Sequence[JsonObject] = (
    {"data": {"ONE": {"value": "sk-first-literal"}}},
    {"data": {"ONE": {"value": "sk-second-literal"}, "TWO": _ENV}, "hosts": ["a.example"]},
    {"data": {"ONE": _FILE, "TWO": {"value": "sk-first-literal"}}, "hosts": ["a.example", "b.example"]},
    {"data": {"TWO": _ENV}},
)
_SIMULATORS: Sequence[JsonObject] = (
    {"type": "simulator", "config": {}},
    {"type": "simulator", "config": {"text": "Drei, vier", "latency": 5}, "priority": 2},
    {"type": "simulator", "config": {"text": "a: b", "latency": "5ms"}, "enabled": False},
    {"type": "simulator", "config": {"latency": "1s", "chunkSize": 3}, "description": "yes", "enabled": True},
)
_KEYS: Sequence[tuple[JsonValue, JsonValue]] = (
    (None, {}),
    ("sk-first-literal", {"x-team": "a"}),
    ("sk-second-literal", None),
    (_ENV, {"x-team": "b", "x-tier": "a"}),
    (_from_secret("keys", "ONE"), None),
    (_from_secret("more-keys", "TWO"), {"x-tier": "a"}),
)
_TIMEOUTS: Sequence[tuple[JsonValue, JsonValue]] = (
    (None, "2s"),
    ("90s", None),
    ("1m30s", "2000ms"),
    (90_000, None),
)
_REMOTE: Sequence[JsonObject] = tuple(
    {
        "type": kind,
        "config": _without_none(
            {
                "baseURL": base,
                "apiKey": key,
                "timeout": timeout,
                "headers": headers,
                "connectTimeout": connect,
                "idleTimeout": connect,
            }
        ),
        "priority": -1,
        "health": {"failureThreshold": 0} if timeout is None else {"window": timeout, "openFor": "2s"},
        "limits": {"maxConcurrent": 2}
        if timeout is None
        else {"tokensPerMinute": 9, "queue": {"timeout": timeout}},
    }
    for (kind, base), (key, headers), (timeout, connect) in product(
        (("openai-compatible", "https://a.example/v1"), ("lm-studio", "https://b.example")),
        _KEYS,
        _TIMEOUTS,
    )
)
PROVIDERS: Sequence[JsonObject] = (*_SIMULATORS, *_REMOTE)


def _models(name: str) -> Sequence[JsonObject]:
    return (
        {},
        {"displayName": "1", "aliases": [f"{name}-latest", f"{name}/*"]},
        {"capabilities": ["chat", "tools"], "contextWindow": 8, "aliases": ["shared"]},
        {"capabilities": ["tools", "chat"], "aliases": [f"acme/{name}"], "description": "ünï"},
    )


_MORE: Sequence[JsonObject] = (
    {},
    {"upstreamModel": "*", "priority": 3},
    {"upstreamModel": "up", "enabled": False},
    {"weight": 2, "default": True},
    {"weight": 0, "priority": 3},
    {"default": True, "enabled": False},
    {"config": {"defaults": {"temperature": "0.2", "stop": ["a"]}, "drop": ["n"]}},
    {"config": {"defaults": {"temperature": "0.3"}, "overrides": {"n": 1}}},
    {"config": {"headers": {"X-Team": "{header.X-Team}"}}},
)
_BINDINGS: Sequence[JsonObject] = tuple(
    _without_none({"model": model, "provider": provider, **more})
    for (model, provider), more in product(product(_MODELS, _PROVIDERS), _MORE)
)
_SETTINGS: Sequence[JsonObject] = (
    {},
    {"defaultModel": "m-1"},
    {"defaultModel": "m-2"},
    {"defaultModel": "shared"},
    {"defaultModel": "m-1-latest"},
    {"defaultModel": "m-1/x"},
    {"activeProvider": "alpha"},
    {"activeProvider": "beta", "unknownModels": "forward"},
    {"execution": {"timeout": "30s", "maxRetries": 2, "maxParallelWorkers": 5}},
    {"execution": {"maxRetries": 1}, "activeProvider": "alpha", "unknownModels": "forward"},
    {"activeProvider": "alpha", "unknownModels": "forward"},
    {"unknownModels": "forward"},
    {"activeProvider": "beta", "defaultModel": "m-1"},
)


_ROUTES: Sequence[JsonObject] = (
    {},
    {"strategy": "least-busy", "priority": 1},
    {"enabled": False, "targets": [{"model": "m-1"}]},
    {"match": {"models": ["m-1", "shared", "gone-*"]}, "targets": [{"model": "m-2"}, {"provider": "alpha"}]},
    {
        "match": {"models": ["m-1-latest"]},
        "strategy": "cheapest",
        "targets": [{"model": "m-1"}, {"model": "m-2"}],
    },
    {
        "match": {"taskTypes": ["code"], "headers": [{"name": "X-Team", "value": "a*", "type": "glob"}]},
        "strategy": "weighted",
        "targets": [
            {"model": "m-1", "provider": "alpha", "weight": 3, "timeout": "2s"},
            {"model": "m-2", "provider": "beta", "timeout": 2000},
            {"model": "m-3", "priority": -1},
        ],
    },
    {
        "match": {"promptTokens": {"max": 8}, "capabilities": ["tools"]},
        "strategy": "sticky",
        "sticky": {"header": "X-Session"},
        "targets": [{"model": "m-1"}, {"model": "m-3", "weight": 0}],
    },
)


def _clients(start: str) -> Sequence[JsonObject]:
    """`start` of the ids of its keys, which no other client has."""
    one, two = (_client_entry(start, place) for place in "12")
    return (
        {"keys": [one]},
        {"keys": [two, one], "models": ["m-*"]},
        {"keys": [{**one, "enabled": False}, {**two, "expires": "2031-01-31T00:00:00Z"}]},
        {"keys": [one], "enabled": False, "limits": {"requestsPerMinute": 2}},
        {"budgets": [{"window": "day", "tokens": 9}], "metadata": {"a": "b"}},
        {"keys": [{**one, "hash": two["hash"]}], "budgets": [{"window": "month", "amount": "1.5"}]},
    )


def _client_entry(start: str, place: str) -> JsonObject:
    return {"id": f"{start}{place}".rjust(12, "0"), "hash": f"sha256:{place * 64}"}


def provider_specs() -> st.SearchStrategy[JsonObject]:
    return st.sampled_from(PROVIDERS)


def _pool(namespace: str) -> list[tuple[ResourceKey, Sequence[JsonObject]]]:
    made: list[tuple[ResourceKey, Sequence[JsonObject]]] = []
    made += [(ResourceKey("Secret", namespace, name), SECRETS) for name in _SECRETS]
    made += [(ResourceKey("Provider", namespace, name), PROVIDERS) for name in _PROVIDERS]
    made += [(ResourceKey("Model", namespace, name), _models(name)) for name in _MODELS]
    made += [(ResourceKey("Binding", namespace, f"b-{each}"), _BINDINGS) for each in range(4)]
    made += [(ResourceKey("Route", namespace, f"r-{each}"), _ROUTES) for each in range(2)]
    made.append((ResourceKey("Settings", namespace, "default"), _SETTINGS))
    made += [(ResourceKey("ClientKey", namespace, name), _clients(f"{namespace[:4]}{name}")) for name in "xy"]
    return made


_POOLS = {namespace: _pool(namespace) for namespace in NAMESPACES}


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    """Resources that keep all rules together."""
    resources: dict[ResourceKey, Resource] = {}
    for namespace in draw(st.sampled_from([("default",), NAMESPACES])):
        for key, specs in _POOLS[namespace]:
            number = draw(st.integers(0, 3 * len(specs)))
            if number >= len(specs) // 2:
                labels = _LABELS[number % len(_LABELS)]
                annotations = _LABELS[number // 2 % len(_LABELS)]
                resources[key] = Resource(key, specs[number % len(specs)], labels, annotations)
    return consistent(resources)


@st.composite
def edits_of(draw: st.DrawFn, before: Configuration) -> Configuration:
    """Another configuration, of which a part is taken over from `before`, or all."""
    other = draw(configurations())
    keys = sorted({*before, *other})
    changed = draw(st.sets(st.sampled_from(keys), max_size=8)) if keys else set()
    mixed: dict[ResourceKey, Resource] = {}
    for key in keys:
        source = other if key in changed else before
        if key in source:
            mixed[key] = source[key]
    return consistent(mixed)


@st.composite
def histories(draw: st.DrawFn, *, length: int = 4) -> list[Configuration]:
    """One configuration after another."""
    made = [draw(configurations())]
    for _ in range(draw(st.integers(1, length - 1))):
        made.append(draw(edits_of(made[-1])))
    return made


def consistent(resources: Mapping[ResourceKey, Resource]) -> dict[ResourceKey, Resource]:
    """`resources` without those that break a rule."""
    kept = dict(resources)
    while broken := {violation.key for violation in violations(kept)}:
        kept = {key: resource for key, resource in kept.items() if key not in broken}
    return kept


def field_sets() -> st.SearchStrategy[FieldSet]:
    """Sets of paths with fields, keyed items and set items."""
    names = st.sampled_from(["spec", "config", "a.b", "", "x:y", "name"])
    element = st.one_of(
        names.map(lambda name: ("f", name)),
        names.map(lambda name: ("k", json.dumps({"name": name}))),
        names.map(lambda name: ("v", json.dumps(name))),
    )
    return st.frozensets(st.lists(element, min_size=1, max_size=4).map(tuple), max_size=8)
