"""The conditions of a resource, as Kubernetes has them: what is so, since when, and why. Pure; stored nowhere.

    Accepted      its spec is valid: so is all that is stored, unless a worker refuses a provider's config
    ResolvedRefs  what it refers to, secrets included, is there and may be used
    Programmed    every live worker serves a revision that holds it as it is
    Ready         a provider was built, a model, binding or route has such a provider, or a model without bindings goes
                  to an active provider that was; else as Programmed
    Healthy       of a provider: no live worker leaves it, or a model of it, alone, and its probe, if it has one, is good
    CredentialsValid  of a provider that says when they end: they have not

`_DERIVED` says which kinds have which: one that says nothing of a kind is left out. Ready does not mean that an upstream
answers. What no live worker has come to is Unknown, or Pending, never guessed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeAlias

from reconciler.clock import timestamp
from reconciler.control.client_ready import client_refused
from reconciler.control.credentials_valid import credentials_valid
from reconciler.control.deletion_text import deletion_text
from reconciler.control.healthy import healthy
from reconciler.control.observed import Observed, latest
from reconciler.control.refused_text import began, lines, reason_of, told
from reconciler.control.route_ready import missing_targets, route_ready
from reconciler.control.secret_fields import secret_fields
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.store.observations import WorkerRow

Truth: TypeAlias = Literal["True", "False", "Unknown"]

ACCEPTED, RESOLVED_REFS, PROGRAMMED, READY = "Accepted", "ResolvedRefs", "Programmed", "Ready"
HEALTHY, CREDENTIALS_VALID = "Healthy", "CredentialsValid"
DISABLED, TERMINATING = "Disabled", "Terminating"


@dataclass(frozen=True, slots=True)
class Condition:
    """`message` may have several lines. `observed_generation` and `last_transition_time` are None where not known."""

    type: str
    status: Truth
    reason: str
    message: str
    observed_generation: int | None = None
    last_transition_time: str | None = None

    def holds(self, status: Truth, generation: int) -> bool:
        """Whether it is known to have this status for `generation`, as kubectl's wait asks; Unknown is of none."""
        return self.status == status and (status == "Unknown" or self.observed_generation == generation)


class Related(Protocol):
    """The resources around one."""

    def get(self, key: ResourceKey) -> StoredResource | None: ...

    def bindings_of(self, model: ResourceKey) -> Sequence[StoredResource]:
        """Those that name this model."""
        ...


@dataclass(frozen=True, slots=True)
class _View:
    """One resource, and what its conditions are derived from."""

    stored: StoredResource
    related: Related
    observed: Observed

    def of(self, stored: StoredResource) -> "_View":
        return replace(self, stored=stored)

    @property
    def generation(self) -> int | None:
        """None where a live worker has not come to it."""
        return self.stored.generation if self.observed.serves(self.stored.revision) else None

    def make(
        self, kind: str, status: Truth, reason: str, message: str, since: float | None = None
    ) -> Condition:
        time = timestamp(datetime.fromtimestamp(since, UTC)) if since is not None else None
        return Condition(kind, status, reason, message, self.generation, time)


def condition_types(kind: str) -> Sequence[str]:
    """Which conditions a kind has."""
    return (*_DERIVED[kind], *((CREDENTIALS_VALID,) if kind == "Provider" else ()))


def conditions_of(stored: StoredResource, related: Related, observed: Observed) -> tuple[Condition, ...]:
    view = _View(stored, related, observed)
    derived = _DERIVED.get(stored.key.kind, {})
    if stored.resource.terminating:
        derived = {**derived, READY: _terminating}
    return (*(derive(view) for derive in derived.values()), *_credentials_valid(view))


def ready_of(stored: StoredResource, related: Related, observed: Observed) -> Condition:
    """The condition Ready alone."""
    derive = _terminating if stored.resource.terminating else _DERIVED[stored.key.kind][READY]
    return derive(_View(stored, related, observed))


def shown_of(stored: StoredResource, related: Related, observed: Observed) -> tuple[Condition, ...]:
    """Those that a table shows: Ready, and of a provider Healthy."""
    ready = ready_of(stored, related, observed)
    if stored.key.kind != "Provider":
        return (ready,)
    return ready, _healthy(_View(stored, related, observed))


