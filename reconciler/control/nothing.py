"""The records of a store that is not there yet, for who only compares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from reconciler.errors import NotFound
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.records import Hold, Revision, VaultEntry


class NoRecords:
    """Fits proposal.Records and review.Past. Everything is empty, and every change is a creation."""

    @contextmanager
    def consistent(self) -> Iterator[None]:
        yield

    def state(self) -> State:
        return State()

    def holds(self) -> Sequence[Hold]:
        return ()

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None:  # noqa: ARG002  the protocols' signature
        return None

    def revisions_of(self, key: ResourceKey) -> Sequence[int]:  # noqa: ARG002  as above
        return ()

    def revision(self, number: int) -> Revision:
        raise NotFound(f"no revision {number}; there is no store yet")

    def guarded(self) -> bool:
        return False

    def vault_entry(self, entry_id: str) -> VaultEntry | None:  # noqa: ARG002  as above
        return None

    def vault_fingerprints(self, places: Sequence[str]) -> dict[tuple[str, str], str]:  # noqa: ARG002  as above
        return {}
