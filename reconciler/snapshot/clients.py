"""ClientKeys → who a key belongs to, and what that client may do: decided when a snapshot is compiled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from reconciler.json_types import JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource
from reconciler.snapshot.glob import Glob, glob
from reconciler.snapshot.limits import Limits, client_limits

KIND = "ClientKey"
KEY_LENGTH = 59
"""Of `rk-<id>-<secret>`: the id has 12 characters, the secret 43."""
_SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")
_REMEMBERED = 1024
"""Names whose permission a client remembers: clients make up names."""


class Globs:
    """A list of patterns, any of which may match; it remembers what it was asked."""

    __slots__ = ("_known", "_patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns: tuple[Glob, ...] = tuple(glob(each) for each in patterns)
        self._known: dict[str, bool] = {}

    @property
    def patterns(self) -> tuple[str, ...]:
        """As they were written."""
        return tuple(map(str, self._patterns))

    def match(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[name] = any(each.matches(name) for each in self._patterns)
        return known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Globs) and self._patterns == other._patterns

    def __hash__(self) -> int:
        return hash(self._patterns)

    def __repr__(self) -> str:
        return f"Globs({', '.join(map(str, self._patterns))})"


@dataclass(frozen=True, slots=True)
class Client:
    """Who may call. `version` is its resourceVersion: of two of one `key` that of the higher one holds.

    `models` and `routes` None: all. `limits`, which are those of its budgets, too, None: as much as it likes.
    """

    key: ResourceKey
    version: int
    models: Globs | None = None
    routes: Globs | None = None
    limits: Limits | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        return self.key.name

    def may_use(self, model: str, asked: str | None = None) -> bool:
        """Whether who serves the Model `model` may serve it. `asked`: the name that it asked for, where that leads to this
        very Model: names and aliases can be permitted as well. Asked wherever a candidate is made.
        """
        models = self.models
        return models is None or models.match(model) or (asked is not None and models.match(asked))

    def may_follow(self, route: str) -> bool:
        """Whether a Route may decide its requests."""
        return self.routes is None or self.routes.match(route)


@dataclass(frozen=True, slots=True)
class Credential:
    """One key of a client: `digest` is the SHA-256 of all of it, `until` the epoch's second from which on it is refused."""

    client: Client
    id: bytes
    digest: bytes = field(repr=False)
    until: float


@dataclass(frozen=True, slots=True)
class Clients:
    """`required`: whether a request needs a key at all; else none is looked at. What is disabled is not in here."""

    required: bool = False
    credentials: dict[bytes, Credential] = field(default_factory=dict)
    """By the id of the key. Changed by nobody: a dict, since each request looks into it."""
    held: Mapping[ResourceKey, tuple[Credential, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By the ClientKey: at least one each. Of two with one id the first by its ClientKey's name is accepted."""

    def accepts(self, credential: Credential) -> bool:
        """Whether a request that came with it may go on. Where no keys are asked for, any may."""
        found = self.credentials.get(credential.id)
        if found is None or found.client.key != credential.client.key:
            return not self.required
        return found.digest == credential.digest or not self.required

    @property
    def listed(self) -> tuple[Client, ...]:
        """Each once: those that have a key, though perhaps one that has expired."""
        return tuple(held[0].client for held in self.held.values())


NO_CLIENTS = Clients()


def clients(
    previous: Clients,
    changed: Mapping[ResourceKey, StoredResource | None],
    resources: Mapping[ResourceKey, StoredResource],
) -> Clients:
    """`previous` itself where no change concerns it; else all that no change concerns is the same as in it."""
    touched = {key: stored for key, stored in changed.items() if key.kind == KIND}
    required = keys_required(resources) if _SETTINGS in changed else previous.required
    if not touched:
        return previous if required == previous.required else replace(previous, required=required)
    made = {key: _credentials(stored) for key, stored in touched.items() if stored is not None}
    kept = {key: held for key, held in previous.held.items() if key not in touched}
    held = {**kept, **{key: each for key, each in made.items() if each}}
    found = {each.id: each for key in sorted(held, reverse=True) for each in held[key]}
    return Clients(required, found, MappingProxyType(held))


def keys_required(resources: Mapping[ResourceKey, StoredResource]) -> bool:
    """Whether the Settings of the namespace `default` ask for keys."""
    stored = resources.get(_SETTINGS)
    auth = stored.resource.spec.get("auth") if stored is not None else None
    return isinstance(auth, dict) and auth.get("dataPlane") == "keys"


def _credentials(stored: StoredResource) -> tuple[Credential, ...]:
    spec = stored.resource.spec
    keys = spec.get("keys")
    if not spec.get("enabled", True) or not isinstance(keys, list):
        return ()
    client = client_of(stored)
    end = _moment(spec.get("expires"))
    return tuple(
        Credential(
            client,
            str(key.get("id")).encode(),
            bytes.fromhex(str(key.get("hash")).removeprefix("sha256:")),
            min(end, _moment(key.get("expires"))),
        )
        for key in keys
        if isinstance(key, dict) and key.get("enabled", True)
    )


def client_of(stored: StoredResource) -> Client:
    spec = stored.resource.spec
    metadata = spec.get("metadata")
    return Client(
        stored.key,
        stored.resource_version,
        _globs(spec.get("models")),
        _globs(spec.get("routes")),
        client_limits(stored),
        MappingProxyType({name: str(value) for name, value in metadata.items()})
        if isinstance(metadata, dict)
        else MappingProxyType({}),
    )


def _globs(written: JsonValue) -> Globs | None:
    return Globs(str(each) for each in written) if isinstance(written, list) else None


def _moment(written: JsonValue) -> float:
    return datetime.fromisoformat(written).timestamp() if isinstance(written, str) else float("inf")
