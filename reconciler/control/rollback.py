"""Back to an earlier revision, as a new one: specs, labels, annotations and managedFields as they stood then.

History is never rewritten. What the rollback changes is held against the sources that own it (see `holding`).
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from reconciler.control.apply import Committer, until_committed
from reconciler.control.holding import holds_of
from reconciler.control.plan.model import Action, Change, Plan, content_of
from reconciler.control.plan.order import ordered
from reconciler.resources.resource import StoredResource
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
        if before is None or after is None or content_of(before.resource) != content_of(after.resource):
            changes.append(_change(before, after))
        elif _claims(before) != _claims(after):
            claims.append(_change(before, after))
    return Plan(now.revision, ordered(changes), ordered(claims))


def _claims(stored: StoredResource) -> list[tuple[str, str, str]]:
    return sorted(
        (entry.manager, entry.operation, json.dumps(entry.fields, sort_keys=True))
        for entry in stored.managed_fields
    )


def rollback(past: Past, committer: Committer, target: int, meta: RevisionMeta) -> RolledBack:
    """Makes the state of revision `target` the head again. No revision is made where it already is."""
    then = past.state_at(target)

    def attempt() -> RolledBack:
        with past.consistent():
            now, existing = past.state(), past.holds()
        plan = difference(now, then)
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
    return Change(
        Action.CREATE if before is None else Action.UPDATE,
        after.key,
        before,
        after.resource,
        after.managed_fields,
        after.source,
        after.path,
    )
