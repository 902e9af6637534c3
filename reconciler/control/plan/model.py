"""The Plan and its parts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from reconciler.control.ownership.apply import FieldConflict
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One resource as a source declares it, secrets sealed. `path` is the file, relative to the source's root."""

    resource: Resource
    path: str | None = None

    @property
    def key(self) -> ResourceKey:
        return self.resource.key


@dataclass(frozen=True, slots=True)
class Intent:
    """What one source wants: its declarations, and what its silence means.

    `scopes` are the paths (relative to the source's root, "" for all of it) that were read: only what was last
    declared below them can be missing from them.
    """

    manager: str
    source: str | None
    declarations: Mapping[ResourceKey, Declaration]
    scopes: tuple[str, ...] = ("",)
    prune: bool = False
    force: bool = False


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


@dataclass(frozen=True, slots=True)
class Held:
    """A resource that a rollback holds as it is, against what the source declares."""

    key: ResourceKey
    revision: int
    drifts: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that can't stand beside what is held."""

    key: ResourceKey
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change against revision `base`, in the order in which it can be done.

    `claims` change who declares a resource, or in which file, and nothing that anybody reads: they are written with
    the plan, and make no revision. `undeclared` are resources that the source once declared and no longer does, and that stay without `prune`.
    """

    base: int
    changes: tuple[Change, ...] = ()
    claims: tuple[Change, ...] = ()
    conflicts: tuple[ResourceConflict, ...] = ()
    undeclared: tuple[ResourceKey, ...] = ()
    held: tuple[Held, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    releases: tuple[tuple[ResourceKey, str], ...] = ()

    @property
    def empty(self) -> bool:
        return not self.changes

    @property
    def edits(self) -> tuple[Change, ...]:
        """All that is to be written."""
        return self.changes + self.claims

    def counts(self) -> Mapping[Action, int]:
        counted = Counter(change.action for change in self.changes)
        return {action: counted[action] for action in Action}


def content_of(resource: Resource) -> JsonObject:
    """The object whose fields have owners: labels, annotations and spec. Empty maps are left out, as Kubernetes does."""
    metadata: JsonObject = {}
    if resource.labels:
        metadata["labels"] = dict(resource.labels)
    if resource.annotations:
        metadata["annotations"] = dict(resource.annotations)
    content: JsonObject = {"metadata": metadata} if metadata else {}
    content["spec"] = resource.spec
    return content


def resource_of(key: ResourceKey, content: JsonObject) -> Resource:
    """The inverse of content_of."""
    metadata = content.get("metadata")
    spec = content.get("spec")
    held = metadata if isinstance(metadata, dict) else {}
    return Resource(
        key,
        spec if isinstance(spec, dict) else {},
        _texts(held.get("labels")),
        _texts(held.get("annotations")),
    )


def _texts(value: JsonValue) -> dict[str, str]:
    return {name: str(text) for name, text in value.items()} if isinstance(value, dict) else {}
