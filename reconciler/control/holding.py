"""What a rollback holds, and until when.

A rollback holds what it changed against the sources that own it: their resyncs leave it alone until what they declare
for it changes in value, somebody applies from the source, or it is resumed. Everything else of the source goes on;
what can't stand beside a held resource waits.

What a source declared is derived from the store, which keeps who declared which field. Where another manager has taken
a field over by force, nothing tells any more what the source declares there, so a hold leaves such fields out: neither
they nor a change to them alone ends it. An apply or a resume does.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from reconciler.control.manifest.validate import Violation, violations
from reconciler.control.outcome import explained, result
from reconciler.control.ownership.field_set import FieldSet, field_set, from_fields_v1, to_fields_v1
from reconciler.control.ownership.value import extract
from reconciler.control.plan.differ import undeclared
from reconciler.control.plan.model import (
    Change,
    Held,
    Intent,
    Plan,
    Waiting,
    content_of,
)
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.state import State
from reconciler.resources.structure import canonical
from reconciler.store.records import Hold

NOTHING_LEFT: Mapping[ResourceKey, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Standing:
    """A source's holds against what it declares now: those that stand, and those that its change of mind ended."""

    held: Mapping[ResourceKey, Hold]
    released: tuple[Hold, ...]


def declared_digest(key: ResourceKey, content: JsonObject, beside: FieldSet = frozenset()) -> str | None:
    """Digest of what a manager declares for a resource, by value: a rewritten duration is the same.

    The fields `beside` do not count. None where nothing else is declared.
    """
    structure = structure_of_kind(key.kind)
    fields = field_set(content, structure) - beside
    if not fields:
        return None
    plain = extract(content, fields, structure)
    text = json.dumps(canonical(structure, plain), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def stored_digest(stored: StoredResource, source: str) -> str | None:
    """What `source` last declared of a stored resource, as a Hold keeps it; None where it owns none of it.

    A digest, and behind a blank the fields, as FieldsV1, that only others own: they may have been taken from it.
    """
    owned: FieldSet = frozenset()
    others: FieldSet = frozenset()
    for entry in stored.managed_fields:
        if entry.source == source and entry.operation == "Apply":
            owned = from_fields_v1(entry.fields)
        else:
            others |= from_fields_v1(entry.fields)
    if not owned:
        return None
    structure = structure_of_kind(stored.key.kind)
    digest = declared_digest(stored.key, extract(content_of(stored.resource), owned, structure))
    beside = others - owned
    if digest is None or not beside:
        return digest
    return f"{digest} {json.dumps(to_fields_v1(beside), sort_keys=True, separators=(',', ':'))}"


def still_declares(hold: Hold, content: JsonObject | None) -> bool:
    """Whether `content`, which the source declares now (None: nothing), is what the hold was put against."""
    digest, _, fields = (hold.declared or "").partition(" ")
    beside = from_fields_v1(json.loads(fields)) if fields else frozenset()
    now = declared_digest(hold.key, content, beside) if content is not None else None
    return now == (digest or None)


def holds_of(before: StoredResource | None, after: StoredResource | None, key: ResourceKey) -> list[Hold]:
    """The holds that a rollback puts on one resource that it changed: one for each source that owned or owns it."""
    sources: set[str] = set()
    for stored in (before, after):
        for entry in stored.managed_fields if stored is not None else ():
            if entry.source is not None:
                sources.add(entry.source)
    return [
        Hold(key, source, stored_digest(before, source) if before is not None else None)
        for source in sorted(sources)
    ]


def standing(holds: Sequence[Hold], intent: Intent, state: State) -> Standing:
    """Compares the holds against `intent`'s source with what it declares now.

    What was not read can't have changed: a resync of a part of the source leaves the other holds alone.
    """
    held: dict[ResourceKey, Hold] = {}
    released: list[Hold] = []
    read = _read(intent, state)
    for hold in holds:
        if hold.source != intent.source:
            continue
        declaration = intent.declarations.get(hold.key)
        content = content_of(declaration.resource) if declaration is not None else None
        if still_declares(hold, content) or not read(hold.key):
            held[hold.key] = hold
        else:
            released.append(hold)
    return Standing(held, tuple(released))


def ended_by_apply(
    holds: Sequence[Hold], intent: Intent, state: State
) -> tuple[tuple[ResourceKey, str], ...]:
    """The holds that an apply from the source ends, as (resource, source): those on what it read."""
    read = _read(intent, state)
    return tuple((hold.key, hold.source) for hold in holds if hold.source == intent.source and read(hold.key))


def _read(intent: Intent, state: State) -> Callable[[ResourceKey], bool]:
    """Tells whether `intent` knows what its source declares for a resource, be it nothing."""
    if "" in intent.scopes:
        return lambda _: True
    known = {*intent.declarations, *undeclared(intent, state)}
    return known.__contains__


def hold_back(
    plan: Plan, stands: Standing, state: State, left: Mapping[ResourceKey, str] = NOTHING_LEFT
) -> Plan:
    """The plan of a resync: without the changes to held resources, and to those that are `left` (by the word why), nor
    those that can't stand beside them.
    """
    apart = {**left, **dict.fromkeys(stands.held, "held")}
    kept = [change for change in plan.changes if change.key not in apart]
    touched = {change.key for change in plan.changes} | {conflict.key for conflict in plan.conflicts}
    held = tuple(Held(key, hold.revision, key in touched) for key, hold in sorted(stands.held.items()))
    waiting: list[Waiting] = []
    own = set(violations(result(state, plan.changes))) if apart and kept else set()
    while apart and kept:
        found = _blocked(kept, state, own, apart)
        if not found:
            break
        for key, reason in found.items():
            kept = [change for change in kept if change.key != key]
            waiting.append(Waiting(key, reason))
    return replace(
        plan,
        changes=tuple(kept),
        claims=tuple(claim for claim in plan.claims if claim.key not in apart),
        conflicts=tuple(conflict for conflict in plan.conflicts if conflict.key not in stands.held),
        held=held,
        waiting=plan.waiting + tuple(waiting),
        releases=tuple((hold.key, hold.source) for hold in stands.released),
    )


def wait_out(plan: Plan, state: State) -> Plan:
    """The plan of a resync without what would refer to a resource that is being deleted: it waits with that, and the rest
    of the source goes on.
    """
    gone = {key for key, stored in state.items() if stored.resource.terminating}
    kept, waiting = list(plan.changes), list(plan.waiting)
    while gone:
        planned = {change.key for change in kept}
        found = [
            explained(each, state)
            for each in violations(result(state, kept))
            if each.dangling in gone and each.key in planned
        ]
        if not found:
            break
        reasons = {
            each.key: each.message if each.dangling in state else f"refers to {each.dangling}, which waits"
            for each in reversed(found)
        }
        waiting += [Waiting(key, reason) for key, reason in sorted(reasons.items())]
        kept = [change for change in kept if change.key not in reasons]
        gone |= reasons.keys()
    return replace(plan, changes=tuple(kept), waiting=tuple(waiting))


def _blocked(
    changes: Sequence[Change],
    state: State,
    own: Collection[Violation],
    apart: Mapping[ResourceKey, str],
) -> dict[ResourceKey, str]:
    """The changes that would break a rule because of what is held or left. What the source breaks by itself (`own`) is
    an error.
    """
    planned = {change.key: change for change in changes}
    blocked: dict[ResourceKey, str] = {}
    for violation in violations(result(state, changes)):
        if violation in own:
            continue
        for key in _culprits(violation, planned, state):
            near = violation.dangling or violation.other or violation.key
            word = apart.get(near) or apart.get(violation.key) or "waiting"
            blocked.setdefault(key, f"{violation.key}: {violation.message} ({near} is {word})")
    return blocked


def _culprits(violation: Violation, planned: Mapping[ResourceKey, Change], state: State) -> list[ResourceKey]:
    if violation.key in planned:
        return [violation.key]
    named = [key for key in (violation.dangling, violation.other) if key is not None and key in planned]
    return named or _unnamed_culprits(violation, planned, state)


def _unnamed_culprits(
    violation: Violation, planned: Mapping[ResourceKey, Change], state: State
) -> list[ResourceKey]:
    """A name may be lost by a change to a resource of another name: the Model whose alias it was.

    The first change to a resource of that kind without which the rule is kept.
    """
    kind = (violation.dangling or violation.key).kind
    for key in sorted(planned):
        if (key.kind, key.namespace) != (kind, violation.key.namespace):
            continue
        others = [change for other, change in planned.items() if other != key]
        if violation not in violations(result(state, others)):
            return [key]
    return []