def condition_json(condition: Condition) -> JsonObject:
    """As the Kubernetes API writes it; what is not known is left out."""
    found: JsonObject = {
        "type": condition.type,
        "status": condition.status,
        "reason": condition.reason,
        "message": condition.message,
    }
    if condition.observed_generation is not None:
        found["observedGeneration"] = condition.observed_generation
    if condition.last_transition_time is not None:
        found["lastTransitionTime"] = condition.last_transition_time
    return found


def _accepted(view: _View) -> Condition:
    stored = view.stored
    refused = [each for each in view.observed.refusals(stored.key) if not each.of_references]
    if refused:
        return view.make(ACCEPTED, "False", reason_of(refused), told(refused), began(refused))
    recovered = view.observed.recovered(stored.key, of_references=False)
    valid = "its spec is valid"
    made = Condition(ACCEPTED, "True", ACCEPTED, valid, stored.generation, stored.creation_timestamp)
    return made if recovered is None else replace(made, last_transition_time=_time(recovered))


def _resolved(view: _View) -> Condition:
    stored, observed = view.stored, view.observed
    missing = list(_missing(view))
    if missing:
        found = view.make(RESOLVED_REFS, "False", "RefNotFound", "\n".join(missing))
        return replace(found, observed_generation=stored.generation)
    refused = [each for each in observed.refusals(stored.key) if each.of_references]
    if refused:
        permitted = all(each.cause != "NotTrusted" for each in refused)
        reason = "SecretUnavailable" if permitted else "RefNotPermitted"
        return view.make(RESOLVED_REFS, "False", reason, told(refused), began(refused))
    if not any(secret_fields(_config(stored))):
        message = "all that it refers to is there"
        return Condition(
            RESOLVED_REFS, "True", RESOLVED_REFS, message, stored.generation, stored.creation_timestamp
        )
    if stored.resource.spec.get("enabled") is False:
        message = "no worker resolves the secrets of a disabled provider"
        return Condition(RESOLVED_REFS, "Unknown", DISABLED, message, view.generation)
    waits = _waits(view, RESOLVED_REFS)
    if waits is not None:
        return waits
    since = observed.recovered(stored.key, of_references=True) or observed.served_since(stored.revision)
    return view.make(RESOLVED_REFS, "True", RESOLVED_REFS, "every live worker resolved its secrets", since)


def _programmed(view: _View) -> Condition:
    stored, observed = view.stored, view.observed
    waits = _waits(view, PROGRAMMED)
    if waits is not None:
        return waits
    refused = observed.refusals(stored.key)
    if refused:
        return view.make(PROGRAMMED, "False", "Refused", told(refused), began(refused))
    served = observed.served_since(stored.revision)
    ended = [observed.recovered(stored.key, of_references=each) for each in (True, False)]
    since = latest(served, *(time for time in ended if time is not None))
    count = len(observed.workers)
    workers = "the live worker serves" if count == 1 else f"all {count} live workers serve"
    return view.make(
        PROGRAMMED, "True", PROGRAMMED, f"{workers} revision {stored.revision} or a later one", since
    )


def _waits(view: _View, kind: str) -> Condition | None:
    """What is to be said where not every live worker came to the resource; None where each did."""
    observed, revision = view.observed, view.stored.revision
    if not observed.workers:
        return view.make(kind, "Unknown", "NoWorker", "no worker is live")
    if observed.serves(revision):
        return None
    unreadable = observed.refused_whole(revision)
    if unreadable is not None:
        return view.make(kind, "False", "RevisionRefused", lines(unreadable))
    there = sum(worker.revision >= revision for worker in observed.workers)
    message = f"{there} of {len(observed.workers)} live workers serve revision {revision}"
    return view.make(kind, "False" if kind == PROGRAMMED else "Unknown", "Pending", message)


def _ready(view: _View) -> Condition:
    """Of a kind that nothing is built for."""
    return replace(_programmed(view), type=READY)


