"""A store as it was at a revision, for who read the first part of an answer then: the head moved meanwhile.

What has no past (holds, sealed values) is told as it is now.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager

from reconciler.api.records import Records
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.records import Event, Hold, Revision, Sought, VaultEntry


class Pinned:
    """Fits api.records.Records. `at` is a revision that there is."""

    def __init__(self, records: Records, at: int) -> None:
        self._records = records
        self._at = at

    def consistent(self) -> AbstractContextManager[None]:
        return self._records.consistent()

    def head(self) -> int:
        return self._at

    def head_revision(self) -> Revision | None:
        return self._records.revision(self._at) if self._at else None

    def claims(self) -> int:
        return self._records.claims()

    def compacted(self) -> int:
        return self._records.compacted()

    def guarded(self) -> bool:
        return self._records.guarded()

    def revision(self, number: int) -> Revision:
        return self._records.revision(number)

    def find_revision(self, number: int) -> Revision | None:
        return self._records.find_revision(number) if number <= self._at else None

    def find_revisions(self, sought: Sought, limit: int | None = None) -> Sequence[Revision]:
        found = self._records.find_revisions(sought, None if limit is None else limit + self._moved())
        return tuple(each for each in found if each.number <= self._at)[:limit]

    def event_counts(self, revisions: Collection[int]) -> Mapping[int, Mapping[str, int]]:
        return self._records.event_counts(revisions)

    def events(self, revision: int | None = None, *, after: int = 0) -> Sequence[Event]:
        return tuple(
            each for each in self._records.events(revision, after=after) if each.revision <= self._at
        )

    def logged(
        self, sought: Sought, *, after: int = 0, limit: int | None = None
    ) -> Sequence[tuple[Event, Revision]]:
        found = self._records.logged(sought, after=after)
        kept = tuple(each for each in found if each[0].revision <= self._at)
        return kept if limit is None else kept[-limit:]

    def state(self) -> State:
        return self._records.state_at(self._at)

    def state_at(self, number: int) -> State:
        return self._records.state_at(number)

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None:
        return self._records.get(key, at=self._at if at is None else at)

    def revisions_of(self, key: ResourceKey) -> Sequence[int]:
        return tuple(each for each in self._records.revisions_of(key) if each <= self._at)

    def list(self, kind: str, namespace: str | None = None) -> Sequence[StoredResource]:
        found = self.state()
        return tuple(
            stored
            for key, stored in sorted(found.items())
            if key.kind == kind and namespace in (None, key.namespace)
        )

    def require_contents(self, number: int) -> None:
        self._records.require_contents(number)

    def sources(self) -> frozenset[str]:
        return self._records.sources()

    def holds(self) -> Sequence[Hold]:
        return self._records.holds()

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        return self._records.vault_entry(entry_id)

    def _moved(self) -> int:
        """How many revisions there are behind the one that is meant."""
        return self._records.head() - self._at
