"""State → Snapshot. With a compilation before it, only what the changes reach is made anew; all else is shared.

    changed Secret ──► Providers that refer to it ─┐
    changed Provider ──────────────────────────────┼──► Bindings that refer to it ──► their Models
    changed Binding, before and after ─────────────┴──► their Models
    changed Model, Settings ──► themselves
    another active provider, before and after ─────► Bindings that refer to it ──► their Models
    where unknown models go, before and after ─────► Models that no Binding names
    changed Route, and all of the above ───────────► the Routes of their namespaces
    changed ClientKey, Settings of `default` ──────► who may call, and nothing else
    another egress policy ─────────────────────────► all Providers

A full compile is the same function without a compilation before it, so the two can't drift apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from reconciler.resources.references import references
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.candidates import (
    active_provider,
    default_model,
    execution_of,
    forward,
    forwards,
    served,
)
from reconciler.snapshot.clients import clients
from reconciler.snapshot.egress import EGRESS_DENIED, Egress, denied, egress
from reconciler.snapshot.health import probes_of
from reconciler.snapshot.model import (
    EMPTY_NAMESPACE,
    Namespace,
    Refusal,
    ServedModel,
    Snapshot,
    Upstream,
)
from reconciler.snapshot.recording import recording
from reconciler.snapshot.routes import Surroundings, routes
from reconciler.snapshot.web_pages import web_pages

Change = tuple[ResourceKey, StoredResource | None]
Resources = Mapping[ResourceKey, StoredResource]
Referrers = Mapping[ResourceKey, tuple[ResourceKey, ...]]
"""Who refers to a resource, each once, by the resource. Sets would take four times the memory."""


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
    referrers: Referrers
    models: Mapping[ResourceKey, ServedModel] = field(default_factory=dict)
    routes: Mapping[ResourceKey, StoredResource] = field(default_factory=dict)
    """Those of `resources` that are Routes."""


EMPTY = Compilation(Snapshot(0), {}, {})


def compile(  # noqa: A001  the field's word for it
    previous: Compilation,
    changes: Iterable[Change],
    revision: int,
    builder: Builder,
    *,
    guarded: bool = False,
) -> Compilation:
    """The compilation at `revision`, `changes` away from `previous`. Never fails as a whole: see Refusal. `guarded` is
    the egress policy's.

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
    policy = egress(resources, guarded=guarded)
    if policy != previous.snapshot.egress:
        providers |= {key for key in resources if key.kind == "Provider"}
    upstreams, refusals = _upstreams(previous.snapshot, providers, resources, builder, policy)
    touched = _touched_models(changed, providers, previous, resources, referrers)
    turned = _turned_forwards(changed, providers, previous.resources, resources)
    touched |= {key for key in previous.models if key.namespace in turned and not _bound(key, referrers)}
    otherwise = _settled_otherwise(changed, previous.resources, resources)
    touched |= {key for key in previous.models if key.namespace in otherwise}
    models = {key: model for key, model in previous.models.items() if key not in touched}
    for key in touched:
        if key in resources:
            models[key] = _served(resources[key], resources, referrers, upstreams)
    ruled = {key for key in changed if key.kind == "Route"}
    spaces = {key.namespace for key in touched | ruled} | turned | _settled(changed)
    namespaces = _namespaces(previous.snapshot.namespaces, spaces, models, resources, referrers, upstreams)
    kept = {key: stored for key, stored in previous.routes.items() if key not in ruled}
    ruling = {**kept, **{key: resources[key] for key in ruled if key in resources}} if ruled else kept
    namespaces = _with_routes(namespaces, spaces, ruling, resources)
    probes = probes_of(previous.snapshot.probes, providers, resources, upstreams)
    callers = clients(previous.snapshot.clients, changed, resources)
    snapshot = Snapshot(
        revision,
        namespaces,
        upstreams,
        refusals,
        probes,
        recording(resources),
        callers,
        policy,
        web_pages(resources, keyed=callers.required),
    )
    return Compilation(snapshot, resources, referrers, models, ruling)


def _referrers(previous: Compilation, changed: Mapping[ResourceKey, StoredResource | None]) -> Referrers:
    referrers = dict(previous.referrers)
    for key, stored in changed.items():
        before = previous.resources.get(key)
        old = {reference.target for reference in references(before.resource)} if before else set()
        new = {reference.target for reference in references(stored.resource)} if stored else set()
        for target in old - new:
            left = tuple(each for each in referrers[target] if each != key)
            if left:
                referrers[target] = left
            else:
                del referrers[target]
        for target in new - old:
            named = changed.get(target) or previous.resources.get(target)
            own = target if named is None else named.key  # the same, and there already
            referrers[own] = (*referrers.get(own, ()), key)
    return referrers


def _touched_providers(
    changed: Mapping[ResourceKey, StoredResource | None],
    referrers: Referrers,
    before: Snapshot,
) -> set[ResourceKey]:
    """Also those that were refused: what they lacked may be there now."""
    touched = {key for key in changed if key.kind == "Provider"}
    for key in changed:
        if key.kind == "Secret":
            touched |= {referrer for referrer in referrers.get(key, ()) if referrer.kind == "Provider"}
    return touched | {refusal.provider for refusal in before.refusals}


