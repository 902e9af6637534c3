from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as asked:
        yield asked


def test_the_list_is_openais(asked: Asked) -> None:
    asked.post(
        "/v1/models", {"id": "a", "name": "A", "capabilities": ["chat", "vision"], "labels": {"t": "x"}}
    )
    asked.post("/v1/models", {"id": "b"})
    for name, priority in (("p", 1), ("q", 2)):
        config = {"defaultModel": "a"}
        asked.post(
            "/v1/providers", {"id": name, "type": "simulator", "priority": priority, "config": dict(config)}
        )
    asked.post("/v1/providers/p/models", {"model_id": "b", "priority": 5})
    listed = asked.get("/v1/models").json()
    assert (listed["object"], listed["total"]) == ("list", 2)
    first = listed["data"][0]
    assert {
        name: first[name] for name in ("id", "object", "owned_by", "name", "description", "capabilities")
    } == {
        "id": "a",
        "object": "model",
        "owned_by": "q",
        "name": "A",
        "description": None,
        "capabilities": ["chat", "vision"],
    }
    assert first["created"] == first["created_at"] // 1000
    assert listed["data"][1]["owned_by"] == "p"
    asked.post("/v1/providers/q/disable")
    assert asked.get("/v1/models/a").json()["owned_by"] == "p"
    for query in ("?capability=vision", "?labelSelector=t=x", "?limit=1"):
        assert [each["id"] for each in asked.get(f"/v1/models{query}").json()["data"]] == ["a"]


def test_a_name_that_no_resource_can_have_is_an_alias(asked: Asked) -> None:
    made = asked.post("/v1/models", {"id": "qwen/qwen3", "aliases": ["q"]})
    assert (made.status_code, made.json()["id"], made.json()["aliases"]) == (
        201,
        "qwen-qwen3",
        ["qwen/qwen3", "q"],
    )
    assert made.headers["location"] == "/v1/models/qwen-qwen3"
    for path in ("qwen/qwen3", "qwen%2Fqwen3", "qwen-qwen3", "q"):
        assert asked.get(f"/v1/models/{path}").json()["id"] == "qwen-qwen3"
    assert asked.patch("/v1/models/qwen%2fqwen3", {"description": "x"}).status_code == 200
    assert asked.get("/v1/models/none").status_code == 404
    assert asked.get("/v1/models/a%2F..%2Fb").status_code == 404


def test_it_is_changed_and_deleted(asked: Asked) -> None:
    asked.post("/v1/models", {"id": "m", "description": "x", "contextWindow": 8, "pricing": {"input": 0.5}})
    assert asked.get("/v1/models/m").json()["pricing"] == {"input": "0.5"}
    patched = asked.patch("/v1/models/m", {"contextWindow": None, "name": "M", "labels": {"a": "b"}}).json()
    assert ("contextWindow" in patched, patched["name"], patched["description"]) == (False, "M", "x")
    put = asked.put("/v1/models/m", {"id": "m", "capabilities": ["chat"]}).json()
    assert (put["name"], put["description"], put["capabilities"]) == ("M", "x", ["chat"])
    assert (put["pricing"], put["labels"]) == ({"input": "0.5"}, {"a": "b"})
    put = asked.put("/v1/models/m", {"name": None, "description": None, "pricing": None}).json()
    assert (put["name"], put["description"], "pricing" in put) == ("m", None, False)
    assert asked.put("/v1/models/m", asked.get("/v1/models/m").json()).json()["revision"] == put["revision"]
    asked.post("/v1/providers", {"id": "p", "type": "simulator", "config": {"defaultModel": "m"}})
    assert asked.delete("/v1/models/m").status_code == 409
    assert asked.delete("/v1/models/m?cascade=true").status_code == 200
    for method, path in (("PUT", "m"), ("PATCH", "m"), ("DELETE", "m")):
        assert asked.ask(method, f"/v1/models/{path}", {}).status_code == 404


def test_a_changed_model_is_still_asked_for_by_its_id(asked: Asked) -> None:
    asked.post("/v1/models", {"id": "acme/large:free", "description": "x"})
    assert asked.put("/v1/models/acme/large:free", {"name": "Large"}).json()["description"] == "x"
    assert asked.get("/v1/models/acme/large:free").json()["name"] == "Large"
    asked.put("/v1/models/acme/large:free", {"aliases": None})
    assert asked.get("/v1/models/acme/large:free").status_code == 404


def test_what_is_no_model_is_refused(asked: Asked) -> None:
    asked.post("/v1/models", {"id": "m"})
    for body in (
        {},
        {"id": "x", "nope": 1},
        {"id": "x", "capabilities": "chat"},
        {"id": "x", "labels": {"a": 1}},
    ):
        assert asked.post("/v1/models", dict(body)).status_code == 422
    assert asked.put("/v1/models/m", {"id": "other"}).status_code == 422
    assert asked.post("/v1/models", {"id": "y", "aliases": ["m"]}).status_code == 422
