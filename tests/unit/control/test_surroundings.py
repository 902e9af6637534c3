from collections.abc import Sequence
from dataclasses import replace

from fakes.store import provider

from reconciler.control.surroundings import Surroundings
from reconciler.resources.resource import Resource, ResourceKey, StoredResource


class Store:
    def __init__(self, *there: Resource) -> None:
        self.there = [StoredResource(each, "uid", 1, 1, "t", 1) for each in there]
        self.asked: list[str] = []

    def get(self, key: ResourceKey) -> StoredResource | None:
        self.asked.append(str(key))
        return next((each for each in self.there if each.key == key), None)

    def list(self, kind: str, namespace: str | None = None) -> Sequence[StoredResource]:
        self.asked.append(f"{kind}s of {namespace}")
        return [each for each in self.there if (each.key.kind, each.key.namespace) == (kind, namespace)]


def test_few_are_read_one_by_one_and_many_at_once() -> None:
    store = Store(*(provider(str(number)) for number in range(20)))
    around = Surroundings(store)
    keys = [ResourceKey("Provider", "default", str(number)) for number in range(21)]
    names = [found.key.name if found is not None else None for found in map(around.get, keys)]
    assert names == [*(str(number) for number in range(20)), None]
    assert store.asked == [*(f"Provider/{number}" for number in range(8)), "Providers of default"]


def test_the_bindings_of_a_model() -> None:
    def binding(name: str, model: str, namespace: str = "default") -> Resource:
        return Resource(ResourceKey("Binding", namespace, name), {"model": model})

    store = Store(binding("a", "m"), binding("b", "n"), binding("c", "m"), binding("d", "m", "team"))
    around = Surroundings(store)
    model = ResourceKey("Model", "default", "m")
    assert [each.key.name for each in around.bindings_of(model)] == ["a", "c"]
    assert around.bindings_of(model._replace(name="none")) == ()
    assert [each.key.name for each in around.bindings_of(model._replace(namespace="team"))] == ["d"]
    assert store.asked == ["Bindings of default", "Bindings of team"]


def test_what_is_being_deleted_is_not_among_them() -> None:
    gone = replace(provider("gone"), finalizers=("f",), deletion_timestamp="t")
    around = Surroundings(Store(gone, *(provider(str(number)) for number in range(9))))
    assert around.get(gone.key) is None
    for number in range(9):
        assert around.get(ResourceKey("Provider", "default", str(number))) is not None
    assert around.get(gone.key) is None
