"""The Plan and its parts."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from reconciler.control.ownership.apply import FieldConflict
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource, finalizers_of


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One resource as a source declares it, secrets sealed. `path` is the file, relative to the source's root.

    `file`: for people, where an overlay declares it, whose folder `path` is then.
    """

    resource: Resource
    path: str | None = None
    file: str | None = None

    @property
    def key(self) -> ResourceKey:
        return self.resource.key


@dataclass(frozen=True, slots=True)
class Intent:
    """What one source wants: its declarations, and what its silence means.

    `scopes` are the paths (relative to the source's root, "" for all of it) that were read: only what was last
    declared below them can be missing from them. `resync`: nobody asked, so what stands against it by a change by hand
    alone is no conflict: see Plan.by_hand.
    """

    manager: str
    source: str | None
    declarations: Mapping[ResourceKey, Declaration]
    scopes: tuple[str, ...] = ("",)
    prune: bool = False
    force: bool = False
    resync: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that a plan touches. Fits the store's Edit."""

    action: Action
    key: ResourceKey
    before: StoredResource | None
    after: Resource | None
    managed_fields: tuple[FieldManager, ...] = ()
    source: str | None = None
    path: str | None = None
    file: str | None = field(default=None, compare=False)
    """As in Declaration, where this comes of one."""

    @property
    def marks(self) -> tuple[str, ...]:
        """The finalizers that it waits for, where this begins its deletion: it is gone for all but its record."""
        if self.before is None or self.before.resource.terminating:
            return ()
        if self.after is None:
            return self.before.resource.finalizers
        return self.after.finalizers if self.after.terminating else ()

    @property
    def ends(self) -> bool:
        """Whether this takes the last finalizer of what is being deleted, so that it is deleted now."""
        return self.after is not None and self.after.ended

    @property
    def takes_back(self) -> bool:
        """Whether it is not being deleted any more."""
        was = self.before is not None and self.before.resource.terminating
        return was and self.after is not None and not self.after.terminating

    @property
    def told(self) -> Action:
        """What it is to people, who care for what is there afterwards."""
        return Action.DELETE if self.removes or self.ends else self.action

    @property
    def removes(self) -> bool:
        """Whether what was there is gone for all but its record."""
        if self.before is None or self.before.resource.terminating:
            return False
        return self.after is None or self.after.terminating


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, old and new. A value is None where the field is not there; a secret's values are never here."""

    field: str
    old: JsonValue
    new: JsonValue
    secret: bool = False
    fingerprint: str | None = None
    """Of a new secret, keyed: equal for equal values at one place. None where it is not known."""
    default: bool = False
    """Nobody declares it: a default took its place, or another default than before."""


@dataclass(frozen=True, slots=True)
class ResourceConflict:
    """Fields of one resource that other managers own at other values."""

    key: ResourceKey
    fields: tuple[FieldConflict, ...]

    @property
    def by_hand(self) -> bool:
        """Whether each of them was changed by hand: no other files, and nobody who applies, declare another value."""
        return all(field.operation == "Update" for field in self.fields)


@dataclass(frozen=True, slots=True)
class Held:
    """A resource that a rollback holds as it is, against what the source declares."""

    key: ResourceKey
    revision: int
    drifts: bool


@dataclass(frozen=True, slots=True)
class Drifted:
    """What differs from what a source declares: a field, or without one the whole resource.

    `manager` is who changed it by hand, `since` when; None where nobody is known to. No secret is among the values.
    """

    key: ResourceKey
    field: str | None = None
    live: JsonValue = None
    declared: JsonValue = None
    secret: bool = False
    manager: str | None = None
    since: str | None = None


class ByHand(Enum):
    """What becomes of what people changed by hand."""

    TAKEN_BACK = "taken back"
    LEFT = "left"
    LEFT_WHERE_OWNED = "left where owned"
    """What somebody deleted belongs to nobody, and comes back."""


@dataclass(frozen=True, slots=True)
class Resync:
    """How a resync is made. `only`: the resources that it may change; what differs besides is told. None: all."""

    by_hand: ByHand = ByHand.LEFT_WHERE_OWNED
    only: Collection[ResourceKey] | None = None


EVERYTHING = Resync()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that can't stand beside what is held or left."""

    key: ResourceKey
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change against revision `base`, in the order in which it can be done.

    `claims` change who declares a resource, or in which file, and nothing that anybody reads: they are written with
    the plan, and make no revision. `undeclared` are resources that the source once declared and no longer does, and that stay without `prune`.

    Of a resync: `by_hand` is what the changes would take back from who changed it by hand; `healed` is what they do take
    back, `drift` what is left as it is.
    """

    base: int
    changes: tuple[Change, ...] = ()
    claims: tuple[Change, ...] = ()
    conflicts: tuple[ResourceConflict, ...] = ()
    undeclared: tuple[ResourceKey, ...] = ()
    held: tuple[Held, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    by_hand: tuple[ResourceConflict, ...] = ()
    healed: tuple[Drifted, ...] = ()
    drift: tuple[Drifted, ...] = ()
    releases: tuple[tuple[ResourceKey, str], ...] = ()

    @property
    def empty(self) -> bool:
        return not self.changes

    @property
    def edits(self) -> tuple[Change, ...]:
        """All that is to be written."""
        return self.changes + self.claims

    def counts(self) -> Mapping[Action, int]:
        counted = Counter(change.told for change in self.changes)
        return {action: counted[action] for action in Action}


def content_of(resource: Resource) -> JsonObject:
    """The object whose fields have owners: labels, annotations, finalizers and spec. What is empty is left out, as
    Kubernetes does.
    """
    metadata: JsonObject = {}
    if resource.labels:
        metadata["labels"] = dict(resource.labels)
    if resource.annotations:
        metadata["annotations"] = dict(resource.annotations)
    if resource.finalizers:
        metadata["finalizers"] = [*resource.finalizers]
    content: JsonObject = {"metadata": metadata} if metadata else {}
    content["spec"] = resource.spec
    return content


def same_content(one: Resource, other: Resource) -> bool:
    """Whether the store would make no revision of the one over the other."""
    return one.deletion_timestamp == other.deletion_timestamp and content_of(one) == content_of(other)


def resource_of(key: ResourceKey, content: JsonObject) -> Resource:
    """The inverse of content_of. A set has no order, so that no two managers can fight over one."""
    metadata = content.get("metadata")
    spec = content.get("spec")
    held = metadata if isinstance(metadata, dict) else {}
    return Resource(
        key,
        spec if isinstance(spec, dict) else {},
        _texts(held.get("labels")),
        _texts(held.get("annotations")),
        finalizers_of(held),
    )


def _texts(value: JsonValue) -> dict[str, str]:
    return {name: str(text) for name, text in value.items()} if isinstance(value, dict) else {}
