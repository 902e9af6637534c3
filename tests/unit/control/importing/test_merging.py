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


def test_settings_of_several_sources_are_one() -> None:
    first = import_env("DEFAULT_PROVIDER=lm-studio\nLM_STUDIO_BASE_URL=http://x", "a")
    second = import_env(
        "CORS_ORIGIN=https://p.example\nQWEN_PROXY_BASE_URL=http://y\nDEFAULT_PROVIDER=qwen-proxy", "b"
    )
    found = merged([first, second])
    assert specs(found)["Settings/default"] == {
        "activeProvider": "lm-studio-default",
        "unknownModels": "forward",
        "cors": {"origins": ["https://p.example"]},
    }
    assert (
        losses(found)["DEFAULT_PROVIDER"]
        == "Settings/default is that of another source, which says otherwise"
    )
    assert "CORS_ORIGIN" in {point.field for point in found.points}


def test_a_provider_has_the_first_sources_default() -> None:
    one, other = (
        import_oxide(
            {"services": {"s": {"type": "http", "base_url": "http://x", "default_model": model}}}, model
        )
        for model in ("z", "a")
    )
    made = specs(found := merged([one, other]))
    assert made["Binding/z-s"]["default"] is True
    assert made["Binding/a-s"] == {"model": "a", "provider": "s"}
    assert any("Binding/z-s of another source is the default" in loss.why for loss in found.losses)
