from datetime import UTC, datetime

import pytest

from reconciler.cli.resource_output import Row, as_object, resource_table
from reconciler.control.conditions import Condition, Truth
from reconciler.json_types import JsonObject
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource

TIME = "2026-01-01T00:00:00Z"
NOW = datetime(2026, 1, 3, tzinfo=UTC)
SPECS: dict[str, JsonObject] = {
    "Provider": {
        "type": "lm-studio", "displayName": "P", "enabled": True, "priority": 3, "config": {"baseURL": "http://a"}
    },
    "Model": {"aliases": ["x", "y"], "capabilities": ["chat"], "contextWindow": 8, "displayName": "M"},
    "Binding": {"model": "m", "provider": "p", "enabled": False, "priority": 1, "upstreamModel": "u"},
    "Route": {
        "priority": 2, "strategy": "weighted", "match": {"models": ["m", "n"]}, "enabled": True,
        "targets": [{"model": "m"}, {"model": "m", "provider": "p"}, {"provider": "p"}],
    },
    "Settings": {"defaultModel": "m", "activeProvider": "p"},
    "ClientKey": {"keys": [{"id": "a1B2c3D4e5F6", "hash": "sha256:canary"}], "models": ["m", "n-*"], "routes": ["r"]},
    "Secret": {"data": {"A": {"sealed": "v-canary"}, "B": {"valueFrom": {"env": "E"}}}, "hosts": ["h"]},
}  # fmt: skip


def stored(kind: str, spec: JsonObject, namespace: str = "default") -> StoredResource:
    return StoredResource(
        Resource(ResourceKey(kind, namespace, "n"), spec), "uid", 2, 7, TIME, 4, (), "here", "a.yaml"
    )


def shown(kind: str, spec: JsonObject, *, wide: bool = False, refused: str | None = None) -> list[list[str]]:
    condition = Condition("Ready", "False" if refused else "True", "Any", refused or "")
    row = Row(stored(kind, spec), NOW, (condition,))
    text = resource_table(kind, [row], wide=wide, namespaces=False, prefix=False)
    return [line.split() for line in text.split("\n")]


@pytest.mark.parametrize(("ready", "told"), [("True", "left-alone"), ("False", "no-key")])
def test_why_a_provider_is_not_as_it_should_be(ready: Truth, told: str) -> None:
    conditions = (
        Condition("Ready", ready, "Any", "no-key"),
        Condition("Healthy", "False", "CircuitOpen", "left-alone"),
    )
    row = Row(stored("Provider", SPECS["Provider"]), NOW, conditions)
    text = resource_table("Provider", [row], wide=True, namespaces=False, prefix=False)
    cells = text.split("\n")[1].split()
    assert cells[2:4] == [ready, "False"]
    assert told in cells


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("Provider", ["n", "lm-studio", "True", "-", "3", "2d"]),
        ("Model", ["n", "True", "x,y", "chat", "2d"]),
        ("Binding", ["n", "True", "m", "p", "u", "1", "false", "2d"]),
        ("Route", ["n", "True", "2", "weighted", "m,n", "m,m@p,@p", "2d"]),
        ("Settings", ["n", "True", "m", "p", "2d"]),
        ("ClientKey", ["n", "True", "1", "m,n-*", "-", "2d"]),
        ("Secret", ["n", "True", "A,B", "h", "2d"]),
    ],
)
def test_the_columns_of_a_kind(kind: str, cells: list[str]) -> None:
    assert shown(kind, SPECS[kind])[1] == cells


@pytest.mark.parametrize("kind", KINDS)
def test_more_is_told_where_asked_and_a_secret_never(kind: str) -> None:
    narrow, wide = shown(kind, SPECS[kind])[1], shown(kind, SPECS[kind], wide=True)[1]
    assert wide[-3:] == ["here", "a.yaml", "4"]
    assert len(wide) > len(narrow)
    assert "canary" not in str(wide)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_is_a_dash(kind: str) -> None:
    assert set(shown(kind, {})[1]) - {"0"} <= {"n", "2d", "-", "True"}  # a ClientKey has so many keys


def test_a_refused_provider_says_why() -> None:
    cells = shown("Provider", SPECS["Provider"], wide=True, refused="no-key\n  set-it")[1]
    assert cells[cells.index("no-key;") + 1] == "set-it"


def test_several_kinds_and_namespaces_are_told_apart() -> None:
    row = Row(stored("Model", {}, "team"), NOW)
    text = resource_table("Model", [row], wide=False, namespaces=True, prefix=True)
    assert text.split("\n")[1].split() == ["team", "model/n", "-", "-", "-", "2d"]


@pytest.mark.parametrize(
    ("conditions", "word"),
    [
        ((Condition("Ready", "True", "Built", ""),), "True"),
        ((Condition("Other", "True", "Any", ""), Condition("Ready", "False", "Refused", "")), "False"),
        ((Condition("Ready", "Unknown", "NoWorker", ""),), "Unknown"),
        ((Condition("Ready", "False", "Disabled", ""),), "Disabled"),
        ((), "-"),
    ],
)
def test_whether_a_provider_serves(conditions: tuple[Condition, ...], word: str) -> None:
    row = Row(stored("Provider", {"type": "simulator"}), NOW, conditions)
    text = resource_table("Provider", [row], wide=False, namespaces=False, prefix=False)
    assert text.split("\n")[1].split()[2] == word


def test_what_is_known_of_it_is_its_status() -> None:
    shown = as_object(stored("Provider", {}), (Condition("Ready", "True", "Built", "by 1", 2),))
    assert shown["status"] == {
        "conditions": [
            {"type": "Ready", "status": "True", "reason": "Built", "message": "by 1", "observedGeneration": 2}
        ]
    }
    assert "status" not in as_object(stored("Model", {}))


def test_a_resource_as_kubernetes_would_write_it() -> None:
    manager = FieldManager("git:here", "Apply", {"f:spec": {"f:aliases": {}}}, TIME)
    resource = Resource(ResourceKey("Model", "team", "m"), {"aliases": ["a"]}, {"l": "1"}, {"n": "2"})
    assert as_object(StoredResource(resource, "uid", 2, 7, TIME, 4, (manager,)), managed_fields=True) == {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Model",
        "metadata": {
            "name": "m",
            "namespace": "team",
            "labels": {"l": "1"},
            "annotations": {"n": "2"},
            "uid": "uid",
            "generation": 2,
            "resourceVersion": "7",
            "creationTimestamp": TIME,
            "managedFields": [
                {
                    "manager": "git:here",
                    "operation": "Apply",
                    "apiVersion": "routerctl.dev/v1",
                    "time": TIME,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:spec": {"f:aliases": {}}},
                }
            ],
        },
        "spec": {"aliases": ["a"]},
    }


def test_empty_maps_are_left_out() -> None:
    metadata = as_object(stored("Model", {}))["metadata"]
    assert isinstance(metadata, dict)
    assert "labels" not in metadata
