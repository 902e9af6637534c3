"""What an upstream offers → the Models and Bindings that would serve it. Pure: it writes nothing, and changes nothing that is there.

A name that a Model has, or takes as an alias, is bound to that Model; one that the Provider serves already is left. What can't be
had because of a name that is taken is told, and so is what Bindings name and the upstream does not offer any more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation, new
from reconciler.control.importing.naming import object_name
from reconciler.field_values import MAX_TEXT
from reconciler.json_types import JsonObject, JsonValue
from reconciler.provider_types.discovery import Offered
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.snapshot.glob import glob

MANAGER = "model-sync"
"""The field manager of what is applied. What is its alone may be pruned."""
_LATEST = ":latest"
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the names count: one of `match`, globs of the upstream's own. `prefix` stands before what clients ask for."""

    match: tuple[str, ...] = ()
    prefix: str = ""

    def takes(self, name: str) -> bool:
        return not self.match or any(glob(pattern).matches(name) for pattern in self.match)


@dataclass(frozen=True, slots=True)
class Clash:
    """A model of the upstream that can't be had, and why."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A Binding whose model the upstream does not offer. `prunable`: nobody but the sync has written it."""

    binding: ResourceKey
    model: str
    prunable: bool


@dataclass(frozen=True, slots=True)
class Synced:
    """One provider. `problem` says why it could not be asked; then nothing else is told.

    `left` are names that it serves already, `unusable` how many no Model can stand for, `more`: it lists more than are looked at.
    """

    provider: ResourceKey
    offered: int = 0
    resources: tuple[Resource, ...] = ()
    left: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    gone: tuple[Gone, ...] = ()
    unusable: int = 0
    more: bool = False
    problem: str | None = None


@dataclass
class _Taken:
    """What a namespace has, and gains: who claims a name, by its spelling without case where that counts."""

    claims: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    bindings: set[str] = field(default_factory=set)
    wildcards: dict[str, str] = field(default_factory=dict)

    def add(self, resource: Resource) -> None:
        name = resource.key.name
        if resource.key.kind == "Binding":
            self.bindings.add(name.casefold())
            return
        self.models[name.casefold()] = name
        self.claims.setdefault(name, name)
        for alias in _texts(resource.spec.get("aliases")):
            if alias.endswith("*"):
                self.wildcards.setdefault(alias, name)
            else:
                self.claims.setdefault(alias, name)


