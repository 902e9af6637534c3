from fakes.importing import losses, specs

from reconciler.control.importing.env import import_env
from reconciler.control.importing.litellm import import_litellm
from reconciler.control.importing.merging import merged
from reconciler.control.importing.oxide_sources import import_oxide, import_profiles
from reconciler.json_types import JsonObject, JsonValue, value_at

WHERE = ("config", "apiKey", "valueFrom", "env")


def test_the_first_source_counts() -> None:
    one = import_env("LM_STUDIO_BASE_URL=http://one", "one.env")
    two = import_env("LM_STUDIO_BASE_URL=http://two\nQWEN_PROXY_BASE_URL=http://q", "two.env")
    found = merged([one, two])
    assert specs(found)["Provider/lm-studio-default"]["config"] == {"baseURL": "http://one"}
    assert "Provider/qwen-proxy-default" in specs(found)
    assert found.forms == (*one.forms, *two.forms)
    assert any("differs" in warning for warning in found.warnings)


def test_profiles_describe_the_models_that_are_there() -> None:
    service: JsonObject = {"type": "http", "base_url": "http://x", "models": ["a/b", "c"]}
    profiles: JsonObject = {
        "x": {"name": "a/b", "strengths": ["s"]},
        "gone": {"strengths": ["t"]},
        "c": {"optimal_for": ["u"]},
    }
    found = merged(
        [
            import_profiles({"model_profiles": profiles}, "models.yaml"),
            import_oxide({"services": {"s": service}}, "o"),
        ]
    )
    assert specs(found)["Model/a-b"]["description"] == "Strengths: s."
    assert specs(found)["Model/c"]["description"] == "Good for: u."
    assert [field for field in losses(found) if field.startswith("model_profiles")] == ["model_profiles.gone"]


def test_a_variable_stands_for_one_value() -> None:
    items: list[JsonValue] = [
        {"model_name": "m", "litellm_params": {"model": "openai/a", "api_key": "sk-one"}},
        {"model_name": "m", "litellm_params": {"model": "openai/b", "api_key": "os.environ/OPENAI_API_KEY"}},
    ]
    found = merged([import_litellm({"model_list": [*items]}, "f", lambda _: None, {})])
    variables = {str(secret.key): secret.variable for secret in found.secrets}
    assert variables == {"Provider/openai": "OPENAI_IMPORTED_API_KEY"}
    assert value_at(specs(found)["Provider/openai"], WHERE) == "OPENAI_IMPORTED_API_KEY"
    assert value_at(specs(found)["Provider/openai-2"], WHERE) == "OPENAI_API_KEY"
