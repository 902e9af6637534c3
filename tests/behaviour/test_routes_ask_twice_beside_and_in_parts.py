"""Deadlines, retries, hedges, shadows and large inputs, from manifest to upstream."""

import json

import pytest
from fakes.applied_gateway import AppliedGateway
from fakes.command import Routerctl, manifest
from fakes.transports import ScriptedExchange

from reconciler.gateway.dispatch.memory import Memory
from reconciler.json_types import JsonValue


@pytest.fixture
def gateway(routerctl: Routerctl) -> AppliedGateway:
    return AppliedGateway(routerctl, memory=Memory())


def provider(name: str) -> str:
    config: JsonValue = {"baseURL": f"http://{name}.example/v1"}
    return manifest("Provider", name, {"type": "openai-compatible", "config": config})


def binding(model: str, to: str) -> str:
    return manifest("Binding", f"{model}-{to}", {"model": model, "provider": to})


def route(**spec: JsonValue) -> str:
    targets: JsonValue = [{"model": "m", "provider": "near"}, {"model": "m", "provider": "far"}]
    return manifest("Route", "r", {"targets": targets, **spec})


STOOD = (
    *map(provider, ("near", "far", "trial")),
    *(manifest("Model", name) for name in ("m", "n")),
    *(binding("m", name) for name in ("near", "far")),
    binding("n", "trial"),
)


def test_who_is_slow_gets_a_rival(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route(hedge={"delay": "20ms", "percent": 100}))
    gateway.silent = ["near"]
    answered = gateway.chat(model="m")
    assert answered.providers == ["near", "far"]
    assert answered.response.headers["x-routerctl-provider"] == "far"
    assert answered.response.headers["x-routerctl-attempts"] == "2"
    counted = gateway.telemetry.snapshot()
    assert counted["beside"] == {"far": {"hedge": 1}}
    assert "fallbacks" not in counted


def test_a_request_has_no_more_time_than_its_route_gives(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route(timeouts={"total": "20ms"}))
    gateway.silent = ["near", "far"]
    answered = gateway.chat(model="m")
    assert (answered.providers, answered.code) == (["near"], (504, "upstream_timeout"))
    gateway.apply(*STOOD, route(timeouts={"firstByte": "20ms"}))
    answered = gateway.chat(model="m")
    assert (answered.providers, answered.code) == (["near", "far"], (504, "upstream_timeout"))


def test_after_what_another_is_tried_and_how_often(gateway: AppliedGateway) -> None:
    gateway.down = ["near"]
    rows: tuple[tuple[JsonValue, list[str]], ...] = (
        ({"attempts": 1}, ["near"]),
        ({"statuses": [429]}, ["near"]),
        ({"statuses": [503]}, ["near", "far"]),
        ({"attempts": 2}, ["near", "far"]),
    )
    for retry, tried in rows:
        gateway.memory = Memory()
        gateway.apply(*STOOD, route(retry=retry))
        assert gateway.chat(model="m").providers == tried


def test_a_shadow_gets_a_copy_and_is_counted_apart(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route(shadow={"target": {"model": "n"}}))
    answered = gateway.chat(model="m")
    assert answered.response.headers["x-routerctl-provider"] == "near"
    assert answered.response.headers["x-routerctl-attempts"] == "1"
    assert answered.providers == ["near", "trial"]
    assert json.loads(answered.sent[1])["model"] == "n"
    counted = gateway.telemetry.snapshot()
    assert counted["shadows"] == {"trial": {"2xx": 1}}
    assert counted["attempts"] == {"near": 1}
    assert counted["requests"] == {"chat": {"m": {"near": {"2xx": 1}}}}


def test_a_shadow_that_fails_or_hangs_is_nobodys_trouble(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route(shadow={"target": {"model": "n"}}))
    gateway.down = ["trial"]
    assert gateway.chat(model="m").response.status_code == 200
    gateway.silent = ["trial"]
    assert gateway.chat(model="m").response.status_code == 200


def embeddings(exchange: ScriptedExchange) -> bytes:
    texts = json.loads(exchange.request.body)["input"]
    data = [{"object": "embedding", "index": n, "embedding": [len(text)]} for n, text in enumerate(texts)]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return json.dumps({"object": "list", "data": data, "model": "up", "usage": usage}).encode()


def test_many_embeddings_are_shared_out_and_come_back_in_order(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route(parallelThreshold=3, maxParallelWorkers=2))
    gateway.answer = embeddings
    answered = gateway.ask("/v1/embeddings", {"model": "m", "input": ["a" * n for n in range(7)]})
    assert sorted(answered.providers) == ["far", "near", "near"]
    told = answered.response.json()
    assert [(each["index"], each["embedding"]) for each in told["data"]] == [(n, [n]) for n in range(7)]
    assert told["usage"] == {"prompt_tokens": 7, "total_tokens": 7}
    assert answered.response.headers["x-routerctl-attempts"] == "3"
    assert gateway.telemetry.snapshot()["tokens"] == {"m": {"near": {"input": 7, "output": 0}}}
    few = gateway.ask("/v1/embeddings", {"model": "m", "input": ["a", "b"]})
    assert few.providers == ["near"]


def test_what_a_route_asks_for_must_be_there(routerctl: Routerctl) -> None:
    shadow: JsonValue = {"target": {"model": "absent", "provider": "nobody"}}
    routerctl.write("a.yaml", *STOOD, route(shadow=shadow))
    refused = routerctl("apply", "-f", routerctl.manifests)
    assert refused.code == 3
    assert "spec.shadow.target.model" in refused.err
    assert "spec.shadow.target.provider" in refused.err
