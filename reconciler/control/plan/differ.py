"""plan(intent, state) → Plan: server-side apply of every declaration, and what its absence means."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.control.ownership.apply import apply
from reconciler.control.ownership.field_set import FieldSets, from_fields_v1
from reconciler.control.ownership.value import extract, merge
from reconciler.control.plan.model import (
    Action,
    Change,
    Declaration,
    Intent,
    Plan,
    ResourceConflict,
    Waiting,
    content_of,
    resource_of,
    same_content,
)
from reconciler.control.plan.order import ordered
from reconciler.control.plan.terminating import let_go, waits
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource, source_manager
from reconciler.resources.scheme import invalid_fields, structure_of_kind, with_defaults
from reconciler.resources.state import State
from reconciler.resources.structure import canonical


def plan(intent: Intent, state: State, *, now: str) -> Plan:
    """What `intent` would change of `state`. Pure; `now` is the time that new field ownership begins.

    What is being deleted waits: see `terminating`. Raises InvalidInput where what several managers declare together is
    no valid resource.
    """
    waiting: list[Waiting] = []
    changes: list[Change] = []
    conflicts: list[ResourceConflict] = []
    by_hand: list[ResourceConflict] = []
    sets = FieldSets()
    for key, declaration in intent.declarations.items():
        stored = state.get(key)
        if stored is not None and stored.resource.terminating:
            left = let_go(stored, declaration.resource, intent.manager, now=now)
            changes += [left] if left is not None else []
            waiting.append(Waiting(key, waits(stored, left)))
            continue
        if stored is not None and _stands(declaration, stored, intent, sets):
            continue
        change, conflict = _declared(declaration, stored, intent, now)
        if conflict is not None and not intent.force:
            if not (intent.resync and conflict.by_hand):
                conflicts.append(conflict)
                continue
            by_hand.append(conflict)
        if change is not None:
            changes.append(change)
    missing = tuple(sorted(undeclared(intent, state)))
    if intent.prune:
        changes.extend(_pruned(state[key], intent, now) for key in missing)
    return Plan(
        base=state.revision,
        changes=ordered(change for change in changes if not keeps_content(change)),
        claims=ordered(change for change in changes if keeps_content(change)),
        conflicts=tuple(conflicts),
        undeclared=() if intent.prune else missing,
        waiting=tuple(waiting),
        by_hand=tuple(by_hand),
    )


def undeclared(intent: Intent, state: State) -> Iterable[ResourceKey]:
    """What this source last declared below the scopes, and no longer does. What is being deleted is gone already.

    A resource that another source keeps has the path of that one: this one's share in it is looked at where all of
    this source was read.
    """
    if intent.source is None:
        return
    whole = "" in intent.scopes
    for key, stored in state.items():
        if key in intent.declarations or stored.resource.terminating:
            continue
        if stored.source == intent.source:
            if within(stored.path, intent.scopes):
                yield key
        elif whole and _entry(stored.managed_fields, intent.manager) is not None:
            yield key


def within(path: str | None, scopes: Sequence[str]) -> bool:
    """Whether a stored path lies below one of the scopes. The root's own, "", holds no path that begins with `/`:
    that one belongs to another root (see `control.source`). One that ends in `/` is an overlay's: it is its own scope.
    """
    stored = path or ""
    if stored.endswith("/"):
        return stored in scopes
    return any(
        stored == scope or (stored.startswith(f"{scope}/") if scope else not stored.startswith("/"))
        for scope in scopes
    )


def _declared(
    declaration: Declaration, stored: StoredResource | None, intent: Intent, now: str
) -> tuple[Change | None, ResourceConflict | None]:
    key = declaration.key
    structure = structure_of_kind(key.kind)
    managers = _managers(stored) if stored is not None else ()
    live = owned_content(stored) if stored is not None else {}
    declared = content_of(declaration.resource)
    applied = apply(live, managers, declared, structure, manager=intent.manager, now=now)
    after = completed(key, applied.content, stored, valid=declaration.resource.spec)
    change = Change(
        Action.CREATE if stored is None else Action.UPDATE,
        key,
        stored,
        after,
        applied.managers,
        *_origin(declaration, stored, intent, applied.managers),
        file=declaration.file,
    )
    conflict = ResourceConflict(key, applied.conflicts) if applied.conflicts else None
    return (None if _is_same(change) else change), conflict


def _managers(stored: StoredResource) -> tuple[FieldManager, ...]:
    """Who owns what of it. Labels and annotations that have all gone leave no empty map, so nobody owns that: it would
    stand against the next who writes one.
    """
    metadata = content_of(stored.resource).get("metadata")
    kept = metadata if isinstance(metadata, dict) else {}
    found = []
    for entry in stored.managed_fields:
        owned = entry.fields.get("f:metadata")
        if isinstance(owned, dict):
            left: JsonObject = {name: node for name, node in owned.items() if name.removeprefix("f:") in kept}
            rest = {name: node for name, node in entry.fields.items() if name != "f:metadata"}
            if left != owned:
                found.append(replace(entry, fields={**rest, "f:metadata": left} if left else rest))
                continue
        found.append(entry)
    return tuple(entry for entry in found if entry.fields)


def _stands(declaration: Declaration, stored: StoredResource, intent: Intent, sets: FieldSets) -> bool:
    """The quick answer for what did not change: the same fields, the same values, the same defaults."""
    mine = _entry(stored.managed_fields, intent.manager)
    if mine is None or (stored.source == intent.source and stored.path != declaration.path):
        return False
    resource = declaration.resource
    kind, structure = resource.key.kind, structure_of_kind(resource.key.kind)
    declared = content_of(resource)
    if not sets.fits(mine.fields, declared, structure):
        return False
    if (
        len(stored.managed_fields) == 1
        and _same_metadata(resource, stored.resource)
        and with_defaults(kind, resource.spec) == stored.resource.spec
    ):
        return True
    live = content_of(stored.resource)
    if merge(live, declared, structure) != live:
        return False
    return with_defaults(kind, _spec(owned_content(stored))) == stored.resource.spec


def _same_metadata(one: Resource, other: Resource) -> bool:
    """Of that which people write."""
    return (
        one.labels == other.labels
        and one.annotations == other.annotations
        and one.finalizers == other.finalizers
    )


def _entry(managers: Sequence[FieldManager], manager: str) -> FieldManager | None:
    return next(
        (entry for entry in managers if entry.manager == manager and entry.operation == "Apply"), None
    )


def owned_content(stored: StoredResource) -> JsonObject:
    """What people wrote of it: the fields that have a manager. Defaults have none."""
    structure = structure_of_kind(stored.key.kind)
    owned = frozenset[tuple[tuple[str, str], ...]]().union(
        *(from_fields_v1(entry.fields) for entry in stored.managed_fields)
    )
    return extract(content_of(stored.resource), owned, structure)


def completed(
    key: ResourceKey, content: JsonObject, stored: StoredResource | None, *, valid: JsonObject | None = None
) -> Resource:
    """The resource that `content` makes, with defaults. A value equal to the stored one keeps its writing, and what is
    being deleted stays so.

    valid: a spec that was checked when it was read.
    """
    resource = resource_of(key, content)
    wrong = invalid_fields(key.kind, resource.spec) if resource.spec != valid else ()
    if wrong:
        raise InvalidInput(
            f"{key}: what its managers declare together is not valid (spec: {', '.join(wrong)})",
            hint="look at its managers with",
            command=f"blame {key.kind.lower()}/{key.name} -n {key.namespace}",
        )
    spec = with_defaults(key.kind, resource.spec)
    structure = structure_of_kind(key.kind).child("spec")
    if stored is not None and canonical(structure, spec) == canonical(structure, stored.resource.spec):
        spec = stored.resource.spec
    since = stored.resource.deletion_timestamp if stored is not None else None
    return replace(resource, spec=spec, deletion_timestamp=since)


def _spec(content: JsonObject) -> JsonObject:
    spec = content.get("spec")
    return spec if isinstance(spec, dict) else {}


def _origin(
    declaration: Declaration, stored: StoredResource | None, intent: Intent, managers: Sequence[FieldManager]
) -> tuple[str | None, str | None]:
    """(source, path): a resource stays with its source as long as that declares any of it."""
    held = stored.source if stored is not None and stored.source != intent.source else None
    if stored is not None and held is not None and _entry(managers, source_manager(held)) is not None:
        return held, stored.path
    if intent.source is None:
        return (stored.source, stored.path) if stored is not None else (None, declaration.path)
    return intent.source, declaration.path


def _pruned(stored: StoredResource, intent: Intent, now: str) -> Change:
    """A delete; but where another source declares the resource too, only this one's claim goes."""
    others = [
        entry
        for entry in stored.managed_fields
        if entry.manager != intent.manager and entry.operation == "Apply"
    ]
    if not others:
        return Change(Action.DELETE, stored.key, stored, None)
    structure = structure_of_kind(stored.key.kind)
    applied = apply(
        owned_content(stored), stored.managed_fields, {}, structure, manager=intent.manager, now=now
    )
    after = completed(stored.key, applied.content, stored)
    if stored.source != intent.source:
        return Change(Action.UPDATE, stored.key, stored, after, applied.managers, stored.source, stored.path)
    heir = next((entry.source for entry in others if entry.source is not None), None)
    return Change(Action.UPDATE, stored.key, stored, after, applied.managers, heir, None)


def keeps_content(change: Change) -> bool:
    """Whether the change leaves all that people write as it is, and neither deletes nor takes that back."""
    before, after = change.before, change.after
    return before is not None and after is not None and same_content(before.resource, after)


def _is_same(change: Change) -> bool:
    """Whether the change would leave everything that is stored as it is."""
    before = change.before
    return (
        before is not None
        and keeps_content(change)
        and before.managed_fields == change.managed_fields
        and (before.source, before.path) == (change.source, change.path)
    )
