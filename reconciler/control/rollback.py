"""Back to an earlier revision, as a new one: specs, labels, annotations and managedFields as they stood then.

History is never rewritten. What the rollback changes is held against the sources that own it (see `holding`). It may be
of named resources only, where the result keeps every rule.
"""

import json
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from reconciler.control.apply import Committer, until_committed
from reconciler.control.holding import holds_of
from reconciler.control.manifest.validate import violations
from reconciler.control.outcome import explained, result
from reconciler.control.plan.model import Action, Change, Plan, same_content
from reconciler.control.plan.order import ordered
from reconciler.errors import NotFound, Refused
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.records import Hold, Revision, RevisionMeta


class Past(Protocol):
    """What a rollback reads of the store."""

    def consistent(self) -> AbstractContextManager[None]: ...

    def state(self) -> State: ...

    def state_at(self, number: int) -> State: ...

    def holds(self) -> Sequence[Hold]: ...


@dataclass(frozen=True, slots=True)
class RolledBack:
    plan: Plan
    holds: tuple[Hold, ...]
    revision: Revision


def difference(now: State, then: State) -> Plan:
    """The plan that makes `now` what `then` was. Equality is over what people write and own: not uid, numbers, times."""
    changes: list[Change] = []
    claims: list[Change] = []
    for key in sorted({*now, *then}):
        before, after = now.get(key), then.get(key)
        if before is None or after is None or not same_content(before.resource, after.resource):
            changes.append(_change(before, after))
        elif _claims(before) != _claims(after):
            claims.append(_change(before, after))
    return Plan(now.revision, ordered(changes), ordered(claims))


def way_back(past: Past, target: int, only: Collection[ResourceKey] = ()) -> Plan:
    """What a rollback would do now; `only`: to these resources alone. A deletion that is under way is taken back where the
    resource was not being deleted then.

    Raises NotFound for a resource of `only` that is neither there now nor was then, Refused where the result would break
    a rule that is kept now.
    """
    with past.consistent():
        return _restricted(past.state(), past.state_at(target), target, only)


def _restricted(now: State, then: State, target: int, only: Collection[ResourceKey]) -> Plan:
    plan = difference(now, then)
    plan = replace(plan, changes=tuple(change for change in plan.changes if not _is_under_way(change)))
    if not only:
        return plan
    unknown = sorted(str(key) for key in only if key not in now and key not in then)
    if unknown:
        raise NotFound(f"neither now nor at revision {target} was there: {', '.join(unknown)}")
    plan = replace(
        plan,
        changes=tuple(change for change in plan.changes if change.key in only),
        claims=tuple(claim for claim in plan.claims if claim.key in only),
    )
    kept = set(violations(result(now, ())))
    broken = [each for each in violations(result(now, plan.changes)) if each not in kept]
    if broken:
        raise Refused(
            "these alone can't go back:\n"
            + "\n".join(f"  {each.key}: {explained(each, now).message}" for each in broken),
            hint="name what they need as well, each with --only, or roll back everything",
        )
    return plan


def _is_under_way(change: Change) -> bool:
    """Whether it deletes what is being deleted already."""
    return change.after is None and change.before is not None and change.before.resource.terminating


def _claims(stored: StoredResource) -> list[tuple[str, str, str]]:
    return sorted(
        (entry.manager, entry.operation, json.dumps(entry.fields, sort_keys=True))
        for entry in stored.managed_fields
    )


def rollback(
    past: Past,
    committer: Committer,
    target: int,
    meta: RevisionMeta,
    only: Collection[ResourceKey] = (),
) -> RolledBack:
    """Makes the state of revision `target` the head again. No revision is made where it already is.

    With `only`, that of these resources alone; see `way_back` for what it raises.
    """

    def attempt() -> RolledBack:
        with past.consistent():
            now, then, existing = past.state(), past.state_at(target), past.holds()
        plan = _restricted(now, then, target, only)
        holds = _holds(plan, now, then, existing)
        revision = committer.commit(plan.edits, base=plan.base, meta=meta, holds=holds)
        return RolledBack(plan, holds, revision)

    return until_committed(attempt)[0]


def _holds(plan: Plan, now: State, then: State, existing: Sequence[Hold]) -> tuple[Hold, ...]:
    """A resource that is held already stays held against the same declaration: the stored one is not the source's."""
    known = {(hold.key, hold.source): hold for hold in existing}
    return tuple(
        replace(hold, declared=known[hold.key, hold.source].declared)
        if (hold.key, hold.source) in known
        else hold
        for change in plan.changes
        for hold in holds_of(now.get(change.key), then.get(change.key), change.key)
    )


def _change(before: StoredResource | None, after: StoredResource | None) -> Change:
    if after is None:
        if before is None:
            raise ValueError("a change needs a resource before or after it")
        return Change(Action.DELETE, before.key, before, None)
    action = Action.CREATE if before is None else Action.UPDATE
    change = Change(action, after.key, before, after.resource, after.managed_fields, after.source, after.path)
    return replace(change, action=change.told)
