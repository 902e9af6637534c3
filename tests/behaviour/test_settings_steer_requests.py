"""What Settings and Bindings say of a request's way, from manifest to upstream."""

import pytest
from fakes.applied_gateway import AppliedGateway
from fakes.command import Routerctl, manifest

from reconciler.json_types import JsonValue


@pytest.fixture
def gateway(routerctl: Routerctl) -> AppliedGateway:
    return AppliedGateway(routerctl)


def provider(name: str, **more: JsonValue) -> str:
    config: JsonValue = {"baseURL": f"http://{name}.example/v1"}
    return manifest("Provider", name, {"type": "openai-compatible", "config": config, **more})


def binding(model: str, to: str, **more: JsonValue) -> str:
    return manifest("Binding", f"{model}-{to}", {"model": model, "provider": to, **more})


def settings(**spec: JsonValue) -> str:
    return manifest("Settings", "default", spec)


PAIR = (
    provider("far", priority=9),
    provider("near"),
    manifest("Model", "m"),
    binding("m", "far"),
    binding("m", "near"),
)


def test_the_active_provider_is_tried_first_and_the_others_after_it(gateway: AppliedGateway) -> None:
    gateway.apply(*PAIR)
    assert gateway.chat(model="m").providers == ["far"]
    gateway.apply(*PAIR, settings(activeProvider="near"))
    assert gateway.chat(model="m").providers == ["near"]
    gateway.down = ["near"]
    answered = gateway.chat(model="m")
    assert (answered.providers, answered.response.status_code) == (["near", "far"], 200)


def test_an_active_provider_that_is_disabled_is_passed_over(gateway: AppliedGateway) -> None:
    gateway.apply(*PAIR[:1], provider("near", enabled=False), *PAIR[2:], settings(activeProvider="near"))
    assert gateway.chat(model="m").providers == ["far"]


def test_an_active_provider_can_not_be_deleted_from_under_its_settings(gateway: AppliedGateway) -> None:
    gateway.apply(*PAIR, settings(activeProvider="near"))
    gateway.routerctl.write("a.yaml", *PAIR[:1], *PAIR[2:4], settings(activeProvider="near"))
    refused = gateway.routerctl("apply", "-f", gateway.routerctl.manifests, "--prune")
    assert refused.code == 3
    assert "Provider/near" in refused.err
    assert "spec.activeProvider" in refused.err


def test_a_request_that_names_no_model_gets_the_default_of_the_active_provider(
    gateway: AppliedGateway,
) -> None:
    stood = [
        provider("a"),
        provider("b"),
        *(manifest("Model", name) for name in "mno"),
        binding("m", "a", default=True),
        binding("n", "b", default=True, upstreamModel="up"),
        binding("o", "b"),
    ]
    gateway.apply(*stood)
    assert gateway.chat().code == (400, "missing_required_parameter")
    gateway.apply(*stood, settings(activeProvider="b"))
    assert gateway.chat().sent == [b'{"model": "up", "messages": []}']
    gateway.apply(*stood, settings(activeProvider="a"))
    assert gateway.chat().sent == [b'{"model": "m", "messages": []}']
    gateway.apply(*stood, settings(activeProvider="a", defaultModel="o"))
    assert gateway.chat().sent == [b'{"model": "o", "messages": []}']


def test_what_the_active_provider_has_by_default_can_be_deleted_with_its_binding(
    gateway: AppliedGateway,
) -> None:
    stood = [provider("a"), settings(activeProvider="a")]
    gateway.apply(*stood, manifest("Model", "m"), binding("m", "a", default=True))
    gateway.routerctl.write("a.yaml", *stood)
    told = gateway.routerctl("diff", "-f", gateway.routerctl.manifests, "--prune")
    assert told.code == 1
    assert ["default-model", "default:", "m", "→", "none"] in [line.split() for line in told.out.splitlines()]
    assert "needed by Settings" not in told.out
    gateway.apply(*stood)
    assert gateway.chat().code == (400, "missing_required_parameter")


