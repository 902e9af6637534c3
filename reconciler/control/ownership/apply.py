"""Server-side apply of one object: what it becomes, who owns what, and who objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import takewhile
from typing import Literal

from reconciler.control.ownership.entries import FieldSets, Identity, entries_after, field_sets, identity_of
from reconciler.control.ownership.field_set import (
    FieldSet,
    Path,
    field_set,
    path_text,
    with_named_fields,
)
from reconciler.control.ownership.update import update
from reconciler.control.ownership.value import Comparison, compare, merge, remove, shown_at
from reconciler.control.ownership.writable import ownable, writable
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager
from reconciler.resources.structure import Shape, Structure

BEFORE_FIRST_APPLY = "before-first-apply"


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that `manager` owns since `since`, at another value than is `wanted`; no secret is among the values."""

    field: str
    manager: str
    since: str
    old: JsonValue = None
    wanted: JsonValue = None
    secret: bool = False
    operation: Literal["Apply", "Update"] = "Apply"
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """`content` is the object after the apply. With conflicts it is what a forced apply would give."""

    content: JsonObject
    managers: tuple[FieldManager, ...]
    conflicts: tuple[FieldConflict, ...] = ()


def apply(
    live: JsonObject,
    managers: Sequence[FieldManager],
    declared: JsonObject,
    structure: Structure,
    *,
    manager: str,
    now: str,
    subresource: str = "",
) -> Applied:
    """Applies `declared` as `manager` (Kubernetes API, server-side apply). An object that is not yet is {}.

    An object that nobody manages is first credited to `before-first-apply`. Raises InvalidInput where a keyed list or
    a set of `declared` holds an item twice.
    """
    if live and not managers:
        managers = update(
            {}, (), live, structure, manager=BEFORE_FIRST_APPLY, now=now, subresource=subresource
        ).managers
    declared = writable(declared, subresource)
    before = field_sets(managers)
    sets = dict(before)
    me = Identity(manager, "Apply", subresource)
    last = sets.get(me)
    sets[me] = field_set(declared, structure)
    merged = merge(live, declared, structure)
    if last is not None and not last <= sets[me]:
        merged = _without_undeclared(merged, last, sets, structure)
    others = [entry for entry in managers if identity_of(entry) != me]
    difference = compare(live, merged, structure) if others else Comparison()
    changed = difference.added | difference.modified
    conflicts: list[FieldConflict] = []
    for entry in others:
        identity = identity_of(entry)
        taken = sets[identity] & changed
        conflicts.extend(conflict_at(path, entry, live, merged, structure) for path in sorted(taken))
        sets[identity] = sets[identity] - taken - difference.removed
    sets[me] = ownable(sets[me])
    return Applied(_as_object(merged), entries_after(managers, before, sets, me, now), tuple(conflicts))


def conflict_at(
    path: Path, owner: FieldManager, live: JsonObject, wanted: JsonValue, structure: Structure
) -> FieldConflict:
    """An item of a list is shown with its list."""
    names = [name for _, name in takewhile(lambda element: element[0] == "f", path)]
    node = reduce(Structure.child, names, structure)
    return FieldConflict(
        path_text(path).removeprefix("."),
        owner.manager,
        owner.time,
        shown_at(names, live, structure),
        shown_at(names, wanted, structure),
        node.shape is Shape.SECRET,
        owner.operation,
        owner.subresource,
    )


def _without_undeclared(
    merged: JsonValue, last: FieldSet, sets: FieldSets, structure: Structure
) -> JsonValue:
    """Drops what this manager declared last time and no longer does, unless somebody else owns it.

    Two cuts, as structured-merge-diff makes them: first everything of `last` and of nobody else goes; then what this
    manager never owned is given back.
    """
    named_last = with_named_fields(last, structure)
    pruned = remove(merged, named_last, structure)
    owned: set[Path] = set().union(*sets.values())
    keep = with_named_fields(field_set(pruned, structure), structure) | with_named_fields(owned, structure)
    present = with_named_fields(field_set(merged, structure), structure)
    pruned = remove(merged, present - keep, structure)
    left = with_named_fields(field_set(pruned, structure), structure)
    return remove(merged, (present - left) & named_last, structure)


def _as_object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
