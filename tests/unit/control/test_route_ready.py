from collections.abc import Mapping, Sequence

import pytest
from fakes.states import stored

from reconciler.control.route_ready import Ready, Truth, missing_targets, route_ready
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey, StoredResource


def key(kind: str, name: str) -> ResourceKey:
    return ResourceKey(kind, "default", name)


def resource(kind: str, name: str, **spec: JsonValue) -> StoredResource:
    return stored(Resource(key(kind, name), spec))


class Around:
    def __init__(self, *there: StoredResource) -> None:
        self._there = {each.key: each for each in there}

    def get(self, key: ResourceKey) -> StoredResource | None:
        return self._there.get(key)

    def bindings_of(self, model: ResourceKey) -> Sequence[StoredResource]:
        return [each for each in self._there.values() if each.resource.spec.get("model") == model.name]


AROUND = Around(
    resource("Model", "m"),
    resource("Model", "n"),
    resource("Provider", "p"),
    resource("Binding", "b", model="m", provider="p"),
)


def ready(told: Mapping[str, Truth], *targets: JsonValue) -> Ready:
    def standing(each: StoredResource) -> Ready:
        status = told[each.key.name]
        return Ready(status, "", f"{each.key.name} says {status}")

    return route_ready(resource("Route", "r", targets=[*targets]), AROUND, standing)


def test_one_target_that_is_ready_is_enough() -> None:
    found = ready(
        {"m": "False", "b": "True", "p": "True"},
        {"model": "m"},
        {"model": "m", "provider": "p"},
        {"provider": "p"},
    )
    assert found == Ready("True", "Served", "served by m@p, @p")


@pytest.mark.parametrize(("second", "status"), [("False", "False"), ("Unknown", "Unknown")])
def test_without_one_each_says_why(second: Truth, status: str) -> None:
    found = ready({"m": "False", "p": second}, {"model": "m"}, {"provider": "p"})
    assert (found.status, found.reason) == (status, "NoReadyTarget")
    assert found.message == f"m: m says False\n@p: p says {second}"


def test_what_a_target_lacks_is_told() -> None:
    found = ready({}, {"model": "n", "provider": "p"}, {"model": "gone"})
    assert found.message == "n@p: no Binding binds n to p\ngone: Model/gone does not exist"


def test_a_route_without_targets_has_the_bindings_of_others() -> None:
    assert ready({}).status == "True"


def test_what_its_targets_name_in_vain() -> None:
    route = resource(
        "Route", "r", targets=[{"model": "gone", "provider": "p"}, {"model": "gone"}, "no target"]
    )
    assert list(missing_targets(route, AROUND)) == ["Model/gone does not exist"]
