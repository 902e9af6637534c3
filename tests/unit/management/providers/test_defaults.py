from reconciler.control.imperative.creation import Creation
from reconciler.json_types import JsonObject
from reconciler.management.providers.defaults import made, set_default
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State

PROVIDER = ResourceKey("Provider", "default", "p")


def bound(name: str, model: str, *, default: bool) -> StoredResource:
    spec: JsonObject = {"provider": "p", "model": model, "default": default}
    return StoredResource(Resource(ResourceKey("Binding", "default", name), spec), "u", 1, 1, "t", 1)


def names(found: object) -> set[tuple[str, str]]:
    assert isinstance(found, dict)
    return {(key.kind, key.name) for key in found}


def test_a_default_is_bound_once_and_no_other_stays() -> None:
    state = State([bound("a", "m", default=True), bound("b", "n-x", default=False)])
    assert names(set_default(PROVIDER, None, state)) == {("Binding", "a")}
    assert names(set_default(PROVIDER, "n/x", state)) == {("Binding", "a"), ("Binding", "b")}
    new = set_default(PROVIDER, "z", state)
    assert names(new) == {("Model", "z"), ("Binding", "z-p"), ("Binding", "a")}
    assert names(set_default(PROVIDER, None, State())) == set()


def test_a_provider_comes_with_its_default() -> None:
    assert names(made(PROVIDER, {}, None, State())) == {("Provider", "p")}
    found = made(PROVIDER, {"kind": "Provider"}, "m", State())
    assert names(found) == {("Provider", "p"), ("Model", "m"), ("Binding", "m-p")}
    creation = found[PROVIDER]
    assert isinstance(creation, Creation)
    assert creation.make() == {"kind": "Provider"}
