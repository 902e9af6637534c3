"""The Snapshot and its parts. Built by `compile`, read by the gateway, changed by nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.json_types import JsonObject
from reconciler.protocol.parameters import Parameters
from reconciler.provider_types.base import EVERY_ENDPOINT, Adapter, Endpoint
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
    endpoints: frozenset[Endpoint] = EVERY_ENDPOINT
    """What it may be asked for."""

    def __repr__(self) -> str:
        return f"<Upstream {self.key} built at revision {self.revision}>"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `total` bounds the wait for the answer's first byte and, apart from streams, for its end.

    Of streams alone: `first_byte` takes its place where it is given, and `idle` bounds the wait for each next byte.
    """

    connect: float
    total: float
    first_byte: float | None = None
    idle: float | None = None

    @property
    def silence(self) -> float:
        """The longest time without a byte that any of them allows: the most that a transport is to wait."""
        return max(self.total, self.first_byte or 0, self.idle or 0)

    @property
    def next_byte(self) -> float | None:
        """What a stream's next byte has, `total` where nothing else is said; None where `silence` is no more than that."""
        return self.total if self.idle is None and self.silence > self.total else self.idle


@dataclass(frozen=True, slots=True)
class Health:
    """When a provider is left alone: `failure_threshold` 0 is never. `window` and `open_for` are seconds."""

    failure_threshold: int = 5
    window: float = 10.0
    open_for: float = 5.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to serve a model: a binding, resolved. `upstream_model` is None where the wildcard's rest is taken.

    `binding` is "" for the active provider where it takes what no Binding names.
    """

    upstream: Upstream
    provider: str
    binding: str
    upstream_model: str | None
    timeouts: Timeouts
    health: Health = Health()
    parameters: Parameters | None = None


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
    active_provider: str | None = None
    """The one that the Settings name, whether it could be built or not."""
    forwards: bool = False
    """Whether names that no model has are to go to the active provider."""
    forward: Candidate | None = None
    """The active provider for such names, each under its own; None where it could not be built."""
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
