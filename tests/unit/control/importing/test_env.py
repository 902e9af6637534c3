import pytest
from fakes.importing import DATA, losses, secrets, specs, without_types

from reconciler.control.importing.env import import_env
from reconciler.control.importing.findings import Findings


def read(name: str) -> Findings:
    return import_env((DATA / name).read_text(encoding="utf-8"), name)


def test_the_provider_routers_file(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "qwen-proxy")
    found = read("router.env")
    made = specs(found)
    assert made["Provider/lm-studio-default"] == {
        "type": "lm-studio",
        "displayName": "LM Studio",
        "priority": 10,
        "config": {"baseURL": "http://192.168.7.20:1234/v1", "timeout": "180s"},
    }
    assert made["Provider/dashscope-default"] == {
        "type": "dashscope",
        "displayName": "DashScope",
        "priority": 8,
        "enabled": True,
        "config": {
            "baseURL": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
            "apiKey": {"valueFrom": {"env": "QWEN_API_KEY"}},
            "timeout": "180s",
        },
    }
    assert made["Provider/qwen-proxy-default"]["enabled"] is False
    assert made["Provider/qwen-proxy-default"]["priority"] == 5
    assert made["Model/llama3.2-3b"] == {"aliases": ["llama3.2:3b"]}
    assert made["Binding/qwen3-max-lm-studio-default"]["default"] is True
    assert made["Binding/llama3.2-3b-lm-studio-default"]["upstreamModel"] == "llama3.2:3b"
    assert made["Binding/qwen3-coder-dashscope-default"] == {
        "model": "qwen3-coder",
        "provider": "dashscope-default",
    }
    assert made["Settings/default"] == {"activeProvider": "lm-studio-default", "unknownModels": "forward"}
    assert secrets(found) == {"QWEN_API_KEY": "sk-5f0c1e2d3b4a59687786950a1b2c3d4e"}
    assert set(losses(found)) == {
        "PORT", "HOST", "LOG_LEVEL", "LOG_REQUESTS", "LOG_RESPONSES", "USE_LEGACY_CONFIG", "TEAM_NAME", "QWEN_PROXY_BASE_URL",
        "MODEL_MAPPINGS gpt-4:openai",
    }  # fmt: skip
    assert any("USE_LEGACY_CONFIG" in warning for warning in found.warnings)
    assert any("MODEL_MAPPINGS" in warning for warning in found.warnings)


def test_the_web_sessions_values_are_told_even_where_nothing_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without_types(monkeypatch, "qwen-direct")
    found = read("qwen-proxy.env")
    assert found.resources == ()
    assert set(secrets(found)) == {"QWEN_TOKEN", "QWEN_COOKIES"}
    assert secrets(found)["QWEN_COOKIES"].endswith("cna=x#y")
    assert {"QWEN_TIMEOUT", "RETRY_MAX_ATTEMPTS", "CORS_ORIGIN", "USER_AGENT", "ENABLE_TOOL_CALLING"} <= set(
        losses(found)
    )


def test_the_api_servers_file_is_options() -> None:
    found = read("api-server.env")
    assert found.resources == ()
    assert "--admin-listen" in losses(found)["API_PORT"]
    assert "import" in losses(found)["DATABASE_PATH"]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("DEFAULT_PROVIDER=qwen-direct", {"Provider/dashscope-default", "Settings/default"}),
        ("DEFAULT_PROVIDER=lm-studio", {"Provider/lm-studio-default", "Settings/default"}),
        ("DEFAULT_PROVIDER=other\nREQUEST_TIMEOUT=500", set()),
        (
            "LM_STUDIO_DEFAULT_MODEL=m",
            {"Provider/lm-studio-default", "Settings/default", "Model/m", "Binding/m-lm-studio-default"},
        ),
        ("QWEN_API_KEY=sk-1", {"Provider/dashscope-default"}),
        ("USE_LEGACY_CONFIG=false\nMODEL_MAPPINGS=a", set()),
        ("", set()),
    ],
)
def test_what_is_not_said_is_as_the_program_had_it(text: str, made: set[str]) -> None:
    assert set(specs(import_env(text, "f"))) == made


def test_a_provider_without_its_key_is_disabled() -> None:
    found = import_env("DEFAULT_PROVIDER=qwen-direct", "f")
    assert specs(found)["Provider/dashscope-default"]["enabled"] is False
    assert "QWEN_API_KEY" in found.warnings[0]


def test_a_name_that_nobody_could_ask_for_is_a_loss() -> None:
    found = import_env(f"LM_STUDIO_BASE_URL=http://x\nLM_STUDIO_DEFAULT_MODEL={'m' * 300}", "f")
    assert "LM_STUDIO_DEFAULT_MODEL" in losses(found)


def test_a_cut_value_is_pointed_at() -> None:
    assert "QWEN_API_KEY" in import_env("QWEN_API_KEY=a#b\nodd", "f").warnings[0]


def test_a_default_provider_that_has_no_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "dashscope", "openai-compatible", "lm-studio")
    found = import_env("DEFAULT_PROVIDER=qwen-direct\nQWEN_API_KEY=x\nLM_STUDIO_BASE_URL=http://x", "f")
    assert "left out" in losses(found)["DEFAULT_PROVIDER"]


def test_pages_that_are_named_may_ask() -> None:
    found = import_env(
        "CORS_ENABLED=true\nCORS_ORIGIN=https://a.example, http://b:3000\nCORS_CREDENTIALS=true", "f"
    )
    cors = {"origins": ["https://a.example", "http://b:3000"], "credentials": True}
    assert specs(found)["Settings/default"] == {"cors": cors}
    assert "Settings/default" not in specs(
        import_env("CORS_ENABLED=false\nCORS_ORIGIN=https://a.example", "f")
    )
    assert "keys" in losses(import_env("CORS_ORIGIN=*", "f"))["CORS_ORIGIN"]


def test_the_web_session_becomes_a_provider_of_its_own_type() -> None:
    found = read("qwen-proxy.env")
    spec = specs(found)["Provider/qwen-direct-session"]
    assert spec["type"] == "qwen-direct"
    assert spec["retry"] == {"attempts": 3, "backoff": "1s"}
    assert spec["config"] == {
        "unofficial": True,
        "baseURL": "https://chat.qwen.ai",
        "token": {"valueFrom": {"env": "QWEN_TOKEN"}},
        "cookies": {"valueFrom": {"env": "QWEN_COOKIES_TOKEN"}},
        "timeout": "60s",
        "userAgent": "Mozilla/5.0",
    }
    assert set(secrets(found)) == {"QWEN_TOKEN", "QWEN_COOKIES"}
    off = import_env("QWEN_TOKEN=t\nQWEN_COOKIES=a=b\nENABLE_TOOL_CALLING=false", "f")
    config = specs(off)["Provider/qwen-direct-session"]["config"]
    assert isinstance(config, dict)
    assert config["toolCalling"] == "off"
    assert "timeout" not in config
