import pytest
from fakes.importing import DATA, losses, secrets, specs, without_types

from reconciler.control.importing import foreign_types
from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.oxide import convert_oxide
from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.json_types import JsonObject
from reconciler.provider_types.catalog import PROVIDER_TYPES


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "cli")


def converted(data: JsonObject) -> Findings:
    collector = Collector("oxide.yaml", "form")
    convert_oxide(collector, data)
    return collector.findings()


def service(**more: object) -> JsonObject:
    return {"type": "http", "api_type": "openai_compatible", "base_url": "http://x/v1", **more}  # type: ignore[dict-item]  # JSON


def test_the_file_that_it_comes_with() -> None:
    found = converted(read_foreign((DATA / "oxide.yaml").read_bytes(), "oxide.yaml"))
    made = specs(found)
    assert made["Provider/ollama_local"] == {
        "type": "ollama",
        "enabled": True,
        "config": {"baseURL": "http://localhost:11434", "timeout": "120s"},
    }
    assert made["Provider/lmstudio"]["enabled"] is False
    assert made["Provider/lmstudio"]["config"] == {
        "baseURL": "http://192.168.7.20:1234/v1",
        "timeout": "120s",
    }
    assert made["Provider/openrouter"] == {
        "type": "openai-compatible",
        "enabled": True,
        "retry": {"attempts": 4, "backoff": "2s"},
        "config": {
            "baseURL": "https://openrouter.ai/api/v1",
            "apiKey": {"valueFrom": {"env": "OPENROUTER_API_KEY"}},
            "timeout": "120s",
            "headers": {"HTTP-Referer": "https://example.com", "X-Title": "Example"},
        },
    }
    assert made["Binding/meta-llama-llama-3.3-70b-instruct-free-openrouter"]["priority"] == -10
    assert made["Binding/deepseek-deepseek-chat-openrouter"]["default"] is True
    assert made["Route/codebase_analysis"] == {
        "match": {"taskTypes": ["codebase_analysis"]},
        "targets": [
            {"model": "deepseek-deepseek-chat", "provider": "openrouter", "priority": 0},
            {"model": "qwen2.5-coder-7b", "provider": "ollama_local", "priority": -10},
        ],
        "timeouts": {"total": "180s"},
        "parallelThreshold": 20,
    }
    assert "Route/refactoring" not in made
    assert made["Settings/default"] == {
        "defaultModel": "deepseek-deepseek-chat",
        "execution": {"maxParallelWorkers": 4, "maxRetries": 4},
    }
    assert [*secrets(found)] == ["services.openrouter.api_key"]
    lost = losses(found)
    assert {
        "services.gemini.type", "services.qwen.executable", "services.ollama_local.auto_start", "services.openrouter.surprise",
        "services.openrouter.use_free_only", "execution.streaming", "logging.file", "security.allowed_directories",
        "storage.backend", "cluster.api_port", "hot_reload.enabled", "routing_rules.general_purpose.fallback",
    } <= set(lost)  # fmt: skip


def test_services_that_could_not_work_are_left_out() -> None:
    found = converted(
        {
            "services": {
                "a": {"type": "cli"},
                "b": {"type": "smtp", "api_key": "sk-b"},
                "c": service(enabled=False, default_model="m" * 300, max_context_tokens=5),
                "d": 5,
            },
            "routing_rules": {"x": {"primary": "c", "timeout_seconds": 5}, "y": {}, "z": 1},
            "execution": {
                "timeout_seconds": 10,
                "max_retries": 2,
                "retry_on_failure": False,
                "max_parallel_workers": 200,
                "more": 1,
            },
            "more": 1,
        }
    )
    assert set(specs(found)) == {"Provider/c", "Settings/default"}
    assert specs(found)["Settings/default"] == {"execution": {"maxParallelWorkers": 64}}
    assert "retry" not in specs(found)["Provider/c"]
    assert secrets(found) == {"services.b.api_key": "sk-b"}
    assert any("enabled" in warning for warning in found.warnings)
    assert {
        "services.a.type", "services.c.default_model", "services.c.max_context_tokens", "services.d", "routing_rules.x.primary",
        "routing_rules.x.timeout_seconds", "routing_rules.y.primary", "routing_rules.z", "execution.more", "more",
        "execution.max_parallel_workers",
    } <= set(losses(found))  # fmt: skip


def test_nothing_gives_nothing() -> None:
    found = converted({"execution": {"timeout_seconds": 5, "max_retries": 1}})
    assert found.resources == ()
    assert {"execution.timeout_seconds", "execution.max_retries"} == set(losses(found))


def test_an_ollama_without_an_address_is_at_its_own() -> None:
    found = converted(
        {
            "services": {
                "o": {
                    "type": "http",
                    "api_type": "ollama",
                    "name": "Mine",
                    "default_model": "m",
                    "max_context_tokens": 9,
                }
            }
        }
    )
    assert specs(found)["Provider/o"]["config"] == {"baseURL": "http://localhost:11434"}
    assert specs(found)["Model/m"] == {"contextWindow": 9}


def test_a_service_is_a_target_once() -> None:
    found = converted(
        {
            "services": {"s": service(default_model="m")},
            "routing_rules": {"t": {"primary": "s", "fallback": ["s"], "parallel_threshold_files": 3}},
        }
    )
    assert specs(found)["Route/t"]["targets"] == [{"model": "m", "provider": "s", "priority": 0}]
    assert specs(found)["Route/t"]["parallelThreshold"] == 3


def test_programs_are_providers_of_type_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_types, "PROVIDER_TYPES", PROVIDER_TYPES)
    found = converted(read_foreign((DATA / "oxide.yaml").read_bytes(), "oxide.yaml"))
    made = specs(found)
    assert made["Provider/gemini"] == {
        "type": "cli",
        "enabled": True,
        "config": {"executable": "gemini", "timeout": "120s"},
    }
    assert made["Model/gemini"] == {"contextWindow": 2000000}
    assert made["Binding/gemini-gemini"] == {"model": "gemini", "provider": "gemini", "default": True}
    assert any('--allow-exec "$(command -v gemini)"' in each for each in found.warnings)
    named = converted(
        {
            "services": {
                "q": {"type": "cli", "executable": "qwen", "default_model": "coder", "api_key": "sk-1"},
            }
        }
    )
    assert specs(named)["Provider/q"]["config"] == {"executable": "qwen", "args": ["--model", "{model}"]}
    assert "Model/coder" in specs(named)
    assert secrets(named) == {"services.q.api_key": "sk-1"}
