from fakes.importing import DATA, losses, secrets, specs

from reconciler.control.importing.findings import Findings
from reconciler.control.importing.llama_swap import import_llama_swap
from reconciler.control.importing.texts import read_text
from reconciler.json_types import JsonObject


def golden() -> Findings:
    file = DATA / "llama-swap.yaml"
    return read_text(file, file.read_bytes(), "auto", {}, "default")


def test_its_own_models_stay_with_it_and_peers_are_asked_directly() -> None:
    found = specs(golden())
    assert found["Provider/llama-swap"] == {
        "type": "openai-compatible",
        "config": {
            "baseURL": "http://localhost:8080/v1",
            "apiKey": {"valueFrom": {"env": "LLAMA_SWAP_API_KEY"}},
        },
    }
    assert found["Model/qwen3-coder-30b"] == {
        "displayName": "Qwen3 Coder",
        "description": "on the card in the cellar",
        "aliases": ["coder", "gpt-4o-mini"],
    }
    assert found["Binding/embed-nomic-llama-swap"]["upstreamModel"] == "embed/nomic"
    assert found["Provider/cellar"]["config"] == {
        "baseURL": "http://192.168.7.30:8080/v1",
        "connectTimeout": "5s",
    }
    assert found["Provider/openrouter"]["config"] == {
        "baseURL": "https://openrouter.ai/api/v1",
        "apiKey": {"valueFrom": {"env": "OPENROUTER_API_KEY"}},
    }
    assert found["Binding/z-ai-glm-4.7-openrouter"]["config"] == {
        "drop": ["top_k", "min_p"],
        "overrides": {"provider": {"data_collection": "deny"}},
    }
    assert found["Provider/paid"]["config"] == {
        "baseURL": "https://llm.example.com/v1",
        "apiKey": {"valueFrom": {"env": "PAID_API_KEY"}},
    }
    assert "Provider/odd" not in found
    assert found["Provider/macro"]["config"] == {"baseURL": "http://localhost:1/v1"}


def test_what_is_lost_is_told_and_keys_are_named() -> None:
    found = golden()
    told = losses(found)
    assert "goes on doing this" in told["models.qwen3-coder-30b.cmd"]
    assert "is listed" in told["models.qwen3-coder-30b.unlisted"]
    assert {
        "peers.cellar.timeouts.idleConn",
        "peers.macro.apiKey",
        "peers.odd.proxy",
        "groups",
        "hooks",
    } <= set(told)
    assert set(secrets(found)) == {"apiKeys[0]", "apiKeys[1]", "peers.paid.apiKey", "peers.odd.apiKey"}


def test_odd_shapes_are_told() -> None:
    data: JsonObject = {
        "apiKeys": ["sk-only"],
        "macros": {"a": "${b}", "b": "${a}"},
        "peers": {
            "x": 5,
            "y": {"proxy": "http://y", "models": ["\n", "m"]},
            "z": {"proxy": "http://z/${a}", "models": [], "filters": {"setParams": {"seed": 1}, "more": 1}},
        },
    }
    found = import_llama_swap(data, "f")
    told = losses(found)
    assert secrets(found) == {"apiKeys[0]": "sk-only"}
    assert {"peers.x", "peers.z.filters.setParams", "peers.z.filters.more"} <= set(told)
    assert "Binding/m-y" in specs(found)
    assert specs(
        import_llama_swap(
            {"models": {"\n": {"cmd": "x"}, "m": {"cmd": "x", "aliases": [5, "a"]}, "n": 1}}, "f"
        )
    )["Model/m"] == {"aliases": ["a"]}
