"""Whether anybody is ready to serve what a Route decides, told by what its targets come to."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

from reconciler.resources.resource import ResourceKey, StoredResource

Truth: TypeAlias = Literal["True", "False", "Unknown"]


class Standing(Protocol):
    """The condition Ready of a Model, a Binding or a Provider."""

    @property
    def status(self) -> Truth: ...

    @property
    def message(self) -> str: ...


class Related(Protocol):
    """The resources around the Route."""

    def get(self, key: ResourceKey) -> StoredResource | None: ...

    def bindings_of(self, model: ResourceKey) -> Sequence[StoredResource]: ...


class Ready(NamedTuple):
    status: Truth
    reason: str
    message: str


class _Target(NamedTuple):
    model: ResourceKey | None
    provider: ResourceKey | None


def missing_targets(stored: StoredResource, related: Related) -> Iterator[str]:
    """What its targets name that is not there, as lines."""
    named = [key for target in _targets(stored) for key in target if key is not None]
    for key in dict.fromkeys(named):
        if related.get(key) is None:
            yield f"{key} does not exist"


def route_ready(
    stored: StoredResource, related: Related, ready: Callable[[StoredResource], Standing]
) -> Ready:
    """`ready` tells of one of those that `related` gives."""
    targets = list(_targets(stored))
    if not targets:
        return Ready("True", "Programmed", "the Bindings of the model that is asked for serve")
    told: list[tuple[str, Truth, str]] = []
    for target in targets:
        name = "@".join("" if key is None else key.name for key in target).rstrip("@")
        found = _stands_for(target, related)
        if isinstance(found, str):
            told.append((name, "False", found))
        else:
            standing = ready(found)
            told.append((name, standing.status, standing.message))
    well = [name for name, status, _ in told if status == "True"]
    if well:
        return Ready("True", "Served", f"served by {', '.join(well)}")
    lines = "\n".join(f"{name}: {message}" for name, _, message in told)
    unknown = any(status == "Unknown" for _, status, _ in told)
    return Ready("Unknown" if unknown else "False", "NoReadyTarget", lines)


def _targets(stored: StoredResource) -> Iterator[_Target]:
    written, space = stored.resource.spec.get("targets"), stored.key.namespace
    for item in written if isinstance(written, list) else ():
        if isinstance(item, dict):
            model, provider = item.get("model"), item.get("provider")
            yield _Target(
                ResourceKey("Model", space, model) if isinstance(model, str) else None,
                ResourceKey("Provider", space, provider) if isinstance(provider, str) else None,
            )


def _stands_for(target: _Target, related: Related) -> StoredResource | str:
    """The resource whose readiness is that of the target, or why there is none."""
    model, provider = target
    if model is not None and provider is not None:
        bindings = related.bindings_of(model)
        bound = (each for each in bindings if each.resource.spec.get("provider") == provider.name)
        return next(bound, f"no Binding binds {model.name} to {provider.name}")
    key = model or provider
    found = related.get(key) if key is not None else None
    return found if found is not None else f"{key} does not exist"