def _upstreams(
    before: Snapshot, touched: set[ResourceKey], resources: Resources, builder: Builder, policy: Egress
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
        denial = denied(stored, policy)
        if denial is not None:
            refusals.append(Refusal(key, str(denial), cause=EGRESS_DENIED))
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
    referrers: Referrers,
) -> set[ResourceKey]:
    bindings = {key for key in changed if key.kind == "Binding"}
    for provider in providers | _turns(changed, previous.resources, resources):
        bindings.update(referrers.get(provider, ()))
    touched = {key for key in changed if key.kind == "Model"}
    for binding in bindings:
        for known in (previous.resources, resources):
            stored = known.get(binding)
            if stored is not None and binding.kind == "Binding":
                touched.add(ResourceKey("Model", binding.namespace, str(stored.resource.spec.get("model"))))
    return touched


def _turns(changed: Iterable[ResourceKey], before: Resources, after: Resources) -> set[ResourceKey]:
    """The providers that begin or end to be the active one of their namespace."""
    spaces = _settled(changed)
    turning = {active_provider(space, before) for space in spaces} ^ {
        active_provider(space, after) for space in spaces
    }
    return {key for key in turning if key is not None}


def _settled(changed: Iterable[ResourceKey]) -> set[str]:
    """The namespaces whose Settings changed."""
    return {key.namespace for key in changed if key.kind == "Settings"}


def _settled_otherwise(changed: Iterable[ResourceKey], before: Resources, after: Resources) -> set[str]:
    """The namespaces in which something else holds for requests of which nobody says anything."""
    return {space for space in _settled(changed) if execution_of(space, before) != execution_of(space, after)}


def _turned_forwards(
    changed: Iterable[ResourceKey], providers: set[ResourceKey], before: Resources, after: Resources
) -> set[str]:
    """The namespaces in which unknown models may go elsewhere than before."""
    return {
        space
        for space in _settled(changed) | {key.namespace for key in providers}
        for known in (before, after)
        if forwards(space, known)
        if space in _settled(changed) or active_provider(space, known) in providers
    }


def _bound(model: ResourceKey, referrers: Referrers) -> bool:
    return any(key.kind == "Binding" for key in referrers.get(model, ()))


def _served(
    model: StoredResource,
    resources: Resources,
    referrers: Referrers,
    upstreams: Mapping[ResourceKey, Upstream],
) -> ServedModel:
    return served(model, _bindings(model.key, resources, referrers), resources, upstreams)


def _bindings(named: ResourceKey, resources: Resources, referrers: Referrers) -> list[StoredResource]:
    return [resources[key] for key in referrers.get(named, ()) if key.kind == "Binding"]


def _namespaces(
    before: Mapping[str, Namespace],
    touched: set[str],
    models: Mapping[ResourceKey, ServedModel],
    resources: Resources,
    referrers: Referrers,
    upstreams: Mapping[ResourceKey, Upstream],
) -> Mapping[str, Namespace]:
    if not touched:
        return before
    namespaces = dict(before)
    by_namespace: dict[str, list[ResourceKey]] = {name: [] for name in touched}
    for key in models:
        if key.namespace in touched:
            by_namespace[key.namespace].append(key)
    for name, keys in by_namespace.items():
        active = active_provider(name, resources)
        bindings = _bindings(active, resources, referrers) if active is not None else []
        default = default_model(name, resources, bindings)
        namespace = _namespace(name, sorted(keys), models, resources, upstreams, default)
        if namespace.listed or ResourceKey("Settings", name, "default") in resources:
            namespaces[name] = namespace
        else:
            namespaces.pop(name, None)
    return namespaces


def _with_routes(
    namespaces: Mapping[str, Namespace],
    touched: set[str],
    ruling: Mapping[ResourceKey, StoredResource],
    resources: Resources,
) -> Mapping[str, Namespace]:
    stored = [each for key, each in ruling.items() if key.namespace in touched]
    if not stored:
        return namespaces
    found = dict(namespaces)
    for name in {each.key.namespace for each in stored}:
        namespace = namespaces.get(name, EMPTY_NAMESPACE)
        around = Surroundings(name, namespace.models, resources)
        compiled = routes((each for each in stored if each.key.namespace == name), around)
        if compiled is not None:
            found[name] = replace(namespace, routes=compiled)
    return found


def _namespace(
    name: str,
    keys: list[ResourceKey],
    models: Mapping[ResourceKey, ServedModel],
    resources: Resources,
    upstreams: Mapping[ResourceKey, Upstream],
    default: str | None,
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
    active = active_provider(name, resources)
    return Namespace(
        exact,
        tuple(wildcards),
        default,
        active.name if active is not None else None,
        forwards(name, resources),
        forward(name, resources, upstreams),
        tuple(models[key] for key in keys),
        reads=_reads(models[key] for key in keys),
        policy=execution_of(name, resources).policy,
    )


def _reads(models: Iterable[ServedModel]) -> frozenset[str]:
    found = (each.headers for model in models for each in model.candidates)
    return frozenset().union(*(each.reads for each in found if each is not None))
