from fakes.importing import DATA, losses, secrets, specs

from reconciler.control.importing.findings import Findings
from reconciler.control.importing.tensorzero import import_tensorzero
from reconciler.control.importing.texts import read_text
from reconciler.json_types import JsonObject, value_at


def golden() -> Findings:
    file = DATA / "tensorzero.toml"
    return read_text(file, file.read_bytes(), "auto", {}, "default")


def test_routing_is_the_order_of_bindings() -> None:
    found = specs(golden())
    assert found["Model/fast"] == {"aliases": ["tensorzero::model_name::fast"]}
    assert found["Model/team-large"] == {"aliases": ["team/large", "tensorzero::model_name::team/large"]}
    assert found["Binding/fast-groq"] == {
        "model": "fast",
        "provider": "groq",
        "upstreamModel": "llama-3.3-70b-versatile",
        "priority": 0,
        "config": {"headers": {"X-Team": "research"}},
    }
    assert found["Binding/fast-openai"]["priority"] == -10
    assert found["Binding/fast-openai"]["config"] == {"overrides": {"service_tier": "flex"}, "drop": ["seed"]}
    assert found["Provider/openai"]["config"] == {
        "baseURL": "https://api.openai.com/v1",
        "apiKey": {"valueFrom": {"env": "TEAM_OPENAI_KEY"}},
    }
    assert found["Binding/team-large-openai-2"]["provider"] == "openai-2"
    assert found["Binding/embed-openai"]["provider"] == "openai"
    assert found["Provider/vllm"]["config"] == {"baseURL": "http://gpu-1:8000/v1"}
    assert value_at(found["Provider/groq"], ("config", "apiKey", "valueFrom", "env")) == "GROQ_API_KEY"
    file = value_at(found["Provider/anthropic"], ("config", "apiKey", "valueFrom", "file"))
    assert file == "/run/secrets/anthropic"


def test_what_is_lost_is_told() -> None:
    told = losses(golden())
    assert "aws_bedrock" in told["models.away.providers.bedrock.type"]
    assert "missing" in told["models.away.providers.vllm.type"]
    assert "comes with each request" in told["models.away.providers.dynamic.api_key_location"]
    assert "nobody" in told["models.fast.routing"]
    assert {"functions", "gateway", "models.fast.timeouts", "models.away.providers.unused"} <= set(told)
    assert "nothing inside one" in told["models.fast.providers.openai.extra_body[1].pointer"]
    assert "models.fast.providers.groq.extra_headers[1].name" in told


def test_odd_shapes_are_told() -> None:
    data: JsonObject = {
        "models": {
            "\n": {"routing": ["a"], "providers": {"a": {"type": "xai", "api_key": "sk-there"}}},
            "m": 5,
            "n": {
                "routing": ["a"],
                "providers": {"a": {"type": "openai", "model_name": "x", "api_base": "::"}},
            },
        }
    }
    found = import_tensorzero(data, "f")
    assert {"models.\n.routing", "models.m"} <= set(losses(found))
    assert "Provider/openai" not in specs(found)
    assert secrets(found) == {"models.\n.providers.a.api_key": "sk-there"}
