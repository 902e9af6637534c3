"""What of the configuration a principal is shown: all but secrets, and of namespaces that it does not see, nothing.

A revision touches what it touches: who does not see all of it is told that there was one, and when, not by whom or why.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from reconciler.api.manifest_writes import IMPORT
from reconciler.api.records import Records
from reconciler.errors import Forbidden
from reconciler.management.showing import seeing
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.records import Event, Hold, Revision, Sought, VaultEntry

_SHOWN_DIGITS = 8
"""Of a sealed value's fingerprint: enough to tell two apart, as plans show them."""


class ShownRecords:
    """Fits api.records.Records, for one principal."""

    def __init__(self, records: Records, who: Principal) -> None:
        self._records = records
        self._who = who

    @property
    def _everywhere(self) -> bool:
        return self._who.namespaces is None

    def consistent(self) -> AbstractContextManager[None]:
        return self._records.consistent()

    def head(self) -> int:
        return self._records.head()

    def head_revision(self) -> Revision | None:
        found = self._records.head_revision()
        return None if found is None else self._told(found)

    def claims(self) -> int:
        return self._records.claims()

    def compacted(self) -> int:
        return self._records.compacted()

    def guarded(self) -> bool:
        return self._records.guarded()

    def revision(self, number: int) -> Revision:
        return self._told(self._records.revision(number))

    def find_revision(self, number: int) -> Revision | None:
        found = self._records.find_revision(number)
        return None if found is None else self._told(found)

    def find_revisions(self, sought: Sought, limit: int | None = None) -> Sequence[Revision]:
        if self._everywhere:
            return self._records.find_revisions(sought, limit)
        if sought.operation == IMPORT:
            raise Forbidden(
                f"{self._who.name} may go into some namespaces alone, and an import is about all of them"
            )
        found = {
            each.number: each
            for namespace in self._namespaces(sought)
            for each in self._records.find_revisions(replace(sought, namespace=namespace), limit)
        }
        newest = [found[number] for number in sorted(found, reverse=True)]
        return tuple(self._told(each) for each in newest[:limit])

    def event_counts(self, revisions: Collection[int]) -> Mapping[int, Mapping[str, int]]:
        if self._everywhere:
            return self._records.event_counts(revisions)
        counts: dict[int, dict[str, int]] = {}
        for number in revisions:
            counted = counts.setdefault(number, {})
            for event in self.events(number):
                counted[event.type] = counted.get(event.type, 0) + 1
        return counts

    def events(self, revision: int | None = None, *, after: int = 0) -> Sequence[Event]:
        found = self._records.events(revision, after=after)
        return tuple(each for each in found if self._who.sees(each.key.namespace))

    def logged(
        self, sought: Sought, *, after: int = 0, limit: int | None = None
    ) -> Sequence[tuple[Event, Revision]]:
        if self._everywhere:
            return self._records.logged(sought, after=after, limit=limit)
        found = {
            event.resource_version: (event, revision)
            for namespace in self._namespaces(sought)
            for event, revision in self._records.logged(
                replace(sought, namespace=namespace), after=after, limit=limit
            )
        }
        ordered = [found[number] for number in sorted(found)]
        newest = ordered if limit is None else ordered[-limit:]
        return tuple((event, self._told(revision)) for event, revision in newest)

    def state(self) -> State:
        return self._within(self._records.state())

    def state_at(self, number: int) -> State:
        return self._within(self._records.state_at(number))

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None:
        self._require(key.namespace)
        return self._records.get(key, at=at)

    def revisions_of(self, key: ResourceKey) -> Sequence[int]:
        self._require(key.namespace)
        return self._records.revisions_of(key)

    def list(self, kind: str, namespace: str | None = None) -> Sequence[StoredResource]:
        if namespace is not None:
            self._require(namespace)
        found = self._records.list(kind, namespace)
        return tuple(each for each in found if self._who.sees(each.key.namespace))

    def require_contents(self, number: int) -> None:
        self._records.require_contents(number)

    def sources(self) -> frozenset[str]:
        if self._everywhere:
            return self._records.sources()
        return frozenset(each.source for each in self.state().values() if each.source is not None)

    def holds(self) -> Sequence[Hold]:
        return tuple(hold for hold in self._records.holds() if self._who.sees(hold.key.namespace))

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        """Without what is sealed, and where it belongs."""
        found = self._records.vault_entry(entry_id)
        if found is None or not self._who.sees(found.place.partition("/")[0]):
            return None
        shown = found.fingerprint.rpartition("-")[2][:_SHOWN_DIGITS]
        return VaultEntry(found.id, "", b"", shown, "")

    def _within(self, state: State) -> State:
        if self._everywhere:
            return state
        kept = (stored for key, stored in state.items() if self._who.sees(key.namespace))
        return State(kept, revision=state.revision)

    def _told(self, revision: Revision) -> Revision:
        touched = self._everywhere or all(
            self._who.sees(event.key.namespace) for event in self._records.events(revision.number)
        )
        if touched:
            return revision
        return replace(revision, actor="", source=None, commit=None, dirty=False, message="")

    def _namespaces(self, sought: Sought) -> Sequence[str]:
        """Those that are looked into. Raises Forbidden for one that is named and not seen."""
        for key in sought.keys:
            self._require(key.namespace)
        if sought.namespace is not None:
            self._require(sought.namespace)
            return (sought.namespace,)
        return sorted(self._who.namespaces or ())

    def _require(self, namespace: str) -> None:
        seeing.require_namespace(self._who, namespace)
