"""Server-side apply of one object: what it becomes, who owns what, and who objects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.control.ownership.field_set import (
    FieldSet,
    Path,
    field_set,
    from_fields_v1,
    path_text,
    to_fields_v1,
    with_named_fields,
)
from reconciler.control.ownership.value import compare, merge, remove
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager
from reconciler.resources.structure import Structure


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that `manager` holds since `since`, at another value."""

    field: str
    manager: str
    since: str


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
) -> Applied:
    """Applies `declared` as `manager` (Kubernetes API, server-side apply). An object that is not yet is {}."""
    sets = {_identity(entry): from_fields_v1(entry.fields) for entry in managers}
    me = (manager, "Apply")
    last = sets.get(me)
    sets[me] = field_set(declared, structure)
    merged = merge(live, declared, structure)
    if last is not None and not last <= sets[me]:
        merged = _without_undeclared(merged, last, sets, structure)
    difference = compare(live, merged, structure)
    changed = difference.added | difference.modified
    conflicts: list[FieldConflict] = []
    for entry in managers:
        identity = _identity(entry)
        if identity == me:
            continue
        taken = sets[identity] & changed
        conflicts.extend(FieldConflict(path_text(path), entry.manager, entry.time) for path in sorted(taken))
        sets[identity] = sets[identity] - taken - difference.removed
    return Applied(_as_object(merged), _entries(managers, sets, me, now), tuple(conflicts))


def _identity(entry: FieldManager) -> tuple[str, str]:
    return entry.manager, entry.operation


def _without_undeclared(
    merged: JsonValue, last: FieldSet, sets: dict[tuple[str, str], FieldSet], structure: Structure
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


def _entries(
    before: Sequence[FieldManager], sets: dict[tuple[str, str], FieldSet], me: tuple[str, str], now: str
) -> tuple[FieldManager, ...]:
    """The managedFields afterwards: an entry whose set did not change keeps its time, an empty one is dropped."""
    known = {_identity(entry): entry for entry in before}
    entries: list[FieldManager] = []
    for identity, paths in sets.items():
        if not paths:
            continue
        fields = to_fields_v1(paths)
        old = known.get(identity)
        if old is not None and old.fields == fields:
            entries.append(old)
        elif old is not None:
            entries.append(replace(old, fields=fields, time=now))
        else:
            entries.append(FieldManager(me[0], "Apply", fields, now))
    return tuple(sorted(entries, key=lambda entry: (entry.operation != "Apply", entry.time, entry.manager)))


def _as_object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
