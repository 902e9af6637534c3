"""The entries of managedFields as field sets by identity, and back: order, times, and how many there may be."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from reconciler.control.ownership.field_set import FieldSet, from_fields_v1, to_fields_v1
from reconciler.resources.resource import FieldManager

MAX_UPDATE_MANAGERS = 10
"""Beyond it the oldest are kept as one."""

_OLDEST = "ancient-changes"


class Identity(NamedTuple):
    """What tells entries apart. Never the time."""

    manager: str
    operation: Literal["Apply", "Update"]
    subresource: str


FieldSets = dict[Identity, FieldSet]


def identity_of(entry: FieldManager) -> Identity:
    return Identity(entry.manager, entry.operation, entry.subresource)


def field_sets(entries: Sequence[FieldManager]) -> FieldSets:
    return {identity_of(entry): from_fields_v1(entry.fields) for entry in entries}


def entries_after(
    entries: Sequence[FieldManager], before: FieldSets, after: FieldSets, me: Identity, now: str
) -> tuple[FieldManager, ...]:
    """The entries of the sets `after` a write of `me`, in order. `entries` are those of the sets `before`.

    Only the entry of `me` has a new time, and only where its set changed: who loses a field has had the others as long
    as before. An empty one is dropped.
    """
    known = {identity_of(entry): entry for entry in entries}
    made: list[FieldManager] = []
    for identity, paths in after.items():
        if not paths:
            continue
        old = known.get(identity)
        if old is not None and paths == before[identity]:
            made.append(old)
        elif old is not None and identity != me:
            made.append(replace(old, fields=to_fields_v1(paths)))
        else:
            manager, operation, subresource = identity
            made.append(FieldManager(manager, operation, to_fields_v1(paths), now, subresource))
    return tuple(sorted(made, key=_order))


def _order(entry: FieldManager) -> tuple[str, str, str, str]:
    return entry.operation, entry.time, entry.manager, entry.subresource


def capped(entries: tuple[FieldManager, ...]) -> tuple[FieldManager, ...]:
    """At most MAX_UPDATE_MANAGERS of them are Updates: the oldest become one, as young as the youngest of them."""
    updates = [entry for entry in entries if entry.operation == "Update"]
    excess = len(updates) - MAX_UPDATE_MANAGERS
    if excess <= 0:
        return entries
    oldest = updates[: excess + 1]
    if not any(entry.manager == _OLDEST for entry in oldest):
        oldest += [entry for entry in updates[excess + 1 :] if identity_of(entry) == (_OLDEST, "Update", "")]
    fields = to_fields_v1(frozenset().union(*(from_fields_v1(entry.fields) for entry in oldest)))
    ancient = FieldManager(_OLDEST, "Update", fields, max(entry.time for entry in oldest))
    return tuple(sorted([*(entry for entry in entries if entry not in oldest), ancient], key=_order))
