"""A source that gained a better name keeps what it owns: its resources and fields are renamed in the next revision."""

from collections.abc import Sequence
from dataclasses import replace

from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.plan.order import ordered
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State


def renamed(state: State, old: str, new: str) -> State:
    """`state` as if the source `old` had always been called `new`."""
    return State((_renamed(stored, old, new) for stored in state.values()), revision=state.revision)


def with_renames(plan: Plan, state: State, virtual: State) -> Plan:
    """A plan that was made against `virtual` (see renamed), as changes of `state`."""
    changes = tuple(replace(change, before=state.get(change.key)) for change in plan.changes)
    claims = [replace(claim, before=state.get(claim.key)) for claim in plan.claims]
    planned = {change.key for change in (*changes, *claims)}
    claims += [
        Change(
            Action.UPDATE, key, state[key], stored.resource, stored.managed_fields, stored.source, stored.path
        )
        for key, stored in virtual.items()
        if key not in planned and stored is not state[key]
    ]
    return replace(plan, changes=changes, claims=ordered(claims))


def _renamed(stored: StoredResource, old: str, new: str) -> StoredResource:
    managers: Sequence[str] = [entry.manager for entry in stored.managed_fields]
    if stored.source != old and f"git:{old}" not in managers:
        return stored
    return replace(
        stored,
        source=new if stored.source == old else stored.source,
        managed_fields=tuple(
            replace(entry, manager=f"git:{new}") if entry.manager == f"git:{old}" else entry
            for entry in stored.managed_fields
        ),
    )