def test_of_bindings_of_one_priority_the_heavier_is_tried_first(gateway: AppliedGateway) -> None:
    stood = [provider("a"), provider("b"), manifest("Model", "m"), binding("m", "a")]
    gateway.apply(*stood, binding("m", "b"))
    assert gateway.chat(model="m").providers == ["a"]
    gateway.apply(*stood, binding("m", "b", weight=2))
    gateway.down = ["b"]
    assert gateway.chat(model="m").providers == ["b", "a"]


CONFIG: JsonValue = {
    "defaults": {"temperature": "0.20", "max_tokens": 100},
    "overrides": {"user": "gateway"},
    "drop": ["logit_bias"],
}


def test_a_binding_changes_parameters_and_leaves_every_other_byte(gateway: AppliedGateway) -> None:
    stood = [provider("a", priority=1), provider("b"), manifest("Model", "m")]
    gateway.apply(*stood, binding("m", "a", config=CONFIG, upstreamModel="up"), binding("m", "b"))
    gateway.down = ["a"]
    body = (
        '{"model":"m", "x":1.50,"logit_bias":{"1":2},"max_tokens":7, "messages":[{"content":"é"}]}'.encode()
    )
    answered = gateway.ask("/v1/chat/completions", body)
    assert answered.providers == ["a", "b"]
    assert answered.sent[0].decode() == (
        '{"user": "gateway", "temperature": 0.20, "model":"up", "x":1.50,"max_tokens":7, "messages":[{"content":"é"}]}'
    )
    assert answered.sent[1] == body
    counted = gateway.ask("/v1/messages/count_tokens", b'{"model":"m","messages":[]}')
    assert counted.sent[0] == b'{"model":"up","messages":[]}'


def test_a_float_is_refused_with_its_place_and_what_to_write(gateway: AppliedGateway) -> None:
    text = binding("m", "a", config={"defaults": {"temperature": "0.2"}}).replace('"0.2"', "0.2")
    gateway.routerctl.write("a.yaml", provider("a"), manifest("Model", "m"), text)
    refused = gateway.routerctl("validate", "-f", gateway.routerctl.manifests)
    assert refused.code == 3
    assert "spec.config.defaults.temperature: floats are not used" in refused.err
    assert "write it as a string (in quotes)" in refused.err


def test_what_the_gateway_sets_itself_can_not_be_a_parameter(gateway: AppliedGateway) -> None:
    texts = [provider("a"), manifest("Model", "m"), binding("m", "a", config={"overrides": {"model": "x"}})]
    gateway.routerctl.write("a.yaml", *texts)
    refused = gateway.routerctl("validate", "-f", gateway.routerctl.manifests)
    assert refused.code == 3
    assert "spec.config.overrides.model" in refused.err
    assert "what the gateway reads and sets itself" in refused.err


def test_a_binding_sets_headers_and_no_client_sets_others(gateway: AppliedGateway) -> None:
    headers: JsonValue = {
        "X-Team": "acme/{header.x-team}",
        "X-Model": "{model}>{upstreamModel}@{provider}",
        "X-Request": "{{{requestId}}}",
    }
    stood = [provider("a", priority=1), provider("b"), manifest("Model", "m", {"aliases": ["any-*"]})]
    gateway.apply(
        *stood, binding("m", "a", config={"headers": headers}, upstreamModel="*"), binding("m", "b")
    )
    gateway.down = ["a"]
    named, body = ("X-Team", "blue"), b'{"model": "any-thing", "messages": []}'
    for asked in (gateway.ask("/v1/chat/completions", body, named), gateway.ask("/v1/rerank", body, named)):
        told, plain = (dict(each) for each in asked.headers)
        request_id = asked.response.headers["x-routerctl-request-id"]
        assert (told["x-team"], told["x-model"]) == ("acme/blue", "any-thing>thing@a")
        assert told["x-request"] == f"{{{request_id}}}"
        assert not {"x-team", "x-model", "x-request"} & {*plain}
        assert {**plain, "accept": ""} == {**{name: told[name] for name in plain}, "accept": ""}
    alone = gateway.ask("/v1/chat/completions", body, ("X-Model", "mine"), ("X-Team", "a\tb"))
    assert dict(alone.headers[0])["x-model"] == "any-thing>thing@a"
    assert "x-team" not in dict(alone.headers[0])


