"""The plain values that travel through every stage: identity, what was declared, what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from reconciler.json_types import JsonObject

DEFAULT_NAMESPACE = "default"


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


@dataclass(frozen=True, slots=True)
class FieldManager:
    """One entry of managedFields: who declared which fields. `fields` is Kubernetes' FieldsV1."""

    manager: str
    operation: Literal["Apply", "Update"]
    fields: JsonObject
    time: str


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
