"""What came of a change."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.control.proposal import Proposal
from reconciler.management.rest.looking import Looking
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.store.records import Revision

_NEVER = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Written:
    """`revision` is the head afterwards; None for what was only rehearsed. `changed`: whether it is a new one."""

    proposal: Proposal
    revision: Revision | None

    @property
    def changed(self) -> bool:
        return not self.proposal.plan.empty

    def after(self, key: ResourceKey, now: Looking) -> StoredResource | None:
        """The resource afterwards; of a rehearsal as it would be, but for the system's numbers."""
        if self.revision is not None:
            return now.records.get(key)
        before = self.proposal.state.get(key)
        change = next((each for each in self.proposal.plan.changes if each.key == key), None)
        if change is None:
            return before
        if change.after is None:
            return None
        if before is None:
            time = next((entry.time for entry in change.managed_fields), _NEVER)
            return StoredResource(change.after, "", 1, 0, time, 0, change.managed_fields)
        return replace(before, resource=change.after, managed_fields=change.managed_fields)

    def alive(self, kind: str, now: Looking, namespace: str) -> Iterator[StoredResource]:
        """All of a kind afterwards, as in `after`."""
        made = (each.key for each in self.proposal.plan.changes)
        keys = {each.key for each in now.records.list(kind, namespace)}
        keys |= {key for key in made if (key.kind, key.namespace) == (kind, namespace)}
        for key in sorted(keys):
            stored = self.after(key, now)
            if stored is not None and not stored.resource.terminating:
                yield stored
