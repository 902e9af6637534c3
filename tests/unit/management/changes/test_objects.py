from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api
from fakes.command import manifest

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.principal import Principal, Role

KEY: JsonObject = {"kind": "Model", "namespace": "default", "name": "m"}
OPERATOR = Principal("token:ci", Role.OPERATOR, frozenset({"git:acme"}))


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as made:
        operator = Asked(made.ports, made.reader, made.observations, made.location, OPERATOR)
        assert (
            operator.post("/v1/apply?source=acme", {"manifests": manifest("Model", "m")}).status_code == 200
        )
        yield operator


def wanted(window: int, **metadata: JsonValue) -> JsonObject:
    return {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Model",
        "metadata": {"name": "m", **metadata},
        "spec": {"contextWindow": window},
    }


def test_objects_are_changed_made_and_deleted(asked: Asked) -> None:
    done = asked.post("/v1/objects", {"items": [{"key": KEY, "wanted": wanted(5)}]})
    assert (done.json()["revision"], asked.spec("Model", "m")["contextWindow"]) == (2, 5)
    stale = asked.post("/v1/objects", {"items": [{"key": KEY, "wanted": wanted(6, resourceVersion="1")}]})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    other: JsonObject = {**KEY, "name": "n"}
    body: JsonObject = {**wanted(7), "metadata": {"name": "n"}}
    made = asked.post(
        "/v1/objects", {"items": [{"key": other, "wanted": body, "creates": True}], "message": "x"}
    )
    assert (made.json()["changes"], asked.reader.revision(3).message) == (["create Model/n"], "x")
    rehearsed = asked.viewer.post("/v1/objects", {"items": [{"key": other}], "dryRun": True})
    assert (rehearsed.status_code, rehearsed.json()["changes"]) == (200, ["delete Model/n"])
    assert asked.viewer.post("/v1/objects", {"items": [{"key": other}]}).status_code == 403
    assert asked.post("/v1/objects", {"items": [{"key": other}]}).json()["revision"] == 4
    assert asked.post("/v1/objects", {"items": []}).status_code == 422


def test_the_way_back_and_on(asked: Asked) -> None:
    asked.post("/v1/objects", {"items": [{"key": KEY, "wanted": wanted(5)}]})
    rehearsed = asked.viewer.post("/v1/rollback", {"revision": 1, "dryRun": True})
    assert (rehearsed.status_code, rehearsed.json()["changes"]) == (200, ["update Model/m"])
    assert asked.viewer.post("/v1/rollback", {"revision": 1}).status_code == 403
    done = asked.post("/v1/rollback", {"revision": 1, "only": [KEY], "message": "worse"}).json()
    assert (done["revision"], done["rolledBack"]["holds"][0]["source"]) == (3, "acme")
    assert asked.post("/v1/resume", {"source": "acme"}).json()["resumed"][0]["key"] == KEY
    assert asked.post("/v1/resume", {"source": "acme"}).status_code == 404


def test_a_source_adopts(asked: Asked) -> None:
    told: JsonObject = {"keys": [KEY], "source": "acme"}
    assert asked.viewer.post("/v1/adopt", {**told, "dryRun": True}).status_code == 200
    done = asked.post("/v1/adopt", told).json()
    assert done["adopted"]["source"] == "acme"
    intention: JsonObject = {"source": {"name": "acme", "paths": {}}}
    assert asked.post("/v1/adopt", {"keys": [KEY], "intention": intention}).status_code == 200
