"""Whether the ground of a kept plan still stands: what it changes, refers to or deletes, and what its prune covers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.control.plan.artefact import Artefact
from reconciler.control.plan.differ import undeclared
from reconciler.control.plan.model import Change, Declaration, Intent
from reconciler.control.rename import Rename
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store import codec
from reconciler.store.records import Event, Revision

APPLIED = "apply-plan"
"""The operation of a revision that was made from a kept plan."""
_DONE = {"ADDED": "created", "MODIFIED": "changed", "DELETED": "deleted"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A resource that is not as it was planned with, and how. `revision` None: just its ownership or path moved."""

    key: ResourceKey
    how: str
    revision: int | None = None

    def __str__(self) -> str:
        return f"{self.key}: {self.how}"


@dataclass(frozen=True, slots=True)
class Since:
    """What happened behind the revision that a plan was made against, oldest first."""

    revisions: Mapping[int, Revision]
    events: Sequence[Event]

    def without(self, number: int) -> "Since":
        """As if that revision had changed nothing."""
        return Since(self.revisions, [event for event in self.events if event.revision != number])


def moved(artefact: Artefact, state: State, since: Since) -> tuple[Moved, ...]:
    """Everything that speaks against applying it now, by resource."""
    last = {event.key: event for event in since.events}
    found: dict[ResourceKey, Moved] = {}
    for key in [change.key for change in artefact.plan.edits] + [each.key for each in artefact.relies]:
        if key in last:
            found.setdefault(key, _by(last[key], since))
    for change in artefact.plan.edits:
        if change.key not in found and (how := _differs(change, state.get(change.key))):
            found[change.key] = Moved(change.key, how)
    for relied in artefact.relies:
        stored = state.get(relied.key)
        if relied.key not in found and (
            stored is None or (stored.uid, stored.resource_version) != (relied.uid, relied.resource_version)
        ):
            found[relied.key] = Moved(relied.key, "is not the one that the plan refers to")
    for key in _added(artefact, state):
        found.setdefault(key, Moved(key, "was added, and the plan's prune would cover it"))
    return tuple(found[key] for key in sorted(found))


def applied_as(artefact: Artefact, since: Since) -> int | None:
    """The revision that this plan was made into already."""
    changes = artefact.plan.changes
    made: dict[int, list[tuple[ResourceKey, str | None, str | None]]] = {}
    for event in since.events:
        revision = since.revisions[event.revision]
        if revision.operation == APPLIED and revision.source == artefact.source:
            made.setdefault(event.revision, []).append((event.key, event.digest_before, event.digest_after))
    times = {number: since.revisions[number].time for number in made}
    return next(
        (
            number
            for number, events in made.items()
            if changes and events == [_made(change, times[number]) for change in changes]
        ),
        None,
    )


def _made(change: Change, time: str) -> tuple[ResourceKey, str | None, str | None]:
    """The event that a commit at `time` makes of a change."""
    before = change.before.resource if change.before is not None else None
    after = change.after if change.after is None or not change.after.ended else None
    if after is None and before is not None and change.marks:
        after = replace(before, deletion_timestamp=time)
    return change.key, _digest(before), _digest(after)


def stands(change: Change, state: State) -> bool:
    """Whether the store holds what the change makes, its ownership included. What is being deleted is gone."""
    stored = state.get(change.key)
    if change.after is None:
        return stored is None or stored.resource.terminating
    if stored is None or change.ends:
        return stored is None and change.ends
    return (
        codec.digest(stored.resource) == codec.digest(change.after)
        and codec.same_managers(stored.managed_fields, change.managed_fields)
        and (stored.source, stored.path) == (change.source, change.path)
    )


def _by(event: Event, since: Since) -> Moved:
    revision = since.revisions[event.revision]
    how = f"{_DONE[event.type]} by revision {revision.number} ({revision.operation} by {revision.actor})"
    return Moved(event.key, how, revision.number)


def _differs(change: Change, stored: StoredResource | None) -> str | None:
    before = change.before
    if before is None or stored is None:
        return None if before is stored else "is not as the plan says that it was"
    if (before.uid, before.resource_version) != (stored.uid, stored.resource_version) or (
        codec.digest(before.resource) != codec.digest(stored.resource)
    ):
        return "is not as the plan says that it was"
    owned = (stored.source, stored.path) == (before.source, before.path)
    if not owned or not codec.same_managers(before.managed_fields, stored.managed_fields):
        return "somebody else declares some of it since"
    return None


def _added(artefact: Artefact, state: State) -> Iterator[ResourceKey]:
    if not artefact.prune or artefact.source is None:
        return
    for name in artefact.names:
        if name != artefact.source:
            state = Rename(name, artefact.source, artefact.manager).state(state)
    declares = {key: Declaration(Resource(key, {})) for key in artefact.declares}
    intent = Intent(artefact.manager, artefact.source, declares, artefact.scopes)
    known = {change.key for change in artefact.plan.edits}
    yield from (key for key in undeclared(intent, state) if key not in known)


def _digest(resource: Resource | None) -> str | None:
    return codec.digest(resource) if resource is not None else None
