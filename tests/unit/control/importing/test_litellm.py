import pytest
from fakes.importing import DATA, losses, secrets, specs

from reconciler.control.importing.findings import Findings
from reconciler.control.importing.litellm import STRATEGIES, import_litellm
from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.json_types import JsonObject


def included(name: str) -> JsonObject | None:
    path = DATA / name
    return read_foreign(path.read_bytes(), name) if path.exists() else None


def imported(data: JsonObject) -> Findings:
    return import_litellm(data, "litellm.yaml", included, {})


def item(name: str, model: str) -> JsonObject:
    return {"model_name": name, "litellm_params": {"model": model}}


def test_a_whole_config() -> None:
    found = imported(read_foreign((DATA / "litellm.yaml").read_bytes(), "litellm.yaml"))
    made = specs(found)
    assert made["Model/gpt-4o"] == {
        "contextWindow": 128_000,
        "maxOutputTokens": 16_384,
        "pricing": {"input": "2.5", "output": "10"},
        "aliases": ["gpt-4"],
    }
    assert made["Provider/openai"] == {
        "type": "openai-compatible",
        "health": {"failureThreshold": 4, "openFor": "30s"},
        "retry": {"attempts": 3},
        "config": {
            "baseURL": "https://api.openai.com/v1",
            "apiKey": {"valueFrom": {"env": "OPENAI_API_KEY"}},
            "timeout": "60500ms",
        },
    }
    assert made["Binding/gpt-4o-openai"]["config"] == {"defaults": {"temperature": "0.2"}}
    assert made["Route/gpt-4o"] == {
        "match": {"models": ["gpt-4o"]},
        "strategy": "least-busy",
        "targets": [
            {"model": "gpt-4o", "provider": "openai", "weight": 3},
            {"model": "gpt-4o", "provider": "openai-2"},
            {"model": "claude", "priority": -1000},
            {"model": "local", "priority": -1010},
        ],
    }
    assert made["Model/groq-any"] == {"aliases": ["groq/*"]}
    assert made["Binding/groq-any-groq"]["upstreamModel"] == "*"
    assert made["Binding/small-ollama"]["config"] == {"defaults": {"max_tokens": 512}}
    assert set(secrets(found)) == {
        "model_list[2].litellm_params.api_key", "model_list[3].litellm_params.api_key", "router_settings.redis_password",
        "general_settings.master_key", "general_settings.database_url", "environment_variables.LANGFUSE_SECRET_KEY",
    }  # fmt: skip
    assert any("key create" in warning for warning in found.warnings)
    assert {
        "router_settings.routing_strategy", "litellm_settings.context_window_fallbacks", "litellm_settings.drop_params",
        "environment_variables.LANGFUSE_HOST", "model_list[2].model_name", "litellm_settings.fallbacks[1].claude",
        "router_settings.model_group_alias.other", "defaults",
    } <= set(losses(found))  # fmt: skip


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_several_deployments_share_as_the_strategy_says(strategy: str) -> None:
    data: JsonObject = {
        "model_list": [item("m", "openai/a"), item("m", "groq/a"), item("alone", "groq/b")],
        "router_settings": {"routing_strategy": strategy},
    }
    found = imported(data)
    assert specs(found)["Route/m"] == {"match": {"models": ["m"]}, "strategy": STRATEGIES[strategy][0]}
    assert "Route/alone" not in specs(found)
    assert bool(found.losses) == bool(STRATEGIES[strategy][1])


def test_what_is_not_as_it_should_be() -> None:
    data: JsonObject = {
        "include": ["gone.yaml", 5],
        "model_list": [item("m", "openai/a"), item("n", "openai/b")],
        "router_settings": {
            "routing_strategy": "magic",
            "fallbacks": [{"m": ["n", "gone", "n"]}, {"gone": ["m"]}],
            "model_group_alias": {"a": {"model": "m", "hidden": True}, "b": 5, "c": "gone"},
        },
        "litellm_settings": {
            "default_fallbacks": ["gone"],
            "callbacks": [{"api_key": "s3cret", "deep": [{"token": "t0ken"}]}],
        },
    }
    found = imported(data)
    made = specs(found)
    assert made["Model/m"] == {"aliases": ["a"]}
    assert made["Route/m"]["targets"] == [
        {"model": "m", "provider": "openai"},
        {"model": "n", "priority": -1000},
    ]
    assert made["Route/m"]["strategy"] == "weighted"
    assert {
        "include",
        "router_settings.fallbacks[0].m",
        "router_settings.fallbacks[1].gone",
        "litellm_settings.default_fallbacks",
    } <= set(losses(found))
    assert sorted(secrets(found).values()) == ["s3cret", "t0ken"]


def test_an_included_value_takes_the_place_of_one_that_is_no_list() -> None:
    found = import_litellm(
        {"include": ["x"], "model_list": [item("m", "openai/a")], "litellm_settings": {"num_retries": 4}},
        "f",
        lambda _: {"litellm_settings": {"num_retries": 1}, "model_list": [item("n", "openai/b")]},
        {},
    )
    assert specs(found)["Provider/openai"]["retry"] == {"attempts": 2}
    assert {"Model/m", "Model/n"} <= set(specs(found))


def test_nothing_is_nothing() -> None:
    assert imported({}).resources == ()


def test_priorities_are_kept_among_targets() -> None:
    ordered = item("m", "openai/a")
    ordered["litellm_params"] = {"model": "openai/a", "order": 1}
    found = imported(
        {
            "model_list": [ordered, item("n", "openai/b")],
            "litellm_settings": {"fallbacks": [{"m": ["n"]}]},
            "router_settings": {"routing_strategy": "latency-based-routing"},
        }
    )
    assert specs(found)["Route/m"]["targets"] == [
        {"model": "m", "provider": "openai", "priority": -1},
        {"model": "n", "priority": -1000},
    ]
