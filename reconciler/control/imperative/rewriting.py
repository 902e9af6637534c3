"""One stored resource, rewritten: what it becomes, checked as a manifest is, and who owns what of it then."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from reconciler.control.imperative.written import resource_of_written, what_is_written
from reconciler.control.ownership.field_set import Path, from_fields_v1
from reconciler.control.ownership.update import update
from reconciler.control.ownership.value import compare
from reconciler.control.plan.differ import completed, owned_content
from reconciler.control.plan.model import Action, Change, content_of
from reconciler.control.seal import Sealer
from reconciler.control.stored_object import stored_object
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager, StoredResource
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure

Rewrite: TypeAlias = Callable[[JsonObject], JsonValue]
"""The whole object, system metadata included, to the one that is wanted in its place."""


def rewritten(stored: StoredResource, rewrite: Rewrite, sealer: Sealer, *, manager: str, now: str) -> Change:
    """The change that `rewrite` makes. `manager` owns what it changes, as an Update.

    A default that nobody declared stays without an owner where it is left as it is; defaults of a provider type end
    with the type. A resource that nobody manages is first credited to `manager`, so that what is written is tracked.
    Raises InvalidManifests for what no manifest may hold, InvalidInput for another identity, and Conflict where a
    resourceVersion is given that is not the stored one; and what `rewrite` raises.
    """
    key, structure = stored.key, structure_of_kind(stored.key.kind)
    live = content_of(stored.resource)
    managers = stored.managed_fields
    if not managers:
        managers = update({}, (), live, structure, manager=manager, now=now).managers
    owned = _prefixes(managers)
    written = what_is_written(stored, rewrite(stored_object(stored)))
    if _type(written.get("spec")) != _type(stored.resource.spec):
        written = {**written, **_declared({"spec": written.get("spec")}, live, structure, owned)}
    resource = sealer.seal(resource_of_written(written), stored)
    wanted = _declared(content_of(resource), live, structure, owned)
    declared = owned_content(replace(stored, managed_fields=managers))
    done = update(declared, managers, wanted, structure, manager=manager, now=now)
    after = completed(key, content_of(resource), stored, valid=resource.spec)
    return Change(Action.UPDATE, key, stored, after, done.managers, stored.source, stored.path)


def _prefixes(managers: tuple[FieldManager, ...]) -> frozenset[Path]:
    """The paths that somebody owns, and all that stand above them."""
    return frozenset(
        path[:length]
        for entry in managers
        for path in from_fields_v1(entry.fields)
        for length in range(1, len(path) + 1)
    )


def _type(spec: JsonValue) -> JsonValue:
    return spec.get("type") if isinstance(spec, dict) else None


def _declared(
    written: JsonObject, live: JsonObject, structure: Structure, owned: frozenset[Path], path: Path = ()
) -> JsonObject:
    """`written` without what nobody owns and this leaves as it is: that is no more declared than before."""
    kept: JsonObject = {}
    for name, value in written.items():
        below, child, before = (*path, ("f", name)), structure.child(name), live.get(name)
        if child.shape is Shape.GRANULAR and isinstance(value, dict) and isinstance(before, dict) and value:
            inner = _declared(value, before, child, owned, below)
            if inner or below in owned:
                kept[name] = inner
        elif below in owned or name not in live or _differs(before, value, child):
            kept[name] = value
    return kept


def _differs(one: JsonValue, other: JsonValue, structure: Structure) -> bool:
    found = compare(one, other, structure)
    return bool(found.added or found.modified or found.removed)
