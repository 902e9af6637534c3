from reconciler.control.ownership.field_set import field_set
from reconciler.control.ownership.writable import ownable, writable, written
from reconciler.json_types import JsonObject
from reconciler.resources.structure import structure_of_object

WHOLE: JsonObject = {"kind": "K", "metadata": {"name": "n"}, "spec": {"a": 1}, "status": {"b": 1}}
NEW: JsonObject = {"kind": "K", "metadata": {"name": "n"}, "spec": {"a": 2}, "status": {"b": 2}}


def test_the_main_resource_leaves_the_status_alone() -> None:
    assert writable(WHOLE, "") == {"kind": "K", "metadata": {"name": "n"}, "spec": {"a": 1}}
    assert written(WHOLE, NEW, "") == {**NEW, "status": {"b": 1}}
    assert written({}, NEW, "") == {"kind": "K", "metadata": {"name": "n"}, "spec": {"a": 2}}


def test_the_status_leaves_all_else_alone() -> None:
    assert writable(WHOLE, "status") == {"status": {"b": 1}}
    assert writable({"spec": {}}, "status") == {}
    assert written(WHOLE, NEW, "status") == {**WHOLE, "status": {"b": 2}}
    assert written(WHOLE, {"spec": {}}, "status") == {
        "kind": "K",
        "metadata": {"name": "n"},
        "spec": {"a": 1},
    }


def test_nobody_owns_what_only_the_server_writes() -> None:
    structure = structure_of_object({"type": "object"})
    whole: JsonObject = {
        "apiVersion": "g/v1",
        "kind": "K",
        "metadata": {
            "name": "n",
            "namespace": "d",
            "uid": "u",
            "generation": 1,
            "resourceVersion": "1",
            "creationTimestamp": "t",
            "labels": {"l": "1"},
        },
    }
    labels = {(("f", "metadata"), ("f", "labels"), ("f", "l"))}
    assert ownable(field_set(whole, structure)) == labels
    assert ownable(frozenset(labels)) == labels
