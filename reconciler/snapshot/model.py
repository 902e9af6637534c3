"""The Snapshot and its parts. Built by `compile`, read by the gateway, changed by nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.json_types import JsonObject
from reconciler.provider_types.base import Adapter
from reconciler.resources.resource import ResourceKey


@dataclass(frozen=True, slots=True, eq=False)
class Upstream:
    """A provider as built: what its connections are made of.

    Compared by identity: a revision that does not touch the provider keeps this very object, connections included.
    `fingerprint` digests what it was built from, secret values by keyed hash.
    """

    key: ResourceKey
    transport: str
    adapter: Adapter
    fingerprint: str
    revision: int

    def __repr__(self) -> str:
        return f"<Upstream {self.key} built at revision {self.revision}>"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `total` bounds the wait for the answer's first byte and, apart from streams, for its end."""

    connect: float
    total: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to serve a model: a binding, resolved. `upstream_model` is None where the wildcard's rest is taken."""

    upstream: Upstream
    provider: str
    binding: str
    upstream_model: str | None
    timeouts: Timeouts


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A Model with its candidates in the order in which they are tried. May have none."""

    name: str
    candidates: tuple[Candidate, ...]
    created: int
    card: JsonObject
    """What `/v1/models` tells beside id, object, created and owned_by."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """What a request in one namespace can reach."""

    models: Mapping[str, ServedModel]
    """By every exact name and alias."""
    wildcards: tuple[tuple[str, ServedModel], ...] = ()
    """(prefix, model) of aliases that end in `*`, longest prefix first."""
    default_model: str | None = None
    listed: tuple[ServedModel, ...] = ()
    """Each model once, by name."""

    def find(self, asked: str) -> tuple[ServedModel, str] | None:
        """The model that serves `asked`, and what the wildcard stood for ("" for an exact match)."""
        exact = self.models.get(asked)
        if exact is not None:
            return exact, ""
        for prefix, model in self.wildcards:
            if asked.startswith(prefix):
                return model, asked[len(prefix) :]
        return None


EMPTY_NAMESPACE = Namespace(models=MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A provider that could not be built at this revision, and why. `serving` is the revision it is built from, if any.

    `cause` is the `reason` of the error behind it, as `errors` has them.
    """

    provider: ResourceKey
    reason: str
    serving: int | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    revision: int
    namespaces: Mapping[str, Namespace] = field(default_factory=lambda: MappingProxyType({}))
    upstreams: Mapping[ResourceKey, Upstream] = field(default_factory=lambda: MappingProxyType({}))
    refusals: tuple[Refusal, ...] = ()

    def namespace(self, name: str) -> Namespace:
        return self.namespaces.get(name, EMPTY_NAMESPACE)
