"""What a rollback holds, and until when.

A rollback holds what it changed against the sources that own it: their resyncs leave it alone until what they declare
for it changes in value, somebody applies from the source, or it is resumed. Everything else of the source goes on;
what can't stand beside a held resource waits.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.control.manifest.validate import Violation, violations
from reconciler.control.ownership.field_set import field_set, from_fields_v1
from reconciler.control.ownership.value import extract
from reconciler.control.plan.model import (
    Action,
    Change,
    Held,
    Intent,
    Plan,
    Waiting,
    content_of,
)
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import KINDS
from reconciler.resources.state import State
from reconciler.resources.structure import canonical
from reconciler.store.records import Hold


@dataclass(frozen=True, slots=True)
class Standing:
    """A source's holds against what it declares now: those that stand, and those that its change of mind ended."""

    held: Mapping[ResourceKey, Hold]
    released: tuple[Hold, ...]


def declared_digest(key: ResourceKey, content: JsonObject) -> str:
    """Digest of what a manager declares for a resource, by value: a rewritten duration is the same."""
    structure = KINDS[key.kind].structure
    plain = extract(content, field_set(content, structure), structure)
    text = json.dumps(canonical(structure, plain), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def stored_digest(stored: StoredResource, source: str) -> str | None:
    """What `source` last declared of a stored resource; None where it owns none of it."""
    structure = KINDS[stored.key.kind].structure
    for entry in stored.managed_fields:
        if entry.manager == f"git:{source}" and entry.operation == "Apply":
            content = extract(content_of(stored.resource), from_fields_v1(entry.fields), structure)
            return declared_digest(stored.key, content)
    return None


def holds_of(before: StoredResource | None, after: StoredResource | None, key: ResourceKey) -> list[Hold]:
    """The holds that a rollback puts on one resource that it changed: one for each source that owned or owns it."""
    sources: set[str] = set()
    for stored in (before, after):
        for entry in stored.managed_fields if stored is not None else ():
            if entry.manager.startswith("git:"):
                sources.add(entry.manager.removeprefix("git:"))
    return [
        Hold(key, source, stored_digest(before, source) if before is not None else None)
        for source in sorted(sources)
    ]


def standing(holds: Sequence[Hold], intent: Intent) -> Standing:
    """Compares the holds against `intent`'s source with what it declares now."""
    held: dict[ResourceKey, Hold] = {}
    released: list[Hold] = []
    for hold in holds:
        if hold.source != intent.source:
            continue
        declaration = intent.declarations.get(hold.key)
        now = declared_digest(hold.key, content_of(declaration.resource)) if declaration is not None else None
        if now == hold.declared:
            held[hold.key] = hold
        else:
            released.append(hold)
    return Standing(held, tuple(released))


def hold_back(plan: Plan, stands: Standing, state: State) -> Plan:
    """The plan of a resync: without the changes to held resources, nor those that can't stand beside them."""
    kept = [change for change in plan.changes if change.key not in stands.held]
    touched = {change.key for change in plan.edits} | {conflict.key for conflict in plan.conflicts}
    held = tuple(Held(key, hold.revision, key in touched) for key, hold in sorted(stands.held.items()))
    waiting: list[Waiting] = []
    own = set(violations(result(state, plan.changes))) if stands.held else set()
    while stands.held:
        found = _blocked(kept, state, own, stands.held)
        if not found:
            break
        for key, reason in found.items():
            kept = [change for change in kept if change.key != key]
            waiting.append(Waiting(key, reason))
    return replace(
        plan,
        changes=tuple(kept),
        claims=tuple(claim for claim in plan.claims if claim.key not in stands.held),
        conflicts=tuple(conflict for conflict in plan.conflicts if conflict.key not in stands.held),
        held=held,
        waiting=tuple(waiting),
        releases=tuple((hold.key, hold.source) for hold in stands.released),
    )


def _blocked(
    changes: Sequence[Change],
    state: State,
    own: Collection[Violation],
    held: Collection[ResourceKey],
) -> dict[ResourceKey, str]:
    """The changes that would break a rule because of what is held. What the source breaks by itself (`own`) is an error."""
    planned = {change.key: change for change in changes}
    blocked: dict[ResourceKey, str] = {}
    for violation in violations(result(state, changes)):
        if violation in own:
            continue
        for key in _culprits(violation, planned):
            near = violation.dangling or violation.other or violation.key
            word = "held" if near in held or violation.key in held else "waiting"
            blocked.setdefault(key, f"{violation.key}: {violation.message} ({near} is {word})")
    return blocked


def _culprits(violation: Violation, planned: Mapping[ResourceKey, Change]) -> list[ResourceKey]:
    if violation.key in planned:
        return [violation.key]
    return [key for key in (violation.dangling, violation.other) if key is not None and key in planned]


def result(state: State, changes: Sequence[Change]) -> dict[ResourceKey, Resource]:
    """All resources as they would be after the changes."""
    resources = {key: stored.resource for key, stored in state.items()}
    for change in changes:
        if change.action is Action.DELETE or change.after is None:
            resources.pop(change.key, None)
        else:
            resources[change.key] = change.after
    return resources
