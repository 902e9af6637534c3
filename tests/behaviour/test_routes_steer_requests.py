"""What Routes say of a request's way, from manifest to upstream."""

from collections import Counter

import pytest
from fakes.applied_gateway import AppliedGateway
from fakes.command import Routerctl, manifest

from reconciler.gateway.dispatch.memory import Memory
from reconciler.json_types import JsonObject, JsonValue


@pytest.fixture
def gateway(routerctl: Routerctl) -> AppliedGateway:
    return AppliedGateway(routerctl, memory=Memory())


def provider(name: str, **more: JsonValue) -> str:
    config: JsonValue = {"baseURL": f"http://{name}.example/v1"}
    return manifest("Provider", name, {"type": "openai-compatible", "config": config, **more})


def binding(model: str, to: str, **more: JsonValue) -> str:
    return manifest("Binding", f"{model}-{to}", {"model": model, "provider": to, **more})


def route(name: str, *targets: JsonValue, **more: JsonValue) -> str:
    return manifest("Route", name, {**({"targets": [*targets]} if targets else {}), **more})


STOOD = (
    provider("near", priority=9),
    provider("far"),
    manifest("Model", "small", {"aliases": ["s"], "capabilities": ["chat"]}),
    manifest("Model", "big", {"capabilities": ["chat", "tools"]}),
    binding("small", "near"),
    binding("small", "far"),
    binding("big", "far", upstreamModel="big-2"),
)
TOOLS: JsonObject = {"model": "small", "messages": [], "tools": [{"type": "function"}]}


def test_a_canary_gets_its_share_and_falls_back(gateway: AppliedGateway) -> None:
    shares: tuple[JsonValue, ...] = (
        {"model": "small", "provider": "near", "weight": 9},
        {"model": "small", "provider": "far", "weight": 1},
    )
    gateway.apply(*STOOD, route("canary", *shares, match={"models": ["small"]}, strategy="weighted"))
    tried = Counter(gateway.chat(model=name).providers[0] for name in ("small", "s") * 10)
    assert tried == {"near": 18, "far": 2}
    gateway.down = ["near"]
    assert gateway.chat(model="small").providers == ["near", "far"]


def test_shares_go_on_where_a_revision_changes_something_else(gateway: AppliedGateway) -> None:
    shares: tuple[JsonValue, ...] = (
        {"model": "small", "provider": "near"},
        {"model": "small", "provider": "far"},
    )
    stood = (*STOOD, route("r", *shares, strategy="weighted"))
    gateway.apply(*stood)
    first = gateway.chat(model="small").providers
    gateway.apply(*stood, manifest("Model", "other"))
    assert [first, gateway.chat(model="small").providers] == [["near"], ["far"]]


def test_tasks_go_to_whom_their_route_names_in_its_order(gateway: AppliedGateway) -> None:
    task: JsonValue = {"taskTypes": ["code_generation"]}
    gateway.apply(*STOOD, route("code", {"model": "big"}, {"model": "small", "priority": -1}, match=task))
    body: JsonObject = {"messages": [], "metadata": {"task_type": "code_generation"}}
    gateway.down = ["far"]
    answered = gateway.ask("/v1/chat/completions", body)
    assert answered.providers == ["far", "near"]
    assert b'"model": "big-2"' in answered.sent[0]
    assert b'"model": "small"' in answered.sent[1]
    assert gateway.chat().code == (400, "missing_required_parameter")


def test_models_that_lack_what_a_request_needs_are_passed_over(gateway: AppliedGateway) -> None:
    stood = (*STOOD, route("any", {"model": "small", "provider": "near"}, {"model": "big"}))
    gateway.apply(*stood)
    assert gateway.chat(model="small").providers == ["near"]
    assert gateway.ask("/v1/chat/completions", TOOLS).providers == ["far"]
    gateway.apply(*STOOD, route("any", {"model": "small"}))
    refused = gateway.ask("/v1/chat/completions", TOOLS)
    assert refused.code == (400, "capability_not_served")
    assert "tools" in refused.response.text


def test_a_route_comes_before_the_active_provider_and_its_targets_alone_serve(
    gateway: AppliedGateway,
) -> None:
    active = manifest("Settings", "default", {"activeProvider": "far"})
    gateway.apply(*STOOD, active)
    assert gateway.chat(model="small").providers == ["far"]
    gateway.apply(*STOOD, active, route("r", {"provider": "near"}, match={"models": ["small"]}))
    gateway.down = ["near"]
    answered = gateway.chat(model="small")
    assert (answered.providers, answered.response.status_code) == (["near"], 503)


def test_a_name_that_no_model_has_can_be_given_to_one(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route("claude", {"model": "big"}, match={"models": ["claude-*"]}))
    answered = gateway.chat(model="claude-9")
    assert (answered.providers, answered.sent) == (["far"], [b'{"model": "big-2", "messages": []}'])
    assert gateway.chat(model="gpt-9").code == (404, "model_not_found")
    assert gateway.models() == ["big", "s", "small"]


def test_a_route_that_names_what_is_not_there_is_refused(gateway: AppliedGateway) -> None:
    gateway.routerctl.write(
        "a.yaml", *STOOD, route("r", {"model": "big"}, {"model": "gone", "provider": "near"})
    )
    refused = gateway.routerctl("apply", "-f", gateway.routerctl.manifests)
    assert refused.code == 3
    assert "spec.targets[1].model" in refused.err
    assert "Model/gone" in refused.err


def test_what_a_change_of_a_route_means_is_told(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route("r", {"model": "small"}, {"model": "big"}))
    gateway.routerctl.write("a.yaml", *STOOD, route("r", {"model": "big"}, {"model": "small"}))
    told = gateway.routerctl("diff", "-f", gateway.routerctl.manifests)
    assert "route-order  Route/r: priority, small@near, small@far, big@far → priority, big@far, " in told.out
    assert gateway.routerctl("diff", "-f", gateway.routerctl.manifests, "--fail-on", "route-order").code == 4


def test_explain_tells_what_the_gateway_does(gateway: AppliedGateway) -> None:
    gateway.apply(*STOOD, route("any", {"model": "small", "provider": "near"}, {"model": "big"}))
    told = gateway.routerctl("route", "explain", "--model", "s", "--needs", "tools", "-o", "json").json()
    asked = gateway.ask("/v1/chat/completions", {**TOOLS, "model": "s"})
    assert [each["provider"] for each in told["candidates"]] == asked.providers == ["far"]