class Proposer:
    """Of one namespace; providers are proposed one after the other, and what one gains the next one finds."""

    def __init__(self, state: State, namespace: str) -> None:
        self._namespace = namespace
        self._bindings = list(_of(state, "Binding", namespace))
        self._taken = _Taken()
        for stored in (*_of(state, "Model", namespace), *self._bindings):
            self._taken.add(stored.resource)

    def propose(
        self, provider: str, offered: Sequence[Offered], choice: Choice, *, more: bool = False
    ) -> Synced:
        """`more`: `offered` is not all."""
        own = [each for each in self._bindings if each.resource.spec.get("provider") == provider]
        served = {
            name: str(each.resource.spec.get("model"))
            for each in own
            if (name := upstream_model(each.resource))
        }
        bound = set(served.values())
        found: list[Resource] = []
        left: list[str] = []
        clashes: list[Clash] = []
        for model in offered:
            if not choice.takes(model.name):
                continue
            if model.name in served or self._by_wildcard(choice.prefix + model.name, own):
                left.append(model.name)
                continue
            gained = self._gained(provider, model, choice.prefix, bound)
            if isinstance(gained, Clash):
                clashes.append(gained)
            else:
                found += gained
                bound.add(str(gained[-1].spec["model"]))
        key = ResourceKey("Provider", self._namespace, provider)
        gone = () if more or not offered else tuple(_gone(own, {model.name for model in offered}))
        return Synced(key, len(offered), tuple(found), tuple(left), tuple(clashes), gone, more=more)

    def _gained(self, provider: str, model: Offered, prefix: str, bound: set[str]) -> list[Resource] | Clash:
        """The Model, where there is none yet, and the Binding."""
        asked = prefix + model.name
        if "*" in asked:
            return Clash(model.name, "a name with a * would stand for many")
        if len(asked) > MAX_TEXT:
            return Clash(model.name, "with the prefix its name is too long")
        short = asked.removesuffix(_LATEST) or asked
        there = self._taken.claims.get(asked) or self._taken.claims.get(short)
        resources = []
        if there is None:
            name = object_name(short)
            holder = self._taken.models.get(name.casefold())
            if holder is not None:
                return Clash(
                    model.name,
                    f"Model/{holder} has the name that it would get; give a --prefix, or bind it by hand",
                )
            resources.append(
                self._new("Model", name, model_spec(model, [each for each in (short, asked) if each != name]))
            )
            there = name
        if there in bound:
            return Clash(
                model.name, f"Model/{there} is bound to {provider} already, for another of its models"
            )
        spec: JsonObject = {"model": there, "provider": provider}
        if there != model.name:
            spec["upstreamModel"] = model.name
        return [*resources, self._new("Binding", self._free(f"{there}-{provider}"), spec)]

    def _new(self, kind: str, name: str, spec: JsonObject) -> Resource:
        made = Resource(ResourceKey(kind, self._namespace, name), spec)
        self._taken.add(made)
        return made

    def _free(self, wanted: str) -> str:
        base = wanted[: _LONGEST_NAME - 8].rstrip("._-")
        name, count = base, 1
        while name.casefold() in self._taken.bindings:
            count += 1
            name = f"{base}-{count}"
        return name

    def _by_wildcard(self, asked: str, own: Iterable[StoredResource]) -> bool:
        """Whether a Model of this provider takes it with the rest of such names."""
        holders = {model for alias, model in self._taken.wildcards.items() if asked.startswith(alias[:-1])}
        return any(
            each.resource.spec.get("upstreamModel") == "*" and each.resource.spec.get("model") in holders
            for each in own
        )


def model_spec(model: Offered, aliases: Sequence[str]) -> JsonObject:
    told: dict[str, JsonValue] = {
        "displayName": model.display_name,
        "description": model.description,
        "capabilities": [*model.capabilities],
        "contextWindow": model.context_window,
        "maxOutputTokens": model.max_output,
        "pricing": {
            name: price
            for name, price in zip(("input", "cachedInput", "output"), model.prices, strict=True)
            if price is not None
        },
        "aliases": [*dict.fromkeys(aliases)],
    }
    return {name: value for name, value in told.items() if value not in (None, [], {})}


def upstream_model(binding: Resource) -> str | None:
    """What the upstream calls it; None for a wildcard's rest."""
    named = binding.spec.get("upstreamModel") or binding.spec.get("model")
    return named if isinstance(named, str) and named != "*" else None


def rewrites(found: Iterable[Synced], *, prune: bool = False) -> Rewrites:
    """What becomes of the store, as one revision."""
    made: dict[ResourceKey, Creation | None] = {}
    for each in found:
        made |= {resource.key: new(resource.key, resource.spec) for resource in each.resources}
        if prune:
            made |= {gone.binding: None for gone in each.gone if gone.prunable}
    return made


def _gone(own: Iterable[StoredResource], names: set[str]) -> Iterator[Gone]:
    for stored in own:
        model = upstream_model(stored.resource)
        if model is not None and model not in names:
            managers = {each.manager for each in stored.managed_fields}
            yield Gone(stored.key, model, managers == {MANAGER} and stored.source is None)


def _of(state: Mapping[ResourceKey, StoredResource], kind: str, namespace: str) -> Iterator[StoredResource]:
    for key in sorted(state):
        stored = state[key]
        if (key.kind, key.namespace) == (kind, namespace) and not stored.resource.terminating:
            yield stored


def _texts(value: JsonValue) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
