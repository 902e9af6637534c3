"""Who may serve a Model, in the order of trying: the active provider first, then by priority, by weight, by name."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.protocol.header_templates import header_templates
from reconciler.protocol.parameters import parameters
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.executing import Execution, execution
from reconciler.snapshot.health import health_of
from reconciler.snapshot.limits import limits_of
from reconciler.snapshot.model import Candidate, LeftOut, ServedModel, Timeouts, Upstream
from reconciler.snapshot.prices import Prices
from reconciler.snapshot.retries import retry_of

_Resources = Mapping[ResourceKey, StoredResource]
_Default = TypeVar("_Default", float, None)

_CARD = {
    "displayName": "display_name",
    "description": "description",
    "capabilities": "capabilities",
    "contextWindow": "context_window",
    "maxOutputTokens": "max_output_tokens",
}
_PRICES = {"input": "input", "cachedInput": "cached_input", "output": "output"}
_NO_TIMEOUTS = Timeouts(connect=5.0, total=120.0)


def active_provider(namespace: str, resources: _Resources) -> ResourceKey | None:
    """The Provider that the namespace's Settings name as the active one."""
    name = settings_of(namespace, resources).get("activeProvider")
    return ResourceKey("Provider", namespace, name) if isinstance(name, str) else None


def forwards(namespace: str, resources: _Resources) -> bool:
    """Whether the namespace's Settings send what no Model or Binding names to the active provider."""
    return settings_of(namespace, resources).get("unknownModels") == "forward"


def settings_of(namespace: str, resources: _Resources) -> JsonObject:
    """The spec of the namespace's Settings; empty where it has none."""
    settings = resources.get(ResourceKey("Settings", namespace, "default"))
    return settings.resource.spec if settings is not None else {}


def execution_of(namespace: str, resources: _Resources) -> Execution:
    """What holds there where nobody says anything else."""
    return execution(settings_of(namespace, resources))


def default_model(namespace: str, resources: _Resources, bindings: Iterable[StoredResource]) -> str | None:
    """What serves a request that names no model. `bindings` are the active provider's, if there is one."""
    named = settings_of(namespace, resources).get("defaultModel")
    if isinstance(named, str):
        return named
    defaults = (each for each in bindings if each.resource.spec.get("default", False))
    serving = [each for each in defaults if each.resource.spec.get("enabled", True)]
    first = min(serving, key=lambda each: each.key, default=None)
    return str(first.resource.spec.get("model")) if first is not None else None


def forward(
    namespace: str, resources: _Resources, upstreams: Mapping[ResourceKey, Upstream]
) -> Candidate | None:
    """The active provider, for what no Model or Binding names; None where that is refused, and where there is none."""
    key = active_provider(namespace, resources)
    if key is None or not forwards(namespace, resources):
        return None
    provider, upstream = resources.get(key), upstreams.get(key)
    if provider is None or upstream is None:
        return None
    spec = provider.resource.spec
    return Candidate(
        upstream,
        key.name,
        "",
        None,
        _timeouts(spec),
        health_of(spec),
        limits=limits_of(provider),
        drain=_drains(spec),
        retry=retry_of(spec) or execution_of(namespace, resources).retry,
    )


def served(
    model: StoredResource,
    bindings: Iterable[StoredResource],
    resources: _Resources,
    upstreams: Mapping[ResourceKey, Upstream],
) -> ServedModel:
    """`bindings` are all that name the model. One that none names is the active provider's, where unknown ones are."""
    spec = model.resource.spec
    card: JsonObject = {told: spec[name] for name, told in _CARD.items() if name in spec}
    pricing = spec.get("pricing")
    if isinstance(pricing, dict) and pricing:
        card["pricing"] = {told: pricing[name] for name, told in _PRICES.items() if name in pricing}
    created = int(datetime.fromisoformat(model.creation_timestamp).timestamp())
    bound = tuple(bindings)
    candidates, left_out = _ranked(model.key.namespace, bound, resources, upstreams)
    unbound = None if bound else forward(model.key.namespace, resources, upstreams)
    if unbound is not None:
        candidates = (replace(unbound, upstream_model=model.key.name),)
    prices = Prices.of(pricing)
    if prices is not None:
        candidates = tuple(replace(each, prices=prices) for each in candidates)
    policy = execution_of(model.key.namespace, resources).policy
    return ServedModel(model.key.name, candidates, created, card, left_out, policy)


def _ranked(
    namespace: str,
    bindings: Iterable[StoredResource],
    resources: _Resources,
    upstreams: Mapping[ResourceKey, Upstream],
) -> tuple[tuple[Candidate, ...], tuple[LeftOut, ...]]:
    active = active_provider(namespace, resources)
    ranked: list[tuple[bool, int, int, str, Candidate]] = []
    left_out: list[LeftOut] = []
    for binding in bindings:
        found = _candidate(binding, resources, upstreams)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            last = found.upstream.key != active
            ranked.append((last, -found.priority, -found.weight, binding.key.name, found))
    ranked.sort(key=lambda entry: entry[:-1])
    return tuple(entry[-1] for entry in ranked), tuple(sorted(left_out))


def _candidate(
    binding: StoredResource, resources: _Resources, upstreams: Mapping[ResourceKey, Upstream]
) -> Candidate | LeftOut:
    spec = binding.resource.spec
    provider_key = ResourceKey("Provider", binding.key.namespace, str(spec.get("provider")))
    provider, upstream = resources.get(provider_key), upstreams.get(provider_key)
    if provider is None or upstream is None or not spec.get("enabled", True):
        return LeftOut(provider_key.name, binding.key.name, _why_not(spec, provider))
    asked = spec.get("upstreamModel", spec.get("model"))
    return Candidate(
        upstream,
        provider_key.name,
        binding.key.name,
        None if asked == "*" else str(asked),
        _timeouts(provider.resource.spec),
        health_of(provider.resource.spec),
        parameters(spec.get("config")),
        _integer(spec.get("priority", provider.resource.spec.get("priority")), 0),
        _integer(spec.get("weight"), 1),
        limits_of(provider),
        _drains(provider.resource.spec),
        header_templates(value_at(spec, ("config", "headers"))),
        retry_of(provider.resource.spec) or execution_of(binding.key.namespace, resources).retry,
    )


def _drains(spec: JsonObject) -> bool:
    return spec.get("onClientDisconnect") == "drain"


def _why_not(binding: JsonObject, provider: StoredResource | None) -> str:
    if not binding.get("enabled", True):
        return "the Binding is disabled"
    if provider is None:
        return "there is no such Provider"
    if not provider.resource.spec.get("enabled", True):
        return "the Provider is disabled"
    return "the Provider is refused; its conditions say why"


def _integer(written: JsonValue, default: int) -> int:
    return written if isinstance(written, int) else default


def _timeouts(spec: JsonObject) -> Timeouts:
    config = spec.get("config")
    return _shared_timeouts(
        _seconds(value_at(config, ("connectTimeout",)), _NO_TIMEOUTS.connect),
        _seconds(value_at(config, ("timeout",)), _NO_TIMEOUTS.total),
        _seconds(value_at(config, ("firstByteTimeout",)), None),
        _seconds(value_at(config, ("idleTimeout",)), None),
    )


@lru_cache(maxsize=512)
def _shared_timeouts(connect: float, total: float, first_byte: float | None, idle: float | None) -> Timeouts:
    """Most candidates have those of another."""
    return Timeouts(connect, total, first_byte, idle)


def _seconds(written: JsonValue, default: _Default) -> float | _Default:
    return milliseconds(written) / 1000 if isinstance(written, str | int) else default
