"""What the snapshot needs of a store. Owned here, so that this package imports none; store.reader fits it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State


class Source(Protocol):
    def consistent(self) -> AbstractContextManager[None]:
        """All that is read inside is of one moment."""
        ...

    def head(self) -> int: ...

    def claims(self) -> int:
        """Moves with each change of ownership alone, which moves no head and yet decides which secret may go where."""
        ...

    def guarded(self) -> bool:
        """Whether others than this machine's own user may write: then providers reach local addresses by permission alone."""
        ...

    def state_at(self, revision: int) -> State: ...

    def changes_between(self, start: int, end: int) -> Sequence[tuple[ResourceKey, StoredResource | None]]:
        """The resources that differ, as at `end`; None for one that is gone by then."""
        ...


class HeadSignal(Protocol):
    def moved(self) -> bool:
        """Whether anything was committed since the last call. Cheap enough to be asked every 25 ms."""
        ...