def test_a_header_that_could_carry_a_credential_or_another_host_is_no_template(
    gateway: AppliedGateway,
) -> None:
    headers: JsonValue = {
        "Authorization": "x",
        "Host": "x",
        "X-Original-URL": "{header.x-path}",
        "X-Key": "{header.Authorization}",
        "X-Code": "{model.upper()}",
    }
    gateway.routerctl.write(
        "a.yaml", provider("a"), manifest("Model", "m"), binding("m", "a", config={"headers": headers})
    )
    refused = gateway.routerctl("validate", "-f", gateway.routerctl.manifests)
    assert refused.code == 3
    told = refused.err.splitlines()
    for name, words in (
        ("Authorization", "would hold a credential; use apiKey"),
        ("Host", "is set by the gateway itself"),
        ("X-Original-URL", "another host, path or method"),
        ("X-Key", "the client's credential; no provider gets that"),
        ("X-Code", 'unknown placeholder "{model.upper()}"; there are {model}, {upstreamModel}'),
    ):
        assert [line for line in told if f"spec.config.headers.{name}" in line and words in line], name


def test_an_unknown_model_goes_to_the_active_provider_and_counts_as_unknown(gateway: AppliedGateway) -> None:
    gateway.apply(*PAIR, settings(activeProvider="near"))
    assert gateway.chat(model="gpt-9").code == (404, "model_not_found")
    gateway.apply(*PAIR, settings(activeProvider="near", unknownModels="forward"))
    answered = gateway.ask("/v1/chat/completions", b'{"model": "gpt-9", "messages": [], "x": 0.20}')
    assert answered.response.status_code == 200
    assert (answered.providers, answered.sent) == (
        ["near"],
        [b'{"model": "gpt-9", "messages": [], "x": 0.20}'],
    )
    assert gateway.models() == ["m"]
    requests = gateway.telemetry.snapshot()["requests"]
    assert isinstance(requests, dict)
    assert requests["chat"] == {"unknown": {"none": {"4xx": 1}, "near": {"2xx": 1}}}


def test_a_model_that_no_binding_names_goes_to_the_active_provider_under_its_name(
    gateway: AppliedGateway,
) -> None:
    lonely = manifest("Model", "lonely", {"aliases": ["alone"]})
    gateway.apply(*PAIR, lonely)
    assert gateway.chat(model="alone").code == (503, "no_provider")
    gateway.apply(*PAIR, lonely, settings(activeProvider="near", unknownModels="forward"))
    answered = gateway.chat(model="alone")
    assert (answered.providers, answered.sent) == (["near"], [b'{"model": "lonely", "messages": []}'])


def test_without_an_active_provider_nothing_is_forwarded_and_the_answer_says_so(
    gateway: AppliedGateway,
) -> None:
    gateway.apply(*PAIR, settings(unknownModels="forward"))
    answered = gateway.chat(model="gpt-9")
    assert answered.code == (404, "model_not_found")
    assert "activeProvider" in answered.response.text


def test_a_change_of_the_active_provider_is_told_with_the_orders_it_changes(gateway: AppliedGateway) -> None:
    gateway.apply(*PAIR)
    gateway.routerctl.write("a.yaml", *PAIR, settings(activeProvider="near"))
    told = gateway.routerctl("diff", "-f", gateway.routerctl.manifests)
    assert told.code == 1
    impact = [line.split() for line in told.out.splitlines()]
    assert ["active-provider", "active:", "none", "→", "near"] in impact
    assert ["fallback-order", "Model/m:", "far,", "near", "→", "near,", "far"] in impact