def _provider_ready(view: _View) -> Condition:
    """True means that a live worker built it."""
    stored, observed = view.stored, view.observed
    if stored.resource.spec.get("enabled") is False:
        return _disabled(stored)
    if not observed.workers:
        return view.make(READY, "Unknown", "NoWorker", "no worker is live")
    refused = observed.refusals(stored.key)
    if refused:
        return view.make(READY, "False", "Refused", told(refused), began(refused))
    built = [worker for worker in observed.workers if _built(worker, stored)]
    if not built:
        message = f"no live worker serves revision {stored.revision} yet"
        return view.make(READY, "Unknown", "Pending", message)
    return view.make(READY, "True", "Built", _built_by(built, observed.workers), _built_since(view, built))


def _healthy(view: _View) -> Condition:
    found = healthy(view.stored, view.observed)
    return view.make(HEALTHY, found.status, found.reason, found.message, found.since)


def _credentials_valid(view: _View) -> Iterator[Condition]:
    """None where it does not say when they end."""
    found = credentials_valid(_config(view.stored), view.observed.now)
    if found is not None:
        yield replace(view.make(CREDENTIALS_VALID, *found), observed_generation=view.stored.generation)


def _built_since(view: _View, built: Sequence[WorkerRow]) -> float | None:
    """A new generation that is built in place, or again, ends nothing: the build that goes on counts."""
    stored, observed = view.stored, view.observed
    times = [
        observed.served_since(
            min(worker.builds.get(str(stored.key), stored.revision), stored.revision), [worker]
        )
        for worker in built
    ]
    ended = [observed.recovered(stored.key, of_references=each) for each in (True, False)]
    return latest(*times, *(time for time in ended if time is not None))


def _binding_ready(view: _View) -> Condition:
    stored = view.stored
    if stored.resource.spec.get("enabled") is False:
        return _disabled(stored)
    missing = list(_missing(view))
    if missing:
        return view.make(READY, "False", "RefNotFound", "\n".join(missing))
    own = _waits(view, READY)
    provider = _referent(view, "provider", "Provider")
    found = view.related.get(provider)
    if own is not None or found is None:
        return own or view.make(READY, "False", "RefNotFound", f"{provider} does not exist")
    theirs = _provider_ready(view.of(found))
    reason = {"True": "ProviderReady", "False": "ProviderNotReady"}.get(theirs.status, theirs.reason)
    message = f"{provider}: {theirs.message}"
    own_time, their_time = view.observed.served_since(stored.revision), theirs.last_transition_time
    since = max(_time(own_time), their_time) if own_time is not None and their_time is not None else None
    return replace(view.make(READY, theirs.status, reason, message), last_transition_time=since)


def _model_ready(view: _View) -> Condition:
    own = _waits(view, READY)
    if own is not None:
        return own
    bindings = view.related.bindings_of(view.stored.key)
    if not bindings:
        return _forwarded(view) or view.make(READY, "False", "NoBinding", "no binding names it")
    found = {str(each.key): _binding_ready(view.of(each)) for each in bindings}
    ready = {key: each for key, each in found.items() if each.status == "True"}
    if ready:
        since = min(each.last_transition_time or "" for each in ready.values()) or None
        made = view.make(READY, "True", "Served", f"served by {', '.join(sorted(ready))}")
        return replace(made, last_transition_time=since)
    unknown = any(each.status == "Unknown" for each in found.values())
    told = "\n".join(f"{key}: {each.message}" for key, each in sorted(found.items()))
    return view.make(READY, "Unknown" if unknown else "False", "NoReadyBinding", told)


def _forwarded(view: _View) -> Condition | None:
    """Of a model that no binding names, where such models go to the active provider; None where they don't."""
    space = view.stored.key.namespace
    settings = view.related.get(ResourceKey("Settings", space, "default"))
    spec = settings.resource.spec if settings is not None else {}
    if settings is None or spec.get("unknownModels") != "forward" or "activeProvider" not in spec:
        return None
    key = ResourceKey("Provider", space, str(spec["activeProvider"]))
    provider = view.related.get(key)
    if provider is None:
        return None
    theirs = _waits(view.of(settings), READY) or _provider_ready(view.of(provider))
    reason = {"True": "Forwarded", "False": "ProviderNotReady"}.get(theirs.status, theirs.reason)
    message = f"no binding names it, so it goes to the active {key}: {theirs.message}"
    found = view.make(READY, theirs.status, reason, message)
    return replace(found, last_transition_time=theirs.last_transition_time)


