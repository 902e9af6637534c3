"""Snapshots by hand: upstreams, candidates and models without manifests or a store."""

from dataclasses import dataclass
from types import MappingProxyType

from reconciler.provider_types.base import EVERY_ENDPOINT, Adapter, Endpoint, Headers, UpstreamRequest
from reconciler.provider_types.openai_compatible import OpenAICompatibleAdapter
from reconciler.provider_types.simulator import SIMULATOR, SimulatorConfig
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Candidate, Namespace, ServedModel, Snapshot, Timeouts, Upstream

CREATED = 1_790_000_000
KEY = "sk-upstream-canary-0123456789"


@dataclass(frozen=True)
class EchoAdapter:
    """Makes a request that shows what was asked of it."""

    name: str

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        headers = (("authorization", f"Bearer {KEY}"), ("content-type", "application/json"))
        return UpstreamRequest("POST", f"http://{self.name}.test{endpoint.value}", headers, body)

    def probe(self, path: str | None) -> UpstreamRequest:
        return UpstreamRequest("GET", f"http://{self.name}.test{path or '/models'}", (), b"")


def built(
    name: str,
    adapter: Adapter,
    transport: str,
    revision: int = 1,
    endpoints: frozenset[Endpoint] = EVERY_ENDPOINT,
) -> Upstream:
    key = ResourceKey("Provider", "default", name)
    return Upstream(key, transport, adapter, f"fp-{name}", revision, endpoints)


def http_upstream(name: str, url: str) -> Upstream:
    headers = (("authorization", f"Bearer {KEY}"), ("content-type", "application/json"))
    return built(name, OpenAICompatibleAdapter(url, headers), "http")


def simulator(name: str, **config: object) -> Upstream:
    adapter = SIMULATOR.build(SimulatorConfig.model_validate(config), {})
    return built(name, adapter, "simulator", endpoints=SIMULATOR.endpoints)


def candidate(
    upstream: Upstream | str, upstream_model: str | None = "upstream-model", total: float = 120.0
) -> Candidate:
    """`upstream` by name has an EchoAdapter, for tests without a transport."""
    if isinstance(upstream, str):
        upstream = built(upstream, EchoAdapter(upstream), "none")
    name = upstream.key.name
    return Candidate(upstream, name, f"binding-{name}", upstream_model, Timeouts(5.0, total))


def served(name: str, *candidates: Candidate) -> ServedModel:
    return ServedModel(name, candidates, CREATED, {"display_name": f"The {name}"})


def namespace(
    *models: ServedModel,
    aliases: dict[str, str] | None = None,
    wildcards: dict[str, str] | None = None,
    default: str | None = None,
    forwards: bool = False,
    forward: Candidate | None = None,
) -> Namespace:
    by_name = {model.name: model for model in models}
    exact = {**by_name, **{alias: by_name[name] for alias, name in (aliases or {}).items()}}
    prefixes = sorted((wildcards or {}).items(), key=lambda item: -len(item[0]))
    return Namespace(
        MappingProxyType(exact),
        tuple((prefix, by_name[name]) for prefix, name in prefixes),
        default,
        None,
        forwards,
        forward,
        tuple(by_name[name] for name in sorted(by_name)),
    )


def snapshot(space: Namespace, revision: int = 7) -> Snapshot:
    upstreams = {
        candidate.upstream.key: candidate.upstream for model in space.listed for candidate in model.candidates
    }
    return Snapshot(revision, MappingProxyType({"default": space}), MappingProxyType(upstreams))
