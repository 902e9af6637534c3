from fakes.states import TIME

from reconciler.control.stored_object import stored_object
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource

MANAGER = FieldManager("git:here", "Apply", {"f:spec": {"f:aliases": {}}}, TIME)
STORED = StoredResource(
    Resource(ResourceKey("Model", "team", "m"), {"aliases": ["a"]}, {"l": "1"}),
    "uid",
    2,
    7,
    TIME,
    4,
    (MANAGER,),
)


def test_what_people_wrote_and_what_the_system_adds() -> None:
    assert stored_object(STORED) == {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Model",
        "metadata": {
            "name": "m",
            "namespace": "team",
            "labels": {"l": "1"},
            "uid": "uid",
            "generation": 2,
            "resourceVersion": "7",
            "creationTimestamp": TIME,
        },
        "spec": {"aliases": ["a"]},
    }


def test_managers_where_they_are_asked_for() -> None:
    metadata = stored_object(STORED, managed_fields=True)["metadata"]
    assert isinstance(metadata, dict)
    (entry,) = metadata["managedFields"] if isinstance(metadata["managedFields"], list) else []
    assert isinstance(entry, dict)
    assert (entry["manager"], entry["fieldsV1"]) == ("git:here", {"f:spec": {"f:aliases": {}}})
