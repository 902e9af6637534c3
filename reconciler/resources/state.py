"""An immutable set of resources. Stored state and any past state are the same type."""

from collections.abc import Iterable, Iterator, Mapping

from reconciler.resources.resource import ResourceKey, StoredResource


class State(Mapping[ResourceKey, StoredResource]):
    """The resources of the store at `revision`; 0 is the empty store before its first revision."""

    __slots__ = ("_items", "revision")

    def __init__(self, resources: Iterable[StoredResource] = (), *, revision: int = 0) -> None:
        self._items = {stored.key: stored for stored in resources}
        self.revision = revision

    def __getitem__(self, key: ResourceKey) -> StoredResource:
        return self._items[key]

    def get(self, key: ResourceKey, default: None = None) -> StoredResource | None:  # type: ignore[override]  # no other default is asked for
        """As of any mapping, without the detour by KeyError."""
        return self._items.get(key, default)

    def __iter__(self) -> Iterator[ResourceKey]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def lasting(self) -> "State":
        """Without what is being deleted: that is gone for all but its record."""
        if not any(stored.resource.terminating for stored in self._items.values()):
            return self
        kept = (stored for stored in self._items.values() if not stored.resource.terminating)
        return State(kept, revision=self.revision)

    def __repr__(self) -> str:
        return f"<State of revision {self.revision}: {len(self)} resources>"
