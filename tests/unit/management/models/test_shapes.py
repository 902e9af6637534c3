import pytest

from reconciler.errors import NotFound
from reconciler.json_types import JsonObject
from reconciler.management.models import shapes
from reconciler.resources.resource import Resource, ResourceKey, StoredResource


def stored(kind: str, name: str, spec: JsonObject) -> StoredResource:
    return StoredResource(Resource(ResourceKey(kind, "default", name), spec), "u", 1, 1, "t", 1)


def test_who_is_asked_first() -> None:
    providers = [stored("Provider", "p", {"priority": 1}), stored("Provider", "off", {"enabled": False})]
    bindings = [
        stored("Binding", "a", {"model": "m", "provider": "gone"}),
        stored("Binding", "b", {"model": "m", "provider": "off"}),
        stored("Binding", "c", {"model": "m", "provider": "p", "enabled": False}),
        stored("Binding", "d", {"model": "m", "provider": "p", "priority": "x"}),
    ]
    assert shapes.owners(bindings, providers) == {"m": "p"}


def test_a_model_is_found_by_name_first() -> None:
    models = [stored("Model", "a", {"aliases": ["b"]}), stored("Model", "b", {})]
    assert shapes.require_model("default", "b", models).key.name == "b"
    assert shapes.require_model("default", "b", models[:1]).key.name == "a"
    with pytest.raises(NotFound):
        shapes.require_model("team", "b", models)
    assert shapes.name_of("a/b") == "a-b"
    assert not shapes.can(models[1], "chat")