def _route_ready(view: _View) -> Condition:
    if view.stored.resource.spec.get("enabled") is False:
        return _disabled(view.stored)
    parts = {"Model": _model_ready, "Binding": _binding_ready, "Provider": _provider_ready}
    own = _waits(view, READY)
    if own is not None:
        return own
    found = route_ready(view.stored, view.related, lambda each: parts[each.key.kind](view.of(each)))
    return view.make(READY, found.status, found.reason, found.message)


def _client_ready(view: _View) -> Condition:
    refused = client_refused(view.stored, view.observed.now)
    if refused is None:
        return _ready(view)
    return replace(view.make(READY, "False", *refused), observed_generation=view.stored.generation)


def _terminating(view: _View) -> Condition:
    resource = view.stored.resource
    return Condition(
        READY,
        "False",
        TERMINATING,
        deletion_text(resource),
        view.stored.generation,
        resource.deletion_timestamp,
    )


def _disabled(stored: StoredResource) -> Condition:
    return Condition(READY, "False", DISABLED, "spec.enabled is false", stored.generation)


def _missing(view: _View) -> Iterator[str]:
    """What a resource names that is not there, as lines."""
    stored, related = view.stored, view.related
    for field, kind in _REFERENCES.get(stored.key.kind, ()):
        target = _referent(view, field, kind)
        if field in stored.resource.spec and related.get(target) is None:
            yield f"{target} does not exist"
    if stored.key.kind == "Route":
        yield from missing_targets(stored, related)
    for written in secret_fields(_config(stored)):
        source = written.get("valueFrom")
        named = source.get("secret") if isinstance(source, dict) else None
        if isinstance(named, dict):
            target = ResourceKey("Secret", stored.key.namespace, str(named.get("name")))
            secret = related.get(target)
            entries = secret.resource.spec.get("data") if secret is not None else None
            if secret is None:
                yield f"{target} does not exist"
            elif not isinstance(entries, dict) or named.get("key") not in entries:
                yield f"{target} has no key {named.get('key')}"


def _referent(view: _View, field: str, kind: str) -> ResourceKey:
    stored = view.stored
    return ResourceKey(kind, stored.key.namespace, str(stored.resource.spec.get(field)))


def _config(stored: StoredResource) -> JsonValue:
    """A provider's: that of a binding holds what clients could send, and no secrets."""
    return stored.resource.spec.get("config") if stored.key.kind == "Provider" else None


def _time(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, UTC))


def _built(worker: WorkerRow, stored: StoredResource) -> bool:
    """One that is behind may still have it, as an earlier revision left it."""
    return worker.revision >= stored.revision or str(stored.key) in worker.builds


def _built_by(built: Sequence[WorkerRow], all_live: Sequence[WorkerRow]) -> str:
    return f"built by {len(built)} of {len(all_live)} live workers"


_REFERENCES: Mapping[str, Sequence[tuple[str, str]]] = {
    "Binding": (("model", "Model"), ("provider", "Provider")),
    "Settings": (("activeProvider", "Provider"),),
}
"""As resources.references has them, which costs more to import than a whole `get`."""
_ALL: Mapping[str, Callable[[_View], Condition]] = {
    ACCEPTED: _accepted, RESOLVED_REFS: _resolved, PROGRAMMED: _programmed
}  # fmt: skip
_WITHOUT_REFERENCES = {kind: derive for kind, derive in _ALL.items() if kind != RESOLVED_REFS}
_DERIVED: Mapping[str, Mapping[str, Callable[[_View], Condition]]] = {
    "Secret": {**_WITHOUT_REFERENCES, READY: _ready},
    "Provider": {**_ALL, READY: _provider_ready, HEALTHY: _healthy},
    "Model": {**_WITHOUT_REFERENCES, READY: _model_ready},
    "Binding": {**_ALL, READY: _binding_ready},
    "Route": {**_ALL, READY: _route_ready},
    "Settings": {**_ALL, READY: _ready},
    "ClientKey": {**_WITHOUT_REFERENCES, READY: _client_ready},
}
