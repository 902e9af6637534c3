"""Snapshots by hand: upstreams, candidates and models without manifests or a store."""

from dataclasses import dataclass
from types import MappingProxyType

from reconciler.provider_types.base import Adapter, Endpoint, UpstreamRequest
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

    def encode(self, endpoint: Endpoint, body: bytes) -> UpstreamRequest:
        headers = (("authorization", f"Bearer {KEY}"), ("content-type", "application/json"))
        return UpstreamRequest("POST", f"http://{self.name}.test{endpoint.value}", headers, body)


def built(name: str, adapter: Adapter, transport: str, revision: int = 1) -> Upstream:
    return Upstream(ResourceKey("Provider", "default", name), transport, adapter, f"fp-{name}", revision)


def http_upstream(name: str, url: str) -> Upstream:
    headers = (("authorization", f"Bearer {KEY}"), ("content-type", "application/json"))
    return built(name, OpenAICompatibleAdapter(url, headers), "http")


def simulator(name: str, **config: object) -> Upstream:
    return built(name, SIMULATOR.build(SimulatorConfig.model_validate(config), {}), "simulator")


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
) -> Namespace:
    by_name = {model.name: model for model in models}
    exact = {**by_name, **{alias: by_name[name] for alias, name in (aliases or {}).items()}}
    prefixes = sorted((wildcards or {}).items(), key=lambda item: -len(item[0]))
    return Namespace(
        MappingProxyType(exact),
        tuple((prefix, by_name[name]) for prefix, name in prefixes),
        default,
        tuple(by_name[name] for name in sorted(by_name)),
    )


def snapshot(space: Namespace, revision: int = 7) -> Snapshot:
    upstreams = {
        candidate.upstream.key: candidate.upstream for model in space.listed for candidate in model.candidates
    }
    return Snapshot(revision, MappingProxyType({"default": space}), MappingProxyType(upstreams))
