import pytest
from fakes.states import stored

from reconciler.control.imperative.written import resource_of_written, what_is_written
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.stored_object import stored_object
from reconciler.errors import Conflict, InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey

STORED = stored(Resource(ResourceKey("Model", "team", "m"), {"displayName": "M"}, {"a": "1"}), revision=7)
WHOLE = stored_object(STORED)


def metadata(**fields: JsonValue) -> JsonObject:
    held = WHOLE["metadata"]
    assert isinstance(held, dict)
    return {**WHOLE, "metadata": {**held, **fields}}


def test_the_systems_metadata_are_taken_out_where_they_are_the_same() -> None:
    document = what_is_written(STORED, WHOLE)
    assert document == {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Model",
        "metadata": {"name": "m", "namespace": "team", "labels": {"a": "1"}},
        "spec": {"displayName": "M"},
    }
    assert resource_of_written(document) == STORED.resource


def test_a_null_is_a_field_that_is_not_there() -> None:
    document = what_is_written(STORED, {**metadata(labels=None), "spec": {"displayName": None}})
    assert resource_of_written(document) == Resource(STORED.key, {})


@pytest.mark.parametrize(
    ("written", "field"),
    [
        (metadata(name="n"), "metadata.name"),
        (metadata(namespace="default"), "metadata.namespace"),
        ({**WHOLE, "kind": "Provider"}, "kind"),
    ],
)
def test_nothing_becomes_another_resource(written: JsonObject, field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^Model/team/m: {field} can't be changed\n"):
        what_is_written(STORED, written)


@pytest.mark.parametrize(
    "written", [5, [], "x", None, {}, {**WHOLE, "metadata": 5}, {**WHOLE, "metadata": None}]
)
def test_what_is_no_object(written: JsonValue) -> None:
    with pytest.raises(InvalidInput):
        what_is_written(STORED, written)


def test_another_resource_version_means_another_state() -> None:
    with pytest.raises(Conflict, match="its resourceVersion is 7"):
        what_is_written(STORED, metadata(resourceVersion="6"))
    assert what_is_written(STORED, metadata(resourceVersion="7")) == what_is_written(STORED, WHOLE)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (metadata(uid="other"), "metadata.uid: written by the system"),
        (metadata(generation=True), "metadata.generation: written by the system"),
        ({**WHOLE, "status": {}}, "status: status is written by the system"),
        ({**WHOLE, "apiVersion": "v1"}, "apiVersion: unknown version"),
        ({**WHOLE, "spec": []}, "spec"),
        (metadata(labels={"a": 1}), "metadata.labels.a"),
    ],
)
def test_what_no_manifest_may_hold(written: JsonObject, message: str) -> None:
    with pytest.raises(InvalidManifests) as error:
        resource_of_written(what_is_written(STORED, written))
    assert message in str(error.value)
    assert str(error.value).startswith("error: Model/team/m: ")
