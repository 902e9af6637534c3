"""The resources around those that are looked at, read when they are asked for and once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from reconciler.resources.resource import ResourceKey, StoredResource

_FEW = 8
"""So many of a kind are read one by one; whoever asks for more looks at many, and all are read at once."""

_Space: TypeAlias = tuple[str, str]


class Resources(Protocol):
    """The store's reader."""

    def get(self, key: ResourceKey) -> StoredResource | None: ...

    def list(self, kind: str, namespace: str | None = None) -> Sequence[StoredResource]: ...


class Surroundings:
    """Fits conditions.Related. Of one moment where the reader is. What is being deleted is not among them."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._asked: Counter[_Space] = Counter()
        self._listed: dict[_Space, Mapping[ResourceKey, StoredResource]] = {}
        self._bindings: dict[str, Mapping[str, Sequence[StoredResource]]] = {}

    def get(self, key: ResourceKey) -> StoredResource | None:
        space = (key.kind, key.namespace)
        if space not in self._listed and self._asked[space] < _FEW:
            self._asked[space] += 1
            found = self._resources.get(key)
            return None if found is None or found.resource.terminating else found
        return self._all(space).get(key)

    def bindings_of(self, model: ResourceKey) -> Sequence[StoredResource]:
        space = model.namespace
        if space not in self._bindings:
            found: dict[str, list[StoredResource]] = {}
            for stored in self._all(("Binding", space)).values():
                found.setdefault(str(stored.resource.spec.get("model")), []).append(stored)
            self._bindings[space] = found
        return self._bindings[space].get(model.name, ())

    def _all(self, space: _Space) -> Mapping[ResourceKey, StoredResource]:
        if space not in self._listed:
            listed = self._resources.list(*space)
            self._listed[space] = {stored.key: stored for stored in listed if not stored.resource.terminating}
        return self._listed[space]
