"""The Snapshot and its parts. Built by `compile`, read by the gateway, changed by nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from reconciler.json_types import JsonObject
from reconciler.protocol.header_templates import HeaderTemplates
from reconciler.protocol.parameters import Parameters
from reconciler.provider_types.base import EVERY_ENDPOINT, Adapter, Endpoint
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.snapshot.clients import NO_CLIENTS, Client, Clients, Globs
from reconciler.snapshot.glob import Glob
from reconciler.snapshot.guards import NO_WEB_PAGES, OPEN, Egress, Recording, WebPages
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.prices import Prices
from reconciler.snapshot.retries import Retry

if TYPE_CHECKING:
    from reconciler.snapshot.programs import Program


class TLS(Protocol):
    """What an upstream's connections verify with, and show. Made by `snapshot.tls`, which the transport knows."""

    @property
    def server_name(self) -> str | None: ...


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
    tls: TLS | None = None
    """None: as the system trusts, by the host's name."""
    program: "Program | None" = None
    """What is run, where it is a program on this machine."""
    introduces: bool = False
    """Whether its adapter is told who asks."""

    def __repr__(self) -> str:
        return f"<Upstream {self.key} built at revision {self.revision}>"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `total` bounds the wait for the answer's first byte and, apart from streams, for its end.

    Of streams alone: `first_byte` takes its place where it is given, and `idle`, else `total`, bounds each next wait.
    """

    connect: float
    total: float
    first_byte: float | None = None
    idle: float | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """When a provider, or a model of it, is left alone: `failure_threshold` 0 is never. Seconds.

    `failure_percent` 0: the share of failures does not count. `min_requests` 0: twice the threshold.
    """

    failure_threshold: int = 5
    window: float = 10.0
    open_for: float = 5.0
    failure_percent: int = 50
    min_requests: int = 0
    slow_start: float = 0.0


@dataclass(frozen=True, slots=True)
class Probe:
    """How a provider is looked at. Seconds. `path` None: its list of models; `statuses` empty: any 2xx is well."""

    interval: float = 10.0
    timeout: float = 5.0
    healthy_threshold: int = 2
    unhealthy_threshold: int = 3
    path: str | None = None
    statuses: frozenset[int] = frozenset()
    slow_start: float = 0.0
    """As in Health, for one that its probe finds well again."""

    def expects(self, status: int) -> bool:
        return status in self.statuses if self.statuses else 200 <= status <= 299


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
    priority: int = 0
    weight: int = 1
    limits: Limits | None = None
    """None: it may be asked as much as anybody likes."""
    drain: bool = False
    """Whether an answer is read to its end after its client left."""
    headers: HeaderTemplates | None = None
    retry: Retry | None = None
    """None: it is asked once for a request."""
    prices: Prices | None = None
    """Of its Model; None where that tells none."""


@dataclass(frozen=True, slots=True)
class RoutedCandidate:
    """A candidate with the name its upstream knows the model by."""

    candidate: Candidate
    upstream_model: str


class LeftOut(NamedTuple):
    """A binding that serves nothing at this revision, and why. `binding` is "" where there is none."""

    provider: str
    binding: str
    reason: str


class Routed(NamedTuple):
    """`candidates` holds at least one, in the order in which they are tried. `forwarded`: `model` is no configured name."""

    model: str
    candidates: tuple[RoutedCandidate, ...]
    forwarded: bool = False
    policy: "Policy | None" = None


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A Model with its candidates in the order in which they are tried. May have none."""

    name: str
    candidates: tuple[Candidate, ...]
    created: int
    card: JsonObject
    """What `/v1/models` tells beside id, object, created and owned_by."""
    left_out: tuple[LeftOut, ...] = ()
    policy: "Policy | None" = None
    """Of requests that no Route decides."""
    exact: Routed = field(init=False, repr=False, compare=False)
    """For whoever asks by the name or an alias without a `*`."""
    everywhere: frozenset[Endpoint] = field(init=False, repr=False, compare=False)
    """The endpoints that all candidates serve."""

    def __post_init__(self) -> None:
        named = tuple(RoutedCandidate(each, each.upstream_model or self.name) for each in self.candidates)
        object.__setattr__(self, "exact", Routed(self.name, named, policy=self.policy))
        endpoints = {each.upstream.endpoints for each in self.candidates}
        common = endpoints.pop() if endpoints else frozenset()
        if endpoints:  # where all serve the same, as most do, this is the very set that they have
            common = common.intersection(*endpoints)
        object.__setattr__(self, "everywhere", common)


@dataclass(frozen=True, slots=True)
class Shadow:
    """So many of a hundred requests are asked of others as well, whose answers nobody gets."""

    candidates: tuple[RoutedCandidate, ...]
    percent: int
    route: str = ""
    """By which requests are counted."""
    model: str = ""
    """Whose candidates they are."""


