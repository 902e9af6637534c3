from fakes.importing import DATA, losses, secrets, specs

from reconciler.control.importing.envoy import import_envoy, is_of_envoy
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.texts import read_text
from reconciler.json_types import JsonObject


def golden() -> Findings:
    file = DATA / "envoy.yaml"
    return read_text(file, file.read_bytes(), "auto", {}, "default")


def test_backends_are_providers_and_rules_bindings() -> None:
    found = specs(golden())
    assert found["Provider/openai"]["config"] == {
        "baseURL": "https://api.openai.com/v1",
        "apiKey": {"valueFrom": {"env": "OPENAI_API_KEY"}},
    }
    assert found["Provider/local"]["config"] == {
        "baseURL": "https://172.18.0.1:8443/v2/openai",
        "apiKey": {"valueFrom": {"env": "LOCAL_API_KEY"}},
    }
    assert found["Binding/gpt-4o-mini-openai"] == {
        "model": "gpt-4o-mini",
        "provider": "openai",
        "priority": 0,
        "weight": 9,
    }
    assert found["Binding/gpt-4o-mini-local"]["upstreamModel"] == "qwen3-max"
    assert found["Binding/gpt-4o-mini-local"]["priority"] == -10
    assert found["Model/Qwen-Qwen3-8B"] == {"aliases": ["Qwen/Qwen3-8B"]}
    assert found["Binding/Qwen-Qwen3-8B-local"]["enabled"] is False
    assert not any(key.startswith("Route/") for key in found)


def test_what_is_lost_is_told_and_keys_are_named() -> None:
    found = golden()
    told = losses(found)
    assert "AWSBedrock" in told["AIServiceBackend/bedrock.schema"]
    assert {
        "Gateway/llm",
        "BackendSecurityPolicy/bedrock-key.type",
        "AIServiceBackend/lost.backendRef",
    } <= set(told)
    assert "write a Route" in told["AIGatewayRoute/llm.rules[1].matches[1].headers"]
    assert "activeProvider" in told["AIGatewayRoute/llm.rules[2].matches"]
    assert sorted(each.value.reveal() for each in found.secrets) == [
        "again",
        "aws_secret_access_key = abcd",
        "sk-ant-api03-lost",
        "sk-proj-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    ]


def backend(name: str, host: str) -> list[JsonObject]:
    return [
        {
            "apiVersion": "aigateway.envoyproxy.io/v1beta1",
            "kind": "AIServiceBackend",
            "metadata": {"name": name},
            "spec": {"schema": {"name": "OpenAI"}, "backendRef": {"name": name}},
        },
        {
            "kind": "Backend",
            "metadata": {"name": name},
            "spec": {"endpoints": [{"fqdn": {"hostname": host, "port": 80}}]},
        },
    ]


def test_backends_of_one_priority_share_by_weight() -> None:
    match: JsonObject = {"headers": [{"name": "X-AI-EG-Model", "value": "m"}]}
    route: JsonObject = {
        "kind": "AIGatewayRoute",
        "metadata": {"name": "r"},
        "spec": {
            "rules": [
                {"matches": [match], "backendRefs": [{"name": "a", "weight": 1}, {"name": "b", "weight": 3}]}
            ]
        },
    }
    found = specs(import_envoy([*backend("a", "a.test"), *backend("b", "::1"), route], "f"))
    assert found["Provider/a"]["config"] == {"baseURL": "http://a.test/v1"}
    assert found["Provider/b"]["config"] == {"baseURL": "http://[::1]/v1"}
    assert found["Route/m"] == {"match": {"models": ["m"]}, "strategy": "weighted"}


def test_a_key_that_nothing_is_asked_with_is_named_all_the_same() -> None:
    policy: JsonObject = {
        "kind": "BackendSecurityPolicy",
        "metadata": {"name": "p"},
        "spec": {"type": "APIKey", "apiKey": {"secretRef": {"name": "s"}}},
    }
    secret: JsonObject = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"apiKey": "%%%"}}
    found = import_envoy([policy, secret, {"kind": "Backend", "metadata": {"name": "n"}, "spec": 5}], "f")
    assert secrets(found) == {"Secret/s.apiKey": "%%%"}
    empty: list[JsonObject] = [
        *backend("a", "a.test")[:1],
        {"kind": "Backend", "metadata": {"name": "a"}, "spec": {}},
    ]
    assert "AIServiceBackend/a.backendRef" in losses(import_envoy(empty, "f"))
    assert not is_of_envoy([policy])
