"""A source that gained a better name keeps what it owns: its resources, fields and holds are renamed. So is what legacy mode
put into the store, by whoever applies first.

It is planned against the store as if the source had always had its new name; what that changes is written with the
next revision.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from reconciler.control.ownership.field_set import from_fields_v1, to_fields_v1
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.plan.order import ordered
from reconciler.resources.resource import FieldManager, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.records import Hold


@dataclass(frozen=True, slots=True)
class Rename:
    """From the name of a source to its new one; None: to `manager`, who has no source. `path`: where all of it counts as
    declared from now on; None: where it was.
    """

    old: str
    new: str | None
    manager: str
    path: str | None = None

    def state(self, state: State) -> State:
        """`state` as if the source had always had its new name."""
        return State((self._stored(stored) for stored in state.values()), revision=state.revision)

    def holds(self, holds: Sequence[Hold]) -> Sequence[Hold]:
        """The same for its holds. Where a resource is held under both names, the new one's counts."""
        new = self.new
        if new is None:
            return [hold for hold in holds if hold.source != self.old]
        known = {hold.key for hold in holds if hold.source == new}
        return [
            replace(hold, source=new) if hold.source == self.old else hold
            for hold in holds
            if hold.source != self.old or hold.key not in known
        ]

    def of_plan(self, plan: Plan, state: State, virtual: State, holds: Sequence[Hold]) -> Plan:
        """A plan that was made against `virtual` (see `state`), as edits of `state`; the old name's holds end."""
        ended = tuple((hold.key, hold.source) for hold in holds if hold.source == self.old)
        changes = tuple(replace(change, before=state.get(change.key)) for change in plan.changes)
        claims = [replace(claim, before=state.get(claim.key)) for claim in plan.claims]
        planned = {change.key for change in (*changes, *claims)}
        claims += [
            Change(
                Action.UPDATE,
                key,
                state[key],
                stored.resource,
                stored.managed_fields,
                stored.source,
                stored.path,
            )
            for key, stored in virtual.items()
            if key not in planned and stored is not state[key]
        ]
        return replace(plan, changes=changes, claims=ordered(claims), releases=plan.releases + ended)

    def moved(self, holds: Sequence[Hold], releases: Collection[tuple[ResourceKey, str]]) -> tuple[Hold, ...]:
        """The holds that are to be written under the new name: those of the old one that are not released."""
        return tuple(
            hold
            for hold in self.holds(holds)
            if hold.source == self.new and hold not in holds and (hold.key, hold.source) not in releases
        )

    def _stored(self, stored: StoredResource) -> StoredResource:
        managers = [entry.source for entry in stored.managed_fields]
        if stored.source != self.old and self.old not in managers:
            return stored
        return replace(
            stored,
            source=self.new if stored.source == self.old else stored.source,
            path=self.path if self.path is not None and stored.source == self.old else stored.path,
            managed_fields=self._managers(stored.managed_fields),
        )

    def _managers(self, entries: Iterable[FieldManager]) -> tuple[FieldManager, ...]:
        """One entry of each identity: who was known by both names owned the fields of both."""
        named: dict[tuple[str, str, str], FieldManager] = {}
        for entry in entries:
            manager = self.manager if entry.source == self.old else entry.manager
            identity = (manager, entry.operation, entry.subresource)
            first = named.get(identity)
            if first is not None:
                fields = to_fields_v1(from_fields_v1(first.fields) | from_fields_v1(entry.fields))
                named[identity] = replace(first, fields=fields, time=max(first.time, entry.time))
            else:
                named[identity] = replace(entry, manager=manager)
        return tuple(named.values())
