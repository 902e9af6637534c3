"""Providers made, changed and switched, in the shapes of Appendix D of the provider router's plan."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api

from reconciler.json_types import JsonObject

SENT: JsonObject = {
    "id": "lm-studio-gpu-server",
    "name": "LM Studio GPU Server",
    "type": "lm-studio",
    "enabled": True,
    "priority": 10,
    "description": "LM Studio on GPU server",
    "config": {"baseURL": "http://192.168.0.50:1234/v1", "timeout": 180000},
}
ONE = "/v1/providers/lm-studio-gpu-server"


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as asked:
        yield asked


def test_one_is_made(asked: Asked) -> None:
    made = asked.post("/v1/providers", SENT)
    assert made.status_code == 201
    assert made.headers["location"] == ONE
    told = made.json()
    assert [*told] == [
        "id",
        "name",
        "type",
        "enabled",
        "priority",
        "description",
        "created_at",
        "updated_at",
        "revision",
    ]
    assert {name: told[name] for name in SENT if name != "config"} == {
        k: v for k, v in SENT.items() if k != "config"
    }
    assert told["created_at"] == told["updated_at"] > 1_700_000_000_000
    assert asked.post("/v1/providers", SENT).status_code == 409
    upper: JsonObject = {**SENT, "id": "LM-Studio-GPU-Server", "name": "Other"}
    assert asked.post("/v1/providers", upper).status_code == 422


def test_with_a_default_model_it_serves_one(asked: Asked) -> None:
    config: JsonObject = {"baseURL": "http://localhost:1/v1", "defaultModel": "qwen/qwen3"}
    assert asked.post("/v1/providers", {**SENT, "config": config}).json()["revision"] == 1
    assert asked.spec("Model", "qwen-qwen3")["aliases"] == ["qwen/qwen3"]
    binding = asked.spec("Binding", "qwen-qwen3-lm-studio-gpu-server")
    assert (binding["default"], binding["upstreamModel"]) == (True, "qwen/qwen3")


def test_put_and_patch_change_what_is_sent(asked: Asked) -> None:
    asked.post("/v1/providers", {**SENT, "enabled": False, "labels": {"team": "x"}})
    health: JsonObject = {"spec": {"limits": {"maxConcurrent": 3}}}
    asked.patch("/v1/resources/provider/default/lm-studio-gpu-server", health)
    put = asked.put(ONE, {"name": "Other"}).json()
    kept = (put["priority"], put["description"], put["enabled"], put["labels"])
    assert (put["name"], *kept) == ("Other", 10, SENT["description"], False, {"team": "x"})
    assert asked.get(ONE).json()["config"] == SENT["config"]
    gone = asked.put(ONE, {"priority": None, "description": None, "enabled": None}).json()
    assert (gone["name"], gone["priority"], gone["description"], gone["enabled"]) == ("Other", 0, None, True)
    assert asked.put(ONE, {"type": None}).status_code == 422
    spec = asked.spec("Provider", "lm-studio-gpu-server")
    assert spec["limits"] == {"maxConcurrent": 3}
    assert spec["type"] == "lm-studio"
    patched = asked.patch(ONE, {"priority": 5, "name": None, "labels": None}).json()
    assert (patched["name"], patched["priority"], "labels" in patched) == ("lm-studio-gpu-server", 5, False)
    shown = asked.get(ONE).json()
    assert asked.put(ONE, shown).status_code == 200  # what was read may be sent back
    assert (
        asked.patch(ONE, {"config": {"baseURL": "http://localhost:2/v1", "defaultModel": "m"}}).status_code
        == 200
    )
    assert asked.get(ONE).json()["config"] == {"baseURL": "http://localhost:2/v1", "defaultModel": "m"}
    assert asked.put(ONE, {"id": "other"}).status_code == 422
    assert asked.put("/v1/providers/none", {}).status_code == 404


def test_it_is_switched(asked: Asked) -> None:
    asked.post("/v1/providers", SENT)
    assert asked.post(f"{ONE}/disable").json()["enabled"] is False
    assert asked.post(f"{ONE}/enable").json()["enabled"] is True
    assert asked.post("/v1/providers/none/enable").status_code == 404


REFUSED: list[JsonObject] = [
    {},
    {"id": "p"},
    {"id": "p", "type": "nope"},
    {"id": "p", "type": 1},
    {"id": 1, "type": "simulator"},
    {"id": "a/b", "type": "simulator"},
    {"id": "../p", "type": "simulator"},
    {"id": "p" * 300, "type": "simulator"},
    {"id": "p", "type": "simulator", "config": []},
    {"id": "p", "type": "simulator", "config": {"nope": 1}},
    {"id": "p", "type": "simulator", "config": {"defaultModel": 1}},
    {"id": "p", "type": "simulator", "enabled": "yes"},
    {"id": "p", "type": "simulator", "labels": {"a": 1}},
    {"id": "p", "type": "simulator", "metadata": {"uid": "x"}},
    {"id": "p", "type": "simulator", "uid": "x"},
    {"id": "p", "type": "simulator", "status": {}},
    {"id": "p", "type": "simulator", "managedFields": []},
    {"id": "p", "type": "simulator", "spec": {}},
    {"id": "p", "type": "simulator", "priority": "10"},
]


def test_what_is_no_provider_is_refused_with_its_field(asked: Asked) -> None:
    for sent in REFUSED:
        refused = asked.post("/v1/providers", sent)
        assert refused.status_code == 422, sent
        assert refused.json()["errors"][0]["detail"]
    assert asked.reader.head() == 0
