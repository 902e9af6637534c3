"""State → Snapshot. With a compilation before it, only what the changes reach is made anew; all else is shared.

    changed Secret ──► Providers that refer to it ─┐
    changed Provider ──────────────────────────────┼──► Bindings that refer to it ──► their Models
    changed Binding, before and after ─────────────┴──► their Models
    changed Model, Settings ──► themselves

A full compile is the same function without a compilation before it, so the two can't drift apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from reconciler.field_types import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.references import references
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.model import (
    Candidate,
    Namespace,
    Refusal,
    ServedModel,
    Snapshot,
    Timeouts,
    Upstream,
)

Change = tuple[ResourceKey, StoredResource | None]
Resources = Mapping[ResourceKey, StoredResource]

_CARD = {
    "displayName": "display_name",
    "description": "description",
    "capabilities": "capabilities",
    "contextWindow": "context_window",
    "maxOutputTokens": "max_output_tokens",
}
_NO_TIMEOUTS = Timeouts(connect=5.0, total=120.0)


@dataclass(frozen=True, slots=True)
class Built:
    """What came of building a provider. With a `refusal`, `upstream` is what it goes on with, if there is anything."""

    upstream: Upstream | None
    refusal: Refusal | None = None


class Builder(Protocol):
    """Makes a provider's upstream, secrets resolved."""

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        """Gives `previous` itself where nothing that it was built from changed."""
        ...


@dataclass(frozen=True, slots=True)
class Compilation:
    """A snapshot, and what the next one is compiled from."""

    snapshot: Snapshot
    resources: Resources
    referrers: Mapping[ResourceKey, frozenset[ResourceKey]]
    """Who refers to a resource, by the resource."""
    models: Mapping[ResourceKey, ServedModel] = field(default_factory=dict)


EMPTY = Compilation(Snapshot(0), {}, {})


def compile(  # noqa: A001  the field's word for it
    previous: Compilation, changes: Iterable[Change], revision: int, builder: Builder
) -> Compilation:
    """The compilation at `revision`, `changes` away from `previous`. Never fails as a whole: see Refusal.

    What is being deleted is left out: it waits for its finalizers without traffic.
    """
    changed = {
        key: None if stored is None or stored.resource.terminating else stored for key, stored in changes
    }
    resources = {**previous.resources}
    for key, stored in changed.items():
        if stored is None:
            resources.pop(key, None)
        else:
            resources[key] = stored
    referrers = _referrers(previous, changed)
    providers = _touched_providers(changed, referrers, previous.snapshot)
    upstreams, refusals = _upstreams(previous.snapshot, providers, resources, builder)
    touched = _touched_models(changed, providers, previous, resources, referrers)
    models = {key: model for key, model in previous.models.items() if key not in touched}
    for key in touched:
        if key in resources:
            models[key] = _served(resources[key], resources, referrers, upstreams)
    spaces = {key.namespace for key in touched} | {key.namespace for key in changed if key.kind == "Settings"}
    namespaces = _namespaces(previous.snapshot.namespaces, spaces, models, resources)
    snapshot = Snapshot(revision, namespaces, upstreams, refusals)
    return Compilation(snapshot, resources, referrers, models)


def _referrers(
    previous: Compilation, changed: Mapping[ResourceKey, StoredResource | None]
) -> Mapping[ResourceKey, frozenset[ResourceKey]]:
    referrers = dict(previous.referrers)
    for key, stored in changed.items():
        before = previous.resources.get(key)
        old = {reference.target for reference in references(before.resource)} if before else set()
        new = {reference.target for reference in references(stored.resource)} if stored else set()
        for target in old - new:
            left = referrers[target] - {key}
            if left:
                referrers[target] = left
            else:
                del referrers[target]
        for target in new - old:
            referrers[target] = referrers.get(target, frozenset()) | {key}
    return referrers


def _touched_providers(
    changed: Mapping[ResourceKey, StoredResource | None],
    referrers: Mapping[ResourceKey, frozenset[ResourceKey]],
    before: Snapshot,
) -> set[ResourceKey]:
    """Also those that were refused: what they lacked may be there now."""
    touched = {key for key in changed if key.kind == "Provider"}
    for key in changed:
        if key.kind == "Secret":
            touched |= {referrer for referrer in referrers.get(key, ()) if referrer.kind == "Provider"}
    return touched | {refusal.provider for refusal in before.refusals}


def _upstreams(
    before: Snapshot, touched: set[ResourceKey], resources: Resources, builder: Builder
) -> tuple[Mapping[ResourceKey, Upstream], tuple[Refusal, ...]]:
    if not touched:
        return before.upstreams, before.refusals
    upstreams = dict(before.upstreams)
    refusals: list[Refusal] = []
    for key in sorted(touched):
        previous = upstreams.pop(key, None)
        stored = resources.get(key)
        if stored is None or not stored.resource.spec.get("enabled", True):
            continue
        built = builder.build(stored, resources, previous)
        if built.upstream is not None:
            upstreams[key] = built.upstream
        if built.refusal is not None:
            refusals.append(built.refusal)
    return upstreams, tuple(refusals)


