from reconciler.control.imperative.dependents import cascade, dependents
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey


def resource(kind: str, name: str, spec: JsonObject) -> Resource:
    return Resource(ResourceKey(kind, "default", name), spec)


P = ResourceKey("Provider", "default", "p")
BINDING = resource("Binding", "b", {"model": "m", "provider": "p"})
SETTINGS = resource("Settings", "default", {"activeProvider": "p", "defaultModel": "m"})
ROUTE = resource("Route", "r", {"targets": [{"provider": "q"}, {"provider": "p"}]})
OTHER = resource("Binding", "other", {"model": "m", "provider": "q"})


def test_who_refers_to_it_and_what_becomes_of_them() -> None:
    found = dependents([P], [BINDING, SETTINGS, ROUTE, OTHER, BINDING])
    assert [(str(each), each.deleted, each.changed, each.stands) for each in found] == [
        ("Binding/b (spec.provider: p)", True, False, False),
        ("Route/r (spec.targets[1].provider: p)", False, False, True),
        ("Settings/default (spec.activeProvider: p)", False, True, False),
    ]
    rewrites = cascade(found)
    assert [str(key) for key in rewrites] == ["Binding/b", "Settings/default"]
    assert rewrites[BINDING.key] is None
    changed = rewrites[SETTINGS.key]
    assert changed is not None
    assert changed({"spec": SETTINGS.spec}) == {"spec": {"defaultModel": "m"}}


def test_those_that_go_as_well_are_none() -> None:
    assert dependents([P, BINDING.key], [BINDING, OTHER]) == []
