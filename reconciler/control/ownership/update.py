"""Tracking of a write that is no apply: a PUT, a merge patch, a JSON patch. Nobody can object to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.control.ownership.entries import Identity, capped, entries_after, field_sets
from reconciler.control.ownership.managed_fields import managers_of
from reconciler.control.ownership.value import compare
from reconciler.control.ownership.writable import ownable, written
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager
from reconciler.resources.structure import Structure

_MANAGED = "managedFields"


@dataclass(frozen=True, slots=True)
class Updated:
    """`content` is the object after the write, without metadata.managedFields."""

    content: JsonObject
    managers: tuple[FieldManager, ...]


def update(
    live: JsonObject,
    managers: Sequence[FieldManager],
    new: JsonObject,
    structure: Structure,
    *,
    manager: str,
    now: str,
    subresource: str = "",
) -> Updated:
    """Writes `new`, the whole object, over `live` as `manager`, who owns every field that this changes.

    An object that is not yet is {}. Where one that is has no managers, they stay untracked until the first apply.
    metadata.managedFields in `new` replace `managers`, unless they can't be read; [] and [{}] clear them.
    """
    supplied, new = _supplied(new)
    if supplied is not None and not subresource:
        managers = supplied
    content = written(live, new, subresource)
    if live and not managers:
        return Updated(content, ())
    difference = compare(live, content, structure)
    changed = difference.added | difference.modified
    me = Identity(manager, "Update", subresource)
    before = field_sets(managers)
    sets = {identity: paths - changed - difference.removed for identity, paths in before.items()}
    sets[me] = ownable(sets.get(me, frozenset()) | changed)
    return Updated(content, capped(entries_after(managers, before, sets, me, now)))


def _supplied(new: JsonObject) -> tuple[tuple[FieldManager, ...] | None, JsonObject]:
    """(the managers that stand in `new`, `new` without them)."""
    metadata = new.get("metadata")
    if not isinstance(metadata, dict) or _MANAGED not in metadata:
        return None, new
    rest: JsonObject = {name: value for name, value in metadata.items() if name != _MANAGED}
    return managers_of(metadata[_MANAGED]), {**new, "metadata": rest}
