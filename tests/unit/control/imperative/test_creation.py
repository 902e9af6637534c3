import pytest
from fakes.states import TIME, stored

from reconciler.control.imperative.creation import Creation, created, new
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.nothing import NoRecords
from reconciler.control.plan.model import Action
from reconciler.control.seal import Sealer
from reconciler.control.stored_object import stored_object
from reconciler.errors import Conflict, InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey

KEY = ResourceKey("Model", "default", "m")


def document(name: str = "m", **spec: JsonValue) -> JsonObject:
    return {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Model",
        "metadata": {"name": name},
        "spec": {**spec},
    }


def made(creation: Creation) -> Resource:
    change = created(creation, Sealer(NoRecords(), None), manager="cli:ada", now=TIME)
    assert (change.action, change.before) == (Action.CREATE, None)
    assert change.after is not None
    return change.after


def test_its_maker_owns_all_of_it() -> None:
    change = created(new(KEY, {"displayName": "M"}), Sealer(NoRecords(), None), manager="cli:ada", now=TIME)
    (entry,) = change.managed_fields
    assert (entry.manager, entry.operation) == ("cli:ada", "Update")
    assert entry.fields == {"f:spec": {".": {}, "f:displayName": {}}}
    assert change.after is not None
    assert change.after.spec == {"displayName": "M"}


def test_a_provider_gets_its_defaults() -> None:
    key = ResourceKey("Provider", "team", "p")
    after = made(new(key, {"type": "simulator"}))
    assert (after.key, after.spec["enabled"], after.spec["priority"]) == (key, True, 0)


def test_what_is_there_is_in_its_way_or_is_changed() -> None:
    there = stored_object(stored(Resource(KEY, {}), revision=1))
    with pytest.raises(Conflict) as error:
        new(KEY, {})(there)
    assert error.value.told("routerctl").splitlines() == [
        "Model/m is there already",
        "  look at it with: routerctl get model/m -n default",
    ]
    changing = Creation(KEY, dict, lambda whole: {**whole, "spec": {"displayName": "other"}})
    assert changing(there) == {**there, "spec": {"displayName": "other"}}


def test_what_no_manifest_may_hold_and_another_identity() -> None:
    with pytest.raises(InvalidManifests, match="contextWindow"):
        made(Creation(KEY, lambda: document(contextWindow=-1)))
    with pytest.raises(InvalidInput, match="what would be written is Model/other"):
        made(Creation(KEY, lambda: document("other")))
    with pytest.raises(InvalidInput, match="is no object"):
        made(Creation(KEY, lambda: "text"))
