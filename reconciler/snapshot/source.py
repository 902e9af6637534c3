"""What the snapshot needs of a store. Owned here, so that this package imports none; store.reader fits it."""

from collections.abc import Sequence
from typing import Protocol

from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State


class Source(Protocol):
    def head(self) -> int: ...

    def state(self) -> State: ...

    def state_at(self, revision: int) -> State: ...

    def changes_between(self, start: int, end: int) -> Sequence[tuple[ResourceKey, StoredResource | None]]:
        """The resources that differ, as at `end`; None for one that is gone by then."""
        ...


class HeadSignal(Protocol):
    def moved(self) -> bool:
        """Whether anything was committed since the last call. Cheap enough to be asked every 25 ms."""
        ...
