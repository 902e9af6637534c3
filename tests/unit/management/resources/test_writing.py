from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api

from reconciler.json_types import JsonObject

ONE = "/v1/resources/model/default/m"
MODEL: JsonObject = {
    "apiVersion": "routerctl.dev/v1",
    "kind": "Model",
    "metadata": {"name": "m"},
    "spec": {"contextWindow": 8},
}
YAML = b"apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {name: m, labels: {a: b}}\nspec: {contextWindow: 16}\n"


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as asked:
        yield asked


def test_a_resource_is_put_patched_and_deleted(asked: Asked) -> None:
    made = asked.put(ONE, MODEL)
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, ONE, '"1"')
    assert asked.ask("PUT", ONE, YAML, content_type="application/yaml").json()["metadata"]["labels"] == {
        "a": "b"
    }
    whole = asked.get(ONE).json()
    assert asked.put(ONE, whole).json()["revision"] == 2  # nothing changed
    stale: JsonObject = {**whole, "metadata": {**whole["metadata"], "resourceVersion": "1"}}
    assert asked.put(ONE, stale).status_code == 409
    assert asked.patch(ONE, {"spec": {"contextWindow": None}}).json()["spec"] == {}
    patch: list[object] = [{"op": "add", "path": "/spec/description", "value": "x"}]
    done = asked.ask("PATCH", ONE, patch, content_type="application/json-patch+json")
    assert done.json()["spec"] == {"description": "x"}
    merged = asked.ask(
        "PATCH", ONE, {"spec": {"description": "y"}}, content_type="application/merge-patch+json"
    )
    assert merged.json()["spec"] == {"description": "y"}
    assert asked.delete("/v1/resources/Models/default/m").json()["deleted"] is True
    assert asked.delete(ONE).status_code == asked.patch(ONE, {}).status_code == 404


def test_names_and_kind_of_the_path_count(asked: Asked) -> None:
    bare: JsonObject = {"apiVersion": "routerctl.dev/v1", "spec": {}}
    assert asked.put(ONE, bare).status_code == 201
    changed = asked.put(ONE, {**bare, "spec": {"contextWindow": 8}})
    assert (changed.status_code, changed.json()["metadata"]["name"]) == (200, "m")
    assert asked.spec("Model", "m") == {"contextWindow": 8}
    assert asked.put(ONE, {**bare, "metadata": {"labels": {"a": "b"}}}).json()["metadata"]["labels"] == {
        "a": "b"
    }
    assert "labels" not in asked.put(ONE, bare).json()["metadata"]
    others: tuple[dict[str, object], ...] = (
        {**MODEL, "metadata": {"name": "n"}},
        {**MODEL, "kind": "Provider"},
        {**MODEL, "metadata": {"name": "m", "namespace": "team"}},
        {**MODEL, "apiVersion": "v1"},
        {**MODEL, "metadata": {"name": "m", "uid": "x"}},
        {**MODEL, "metadata": {"name": "m", "managedFields": []}},
        {**MODEL, "metadata": {"name": "m", "generation": 7}},
        {**MODEL, "metadata": {"name": "m", "deletionTimestamp": "2026-01-01T00:00:00Z"}},
        {**MODEL, "metadata": []},
        {**MODEL, "status": {"conditions": []}},
        {**MODEL, "spec": {"nope": 1}},
        {**MODEL, "spec": None},
    )
    for other in others:
        assert asked.put("/v1/resources/model/default/m", other).status_code in {200, 422}
        assert asked.put("/v1/resources/model/default/fresh", other).status_code == 422, other
    assert asked.spec("Model", "m") == {}
    assert asked.there("Model", "fresh") is None
    assert asked.put("/v1/resources/model/team/m", MODEL).json()["metadata"]["namespace"] == "team"
    assert asked.put("/v1/resources/pod/default/m", MODEL).status_code == 404
    for body, media in (
        (b"a: [", "application/yaml"),
        (YAML + b"---\n" + YAML, "application/yaml"),
        (b"[]", "application/json"),
    ):
        assert asked.ask("PUT", ONE, body, content_type=media).status_code in {400, 422}
    assert asked.ask("PATCH", ONE, b"[]", content_type="application/merge-patch+json").status_code == 400
    assert asked.ask("PATCH", ONE, b"{}", content_type="application/json-patch+json").status_code == 422
    gone = asked.ask(
        "PATCH", ONE, b'[{"op": "remove", "path": "/spec"}]', content_type="application/json-patch+json"
    )
    assert gone.status_code in {200, 422}
