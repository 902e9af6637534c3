"""The plain values that travel through every stage: identity, what was declared, what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from reconciler.json_types import JsonObject

DEFAULT_NAMESPACE = "default"
SYSTEM_METADATA = frozenset(
    {"uid", "generation", "resourceVersion", "creationTimestamp", "deletionTimestamp", "managedFields"}
)
"""Metadata that only the system writes; a manifest that holds one came from `get`, not from `export`."""
_SOURCE = "git:"
_LOCAL = "cli:"


class ResourceKey(NamedTuple):
    """The identity of a resource. Sorts by kind, then namespace, then name."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        if self.namespace == DEFAULT_NAMESPACE:
            return f"{self.kind}/{self.name}"
        return f"{self.kind}/{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Resource:
    """What people write. `spec` holds JSON as it was written, and the defaults once a revision is made of it."""

    key: ResourceKey
    spec: JsonObject
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    """A set, sorted: who has something to do before it may be gone."""
    deletion_timestamp: str | None = None
    """Since when it is being deleted, and waits for its finalizers. Written by the store alone."""

    @property
    def terminating(self) -> bool:
        """Whether it is being deleted: gone for all but its record."""
        return self.deletion_timestamp is not None

    @property
    def ended(self) -> bool:
        """Whether nothing keeps its record any more."""
        return self.terminating and not self.finalizers


def finalizers_of(metadata: JsonObject) -> tuple[str, ...]:
    """As a Resource holds what stands in `metadata`."""
    written = metadata.get("finalizers")
    return tuple(sorted({str(name) for name in written})) if isinstance(written, list) else ()


def source_manager(source: str) -> str:
    """The name under which the files of a source manage fields."""
    return f"{_SOURCE}{source}"


def local_manager(user: str) -> str:
    """The name under which somebody at this machine does."""
    return f"{_LOCAL}{user}"


@dataclass(frozen=True, slots=True)
class FieldManager:
    """One entry of managedFields: who declared which fields. `fields` is Kubernetes' FieldsV1.

    `manager`, `operation` and `subresource` are its identity. Kubernetes' apiVersion is not kept: there is one.
    """

    manager: str
    operation: Literal["Apply", "Update"]
    fields: JsonObject
    time: str
    subresource: str = ""

    @property
    def source(self) -> str | None:
        """The source whose files declared them; None for another manager."""
        return self.manager.removeprefix(_SOURCE) if self.manager.startswith(_SOURCE) else None

    @property
    def local(self) -> bool:
        """Whether somebody at this machine declared them, without a source."""
        return self.manager.startswith(_LOCAL)


@dataclass(frozen=True, slots=True)
class StoredResource:
    """A resource as one revision left it, with what the system adds."""

    resource: Resource
    uid: str
    generation: int
    resource_version: int
    creation_timestamp: str
    revision: int
    managed_fields: tuple[FieldManager, ...] = ()
    source: str | None = None
    path: str | None = None

    @property
    def key(self) -> ResourceKey:
        return self.resource.key