def _touched_models(
    changed: Mapping[ResourceKey, StoredResource | None],
    providers: set[ResourceKey],
    previous: Compilation,
    resources: Resources,
    referrers: Mapping[ResourceKey, frozenset[ResourceKey]],
) -> set[ResourceKey]:
    bindings = {key for key in changed if key.kind == "Binding"}
    for provider in providers:
        bindings |= referrers.get(provider, frozenset())
    touched = {key for key in changed if key.kind == "Model"}
    for binding in bindings:
        for known in (previous.resources, resources):
            stored = known.get(binding)
            if stored is not None and binding.kind == "Binding":
                touched.add(ResourceKey("Model", binding.namespace, str(stored.resource.spec.get("model"))))
    return touched


def _served(
    model: StoredResource,
    resources: Resources,
    referrers: Mapping[ResourceKey, frozenset[ResourceKey]],
    upstreams: Mapping[ResourceKey, Upstream],
) -> ServedModel:
    ranked: list[tuple[int, str, Candidate]] = []
    for key in referrers.get(model.key, ()):
        binding = resources.get(key)
        if binding is None or key.kind != "Binding" or not binding.resource.spec.get("enabled", True):
            continue
        found = _candidate(binding, resources, upstreams)
        if found is not None:
            ranked.append((-found[0], key.name, found[1]))
    ranked.sort(key=lambda entry: entry[:2])
    spec = model.resource.spec
    card: JsonObject = {told: spec[name] for name, told in _CARD.items() if name in spec}
    created = int(datetime.fromisoformat(model.creation_timestamp).timestamp())
    return ServedModel(model.key.name, tuple(candidate for _, _, candidate in ranked), created, card)


def _candidate(
    binding: StoredResource, resources: Resources, upstreams: Mapping[ResourceKey, Upstream]
) -> tuple[int, Candidate] | None:
    """(priority, candidate) of a binding; None where its provider is gone, disabled or was never built."""
    spec = binding.resource.spec
    provider_key = ResourceKey("Provider", binding.key.namespace, str(spec.get("provider")))
    provider, upstream = resources.get(provider_key), upstreams.get(provider_key)
    if provider is None or upstream is None:
        return None
    priority = spec.get("priority", provider.resource.spec.get("priority", 0))
    asked = spec.get("upstreamModel", spec.get("model"))
    return int(priority) if isinstance(priority, int) else 0, Candidate(
        upstream,
        provider_key.name,
        binding.key.name,
        None if asked == "*" else str(asked),
        _timeouts(provider.resource.spec),
    )


def _timeouts(spec: JsonObject) -> Timeouts:
    config = spec.get("config")
    return Timeouts(
        connect=_seconds(value_at(config, ("connectTimeout",)), _NO_TIMEOUTS.connect),
        total=_seconds(value_at(config, ("timeout",)), _NO_TIMEOUTS.total),
    )


def _seconds(written: JsonValue, default: float) -> float:
    return milliseconds(written) / 1000 if isinstance(written, str | int) else default


def _namespaces(
    before: Mapping[str, Namespace],
    touched: set[str],
    models: Mapping[ResourceKey, ServedModel],
    resources: Resources,
) -> Mapping[str, Namespace]:
    if not touched:
        return before
    namespaces = dict(before)
    by_namespace: dict[str, list[ResourceKey]] = {name: [] for name in touched}
    for key in models:
        if key.namespace in touched:
            by_namespace[key.namespace].append(key)
    for name, keys in by_namespace.items():
        settings = resources.get(ResourceKey("Settings", name, "default"))
        namespace = _namespace(sorted(keys), models, resources, settings)
        if namespace.listed or settings is not None:
            namespaces[name] = namespace
        else:
            namespaces.pop(name, None)
    return namespaces


def _namespace(
    keys: list[ResourceKey],
    models: Mapping[ResourceKey, ServedModel],
    resources: Resources,
    settings: StoredResource | None,
) -> Namespace:
    exact: dict[str, ServedModel] = {}
    wildcards: list[tuple[str, ServedModel]] = []
    for key in keys:
        model = models[key]
        exact[key.name] = model
        aliases = resources[key].resource.spec.get("aliases")
        for alias in aliases if isinstance(aliases, list) else []:
            if isinstance(alias, str) and alias.endswith("*"):
                wildcards.append((alias[:-1], model))
            elif isinstance(alias, str):
                exact[alias] = model
    wildcards.sort(key=lambda entry: (-len(entry[0]), entry[0]))
    default = settings.resource.spec.get("defaultModel") if settings is not None else None
    return Namespace(
        exact,
        tuple(wildcards),
        default if isinstance(default, str) else None,
        tuple(models[key] for key in keys),
    )