@dataclass(frozen=True, slots=True)
class Hedge:
    """Who has not answered after `delay` seconds gets a rival, for `percent` of a hundred requests at most."""

    delay: float
    percent: int
    route: str = ""
    """By which requests are counted."""


@dataclass(frozen=True, slots=True)
class Split:
    """An input of at least `threshold` items is shared out, to `workers` at a time."""

    threshold: int
    workers: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What a Route asks of dispatch. Seconds; None and empty are as without a Route.

    `total` bounds the whole request, `first_byte` its answer's first; `attempts` counts the first one, too; `retry_on`
    are the statuses after which another candidate is tried. `by_settings`: `total` is theirs, for the Route has none.
    """

    total: float | None = None
    first_byte: float | None = None
    attempts: int | None = None
    retry_on: frozenset[int] | None = None
    shadow: Shadow | None = None
    hedge: Hedge | None = None
    split: Split | None = None
    by_settings: bool = False


class Target(NamedTuple):
    """Where a Route may send a request: `candidates` in the order of trying.

    `capabilities` None: its Model tells none. `price` None: nor that, else input and output together.
    """

    label: str
    weight: int
    seed: int
    model: str
    candidates: tuple[RoutedCandidate, ...]
    left_out: tuple[LeftOut, ...] = ()
    capabilities: frozenset[str] | None = None
    price: Decimal | None = None


class AskedTarget(NamedTuple):
    """A target that names no Model: the Binding, to this provider, of the one that was asked for."""

    label: str
    weight: int
    seed: int
    provider: str
    timeout: float | None


class HeaderCondition(NamedTuple):
    name: bytes
    value: Glob
    label: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A Route. What it says nothing of is None or empty, and holds for every request.

    `key` names it in its worker's memory. `tiers` are its targets, the highest priority first; none: the candidates of the
    model that was asked for. `sticky` is the name of a header.
    """

    name: str
    key: str
    names: frozenset[str] | None
    globs: tuple[Glob, ...]
    tasks: frozenset[str]
    headers: tuple[HeaderCondition, ...]
    prompt: tuple[int, int] | None
    needs: frozenset[str]
    strategy: str
    sticky: bytes
    tiers: tuple[tuple[Target | AskedTarget, ...], ...]
    policy: Policy | None = None
    served: tuple[tuple[Target, ...], ...] = ()
    """`tiers` without targets that nobody serves, where each names a Model."""
    order: tuple[RoutedCandidate, ...] = ()
    """All of `served`, each once, as they stand."""
    everywhere: frozenset[Endpoint] = frozenset()
    """The endpoints that all of them serve."""
    choosy: bool = False
    """Whether one of them tells capabilities."""
    models: tuple[str, ...] = ()
    """Whose candidates they are, each once."""
    clients: Globs | None = None
    """The ClientKeys whose requests it decides, by name; None: everybody's."""
    by_client: bool = False
    """Whether strategy sticky goes by who asks."""

    @property
    def looks(self) -> bool:
        """Whether it asks more of a request than for what, and whose it is."""
        return bool(self.tasks or self.headers or self.needs) or self.prompt is not None


@dataclass(frozen=True, slots=True)
class Routes:
    """The Routes of a namespace; lists of them are in the order in which they are asked."""

    named: Mapping[str, tuple[Rule, ...]]
    """Those that may match, by each name that one of them has without a `*`."""
    others: tuple[Rule, ...]
    """Those that may match any other name."""
    reads: frozenset[str]
    """The members of a body that one of them looks at."""
    listed: tuple[Rule, ...] = ()
    """Each once."""
    own_tiers: dict[str, tuple[tuple[Target, ...], ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What `routes.own_tiers` gives, by the model's name, once it was asked for: a Route without targets needs it."""


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
    routes: Routes | None = None
    """None where there are none."""
    reads: frozenset[str] = frozenset()
    """The client's headers that a Binding's templates speak of."""
    policy: Policy | None = None
    """Of requests that no Route decides."""
    settled: dict[tuple[str | None, Endpoint, str], tuple[Client | None, Routed]] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )
    """Where all requests of a client go that ask for one name, as long as nobody is in trouble; by that, the endpoint and its name."""

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
    probes: Mapping[ResourceKey, Probe] = field(default_factory=lambda: MappingProxyType({}))
    """Of the upstreams whose provider declares one."""
    recording: Recording = field(default_factory=Recording)
    clients: Clients = NO_CLIENTS
    egress: Egress = OPEN
    web_pages: WebPages = NO_WEB_PAGES

    def namespace(self, name: str) -> Namespace:
        return self.namespaces.get(name, EMPTY_NAMESPACE)

    def space_of(self, client: Client | None) -> Namespace:
        """Where its requests are served."""
        name = DEFAULT_NAMESPACE if client is None else client.key.namespace
        return self.namespaces.get(name, EMPTY_NAMESPACE)
