"""What a resync may do of what its source wants: nobody asked for it, so it respects what people did meanwhile.

A rollback holds what it changed (see holding). What somebody changed by hand, against what the source declares, is taken
back or left: ByHand says which. Fields that another apply or other files declare are neither; they are a conflict.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.control.drift import Drift, Drifts
from reconciler.control.drift import Record as History
from reconciler.control.holding import Standing, ended_by_apply, hold_back, standing, wait_out
from reconciler.control.plan.model import Action, ByHand, Change, Drifted, Intent, Plan, Resync
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State
from reconciler.store.records import Hold, Revision

__all__ = ["HandChanges", "History", "settled"]

_BY_HAND = "changed by hand"
_DRIFTS = "left as it is"


@dataclass(slots=True)
class HandChanges:
    """Finds out what of a plan takes back what people did. `managers` are the source's names as a field manager."""

    managers: Collection[str]
    record: History
    _revisions: dict[int, Revision] = field(default_factory=dict)

    def of(self, plan: Plan, *, owned: bool = False) -> tuple[Drifted, ...]:
        """`owned`: only what somebody is the manager of, so not what was deleted."""
        found = [
            Drifted(conflict.key, item.field, item.old, item.wanted, item.secret, item.manager, item.since)
            for conflict in plan.by_hand
            for item in conflict.fields
        ]
        if not owned:
            known = {conflict.key for conflict in plan.by_hand}
            found += self._deleted(change for change in plan.changes if change.key not in known)
        return tuple(found)

    def _deleted(self, changes: Iterable[Change]) -> Iterator[Drifted]:
        """What people took away of what the source declares: fields, or a resource. Nobody owns what is not there."""
        suspects = tuple(change for change in changes if self._was_changed_by_hand(change))
        if not suspects:
            return
        for drift in Drifts(self.managers, self.record).of_plan(Plan(0, suspects)):
            if _is_by_hand(drift.revision):
                yield _drifted(drift)

    def _was_changed_by_hand(self, change: Change) -> bool:
        """Whether a person was the last to touch the resource. What is older than a revision of a source was accepted."""
        if change.action is Action.UPDATE and change.before is not None:
            return _is_by_hand(self._revision(change.before.revision))
        if change.action is Action.CREATE:
            numbers = self.record.revisions_of(change.key)
            return bool(numbers) and _is_by_hand(self._revision(numbers[0]))
        return False

    def _revision(self, number: int) -> Revision:
        if number not in self._revisions:
            self._revisions[number] = self.record.revision(number)
        return self._revisions[number]


def _is_by_hand(revision: Revision) -> bool:
    """A rollback holds what it changed; when that has ended, it is over."""
    return revision.source is None and revision.operation != "rollback"


def _drifted(drift: Drift) -> Drifted:
    return Drifted(
        drift.key,
        drift.field,
        drift.live,
        drift.declared,
        drift.secret,
        drift.manager,
        drift.revision.time,
    )


def settled(
    plan: Plan,
    resync: Resync | None,
    holds: Sequence[Hold],
    intent: Intent,
    state: State,
    found: HandChanges,
) -> Plan:
    """What is done of `plan`. An apply (None) does all of it and ends the holds on what it read."""
    if resync is None:
        return replace(plan, releases=ended_by_apply(holds, intent, state))
    done = wait_out(_resynced(plan, resync, standing(holds, intent, state), state, found), state)
    changed = {change.key for change in done.changes}
    return replace(done, healed=tuple(item for item in done.healed if item.key in changed))


def _resynced(plan: Plan, resync: Resync, stands: Standing, state: State, found: HandChanges) -> Plan:
    """Without what is held or left, and what can't stand beside that."""
    by_hand = () if state.revision == 0 else found.of(plan, owned=resync.by_hand is ByHand.LEFT_WHERE_OWNED)
    if resync.by_hand is ByHand.TAKEN_BACK:
        done = hold_back(plan, stands, state, _others(plan, resync.only))
        return replace(done, healed=by_hand)
    left = {item.key: _BY_HAND for item in by_hand}
    others = _others(plan, resync.only)
    done = hold_back(plan, stands, state, {**others, **left})
    told = [item for item in by_hand if item.key not in stands.held]
    told += [Drifted(key) for key in others if key not in left and key not in stands.held]
    return replace(done, drift=tuple(told))


def _others(plan: Plan, only: Collection[ResourceKey] | None) -> Mapping[ResourceKey, str]:
    if only is None:
        return {}
    return {change.key: _DRIFTS for change in plan.changes if change.key not in only}
