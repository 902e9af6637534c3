import pytest
from fakes.importing import losses, secrets, specs, without_types

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.fields import Fields
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.litellm_models import Deployments, a_million, seconds
from reconciler.json_types import JsonObject


def added(*items: JsonObject, environ: dict[str, str] | None = None) -> Findings:
    collector = Collector("config.yaml", "form")
    deployments = Deployments(collector, environ or {})
    for item in Fields({"model_list": [*items]}).mappings("model_list"):
        deployments.add(item)
    return collector.findings()


def item(name: str, model: str, **params: object) -> JsonObject:
    return {"model_name": name, "litellm_params": {"model": model, **params}}  # type: ignore[dict-item]  # JSON


def test_items_of_one_name_are_one_model() -> None:
    found = added(
        item("m", "openai/a", api_key="os.environ/OPENAI_API_KEY", weight=2),
        item("m", "openai/b", api_key="os.environ/OPENAI_API_KEY"),
        item("n", "openai/a", api_key="os.environ/OPENAI_API_KEY"),
        item("m", "openai/a", api_base="http://lan/v1"),
    )
    made = specs(found)
    assert {name for name in made if name.startswith(("Model", "Provider"))} == {
        "Model/m", "Model/n", "Provider/openai", "Provider/openai-2", "Provider/openai-lan",
    }  # fmt: skip
    assert made["Binding/m-openai"] == {"model": "m", "provider": "openai", "upstreamModel": "a", "weight": 2}
    assert made["Binding/m-openai-2"]["upstreamModel"] == "b"
    assert made["Binding/n-openai-2"]["upstreamModel"] == "a"


def test_bounds_are_a_deployments_own() -> None:
    found = added(
        item(
            "m",
            "groq/a",
            rpm=5,
            tpm="100",
            max_parallel_requests=2,
            max_retries=1,
            organization="o",
            stream_timeout="1.5",
        ),
        item("n", "groq/b", rpm=5),
    )
    made = specs(found)
    assert made["Provider/groq"]["limits"] == {
        "requestsPerMinute": 5,
        "tokensPerMinute": 100,
        "maxConcurrent": 2,
    }
    assert made["Provider/groq"]["retry"] == {"attempts": 2}
    assert made["Provider/groq"]["config"] == {
        "baseURL": "https://api.groq.com/openai/v1",
        "apiKey": {"valueFrom": {"env": "GROQ_API_KEY"}},
        "headers": {"OpenAI-Organization": "o"},
        "firstByteTimeout": "1500ms",
    }
    assert made["Provider/groq-2"]["limits"] == {"requestsPerMinute": 5}


def test_what_can_not_be_asked_is_left_out_and_its_key_is_told() -> None:
    found = added(
        item("m", "bedrock/x", api_key="AKIA-made-up"),
        item("m", "hosted_vllm/x", api_key="os.environ/X"),
        item("gpt-*", "openai/gpt-*"),
        {"model_name": "no params"},
        {"litellm_params": {"model": "gpt-4o"}},
        item("v", "hosted_vllm/x", api_base="os.environ/VLLM_URL"),
    )
    assert found.resources == ()
    assert secrets(found) == {"model_list[0].litellm_params.api_key": "AKIA-made-up"}
    lost = losses(found)
    assert "bedrock" in lost["model_list[0].model_name"]
    assert "api_base" in lost["model_list[1].model_name"]
    assert "*" in lost["model_list[2].model_name"]
    assert "VLLM_URL" in lost["model_list[5].litellm_params.api_base"]


def test_a_base_url_in_a_variable_is_written_out() -> None:
    found = added(
        item("v", "hosted_vllm/x", base_url="os.environ/VLLM_URL"), environ={"VLLM_URL": "http://v:1/v1"}
    )
    assert specs(found)["Provider/hosted_vllm-v"]["config"] == {"baseURL": "http://v:1/v1"}
    assert "VLLM_URL" in found.warnings[0]


def test_a_type_that_is_not_there_leaves_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "ollama", "openai-compatible")
    assert added(item("m", "ollama/x")).resources == ()


def test_prices_sizes_and_parameters() -> None:
    whole: JsonObject = {
        **item(
            "m",
            "openai/a",
            temperature="0.5",
            extra_headers={"X-A": 1},
            order=2,
            input_cost_per_token="1e-06",
            drop_params=True,
        ),
        "model_info": {
            "input_cost_per_token": "9",
            "output_cost_per_token": "0",
            "max_tokens": 5,
            "mode": "chat",
            "tier": None,
            "x": 1,
        },
        "extra": 1,
    }
    found = added(whole)
    made = specs(found)
    assert made["Model/m"] == {"pricing": {"input": "1", "output": "0"}, "maxOutputTokens": 5}
    assert made["Binding/m-openai"] == {
        "model": "m", "provider": "openai", "upstreamModel": "a", "priority": -2, "config": {"defaults": {"temperature": "0.5"}},
    }  # fmt: skip
    assert set(losses(found)) == {
        "model_list[0].litellm_params.drop_params", "model_list[0].model_info.mode", "model_list[0].model_info.x",
        "model_list[0].model_info.input_cost_per_token", "model_list[0].extra",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.0000025", "2.5"),
        ("1e-05", "10"),
        ("0", "0"),
        ("-1", None),
        ("x", None),
        (None, None),
        ("inf", None),
        ("1.23456e-7", "0.123456"),
    ],
)
def test_dollars_a_million(text: str | None, price: str | None) -> None:
    assert a_million(text) == price


@pytest.mark.parametrize(
    ("text", "told"), [("60.5", "60500ms"), ("600", "600s"), ("", None), ("0", None), (None, None)]
)
def test_seconds(text: str | None, told: str | None) -> None:
    assert seconds(text) == told


def test_a_base_url_that_is_none_leaves_it_out() -> None:
    found = added(item("m", "openai/a", api_base="http://[x"))
    assert set(specs(found)) == {"Model/m"}
