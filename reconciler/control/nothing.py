"""The records of a store that is not there yet, for who only compares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from reconciler.resources.state import State
from reconciler.store.records import Hold, VaultEntry


class NoRecords:
    """Fits proposal.Records. Everything is empty, and every change is a creation."""

    @contextmanager
    def consistent(self) -> Iterator[None]:
        yield

    def state(self) -> State:
        return State()

    def holds(self) -> Sequence[Hold]:
        return ()

    def vault_entry(self, entry_id: str) -> VaultEntry | None:  # noqa: ARG002  the protocol's signature
        return None

    def vault_fingerprints(self, places: Sequence[str]) -> dict[tuple[str, str], str]:  # noqa: ARG002  as above
        return {}
