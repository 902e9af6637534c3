"""What the recorded requests leave out: creation by POST, refusals, and the ways managedFields are replaced."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.kubernetes_object import APPLY, JSON_PATCH, MERGE, Answer, KubernetesObject, Request

from reconciler.control.ownership.managed_fields import managed_fields_json
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager

VERSION = "g/v1"
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"type": "string"}, "b": {"type": "integer", "default": 3}},
        }
    },
}


def whole(**spec: JsonValue) -> JsonObject:
    return {"apiVersion": VERSION, "kind": "K", "metadata": {"name": "n"}, "spec": dict(spec)}


@pytest.fixture
def server() -> KubernetesObject:
    made = KubernetesObject(SCHEMA, VERSION)
    assert made.send(Request("POST", "kubectl", whole(a="1"))) == Answer(201)
    return made


def named(server: KubernetesObject) -> list[tuple[str, str]]:
    return [(each.manager, each.operation) for each in server.managers]


def put(server: KubernetesObject, **spec: JsonValue) -> JsonObject:
    metadata: JsonObject = {"name": "n", "resourceVersion": str(server.resource_version)}
    return {**whole(**spec), "metadata": metadata}


def test_who_creates_owns_the_defaults_too(server: KubernetesObject) -> None:
    fields: JsonObject = {"f:spec": {".": {}, "f:a": {}, "f:b": {}}}
    assert server.managers == (FieldManager("kubectl", "Update", fields, "000001"),)
    assert (server.generation, server.resource_version) == (1, 1)


def test_a_write_that_changes_nothing_moves_nothing(server: KubernetesObject) -> None:
    before = server.shown()
    for request in (
        Request("PUT", "kubectl", put(server, a="1", b=3)),
        Request("PATCH", "u", {"spec": {"a": "1"}}, MERGE),
        Request("PATCH", "u", [{"op": "test", "path": "/spec/a", "value": "1"}], JSON_PATCH),
    ):
        assert server.send(request) == Answer(200)
    assert server.shown() == before


REFUSED: dict[str, tuple[Callable[[KubernetesObject], Request], Answer]] = {
    "created twice": (lambda _: Request("POST", "u", whole(a="1")), Answer(409, "AlreadyExists")),
    "no version": (lambda _: Request("PUT", "u", whole(a="2")), Answer(422, "Invalid")),
    "an old version": (
        lambda server: Request("PATCH", "u", {"metadata": {"resourceVersion": "0"}}, MERGE),
        Answer(409, "Conflict"),
    ),
    "a strategic patch": (
        lambda _: Request("PATCH", "u", {}, "application/strategic-merge-patch+json"),
        Answer(415, "UnsupportedMediaType"),
    ),
    "an apply by nobody": (lambda _: Request("PATCH", "", whole(a="1"), APPLY), Answer(422, "Invalid")),
    "an apply of managedFields": (
        lambda _: Request("PATCH", "m", {"metadata": {"managedFields": []}}, APPLY),
        Answer(400, "BadRequest"),
    ),
    "no object": (lambda _: Request("PATCH", "u", [], MERGE), Answer(400, "BadRequest")),
    "what is required": (
        lambda server: Request("PUT", "u", put(server)),
        Answer(422, "Invalid", (("spec.a", "FieldValueRequired", ""),)),
    ),
}


@pytest.mark.parametrize(("request_of", "answer"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_nothing(
    server: KubernetesObject, request_of: Callable[[KubernetesObject], Request], answer: Answer
) -> None:
    before = server.shown()
    assert server.send(request_of(server)) == answer
    assert server.shown() == before


def test_a_client_side_apply_becomes_a_server_side_one(server: KubernetesObject) -> None:
    """As kubectl migrates: it renames the manager by a JSON patch, and applies again."""
    (mine,) = server.managers
    moved = managed_fields_json([replace(mine, operation="Apply")], VERSION)
    patch: JsonValue = [
        {"op": "replace", "path": "/metadata/managedFields", "value": moved},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": str(server.resource_version)},
    ]
    assert server.send(Request("PATCH", "kubectl", patch, JSON_PATCH)) == Answer(200)
    assert (server.generation, server.resource_version) == (1, 2)
    assert server.send(Request("PATCH", "kubectl", whole(a="2"), APPLY)) == Answer(200)
    assert named(server) == [("kubectl", "Apply")]
    assert server.content["spec"] == {"a": "2", "b": 3}


def test_what_was_cleared_is_credited_before_the_next_apply(server: KubernetesObject) -> None:
    cleared: JsonValue = [{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}]
    assert server.send(Request("PATCH", "u", cleared, JSON_PATCH)) == Answer(200)
    assert named(server) == []
    assert server.send(Request("PATCH", "u", {"spec": {"a": "2"}}, MERGE)) == Answer(200)
    assert named(server) == []
    answer = server.send(Request("PATCH", "m", whole(a="3"), APPLY))
    cause = (".spec.a", "FieldManagerConflict", f'conflict with "before-first-apply" using {VERSION}')
    assert answer == Answer(409, "Conflict", (cause,))
    assert server.send(Request("PATCH", "m", whole(a="3"), APPLY, force=True)) == Answer(200)
    assert named(server) == [("m", "Apply"), ("before-first-apply", "Update")]
