"""What a revision means for traffic: the difference between what the gateway would compile before it and after it.

Both states go through the gateway's own `compile`, so who serves a model, in which order, and what a name means are
its rules and no copy of them. Every enabled provider counts as built: whether its secrets are at hand is not known
here. Just what the changes can reach is compiled.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from reconciler.provider_types.base import Endpoint, Headers, UpstreamRequest
from reconciler.resources.references import references
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.candidates import active_provider
from reconciler.snapshot.compile import EMPTY, Built, Resources
from reconciler.snapshot.model import Namespace, Upstream

LOST_MODEL = "lost-model"
SINGLE_PROVIDER = "single-provider"
FALLBACK_ORDER = "fallback-order"
PRICE_INCREASE = "price-increase"
PRICE_DECREASE = "price-decrease"
DEFAULT_MODEL = "default-model"
ACTIVE_PROVIDER = "active-provider"
UNKNOWN_MODELS = "unknown-models"
VANISHED_NAME = "vanished-name"
MOVED_NAME = "moved-name"
GAINED_MODEL = "gained-model"
APPEARED_NAME = "appeared-name"

EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        LOST_MODEL: "a model that was served is served by nobody",
        SINGLE_PROVIDER: "one provider is left of several that served a model",
        FALLBACK_ORDER: "other providers are tried for a model, or in another order",
        PRICE_INCREASE: "a model's tokens cost more, or have a price that was not told before",
        DEFAULT_MODEL: "a request that names no model means another one, or none",
        ACTIVE_PROVIDER: "another provider comes first for all that it is bound to, or none does",
        UNKNOWN_MODELS: "a name that no model has goes to another provider, or is refused",
        VANISHED_NAME: "a name or alias that clients could ask for means nothing",
        MOVED_NAME: "a name or alias means another model",
        PRICE_DECREASE: "a model's tokens cost less, or their price is no longer told",
        GAINED_MODEL: "a model that nobody served is served",
        APPEARED_NAME: "a name or alias is new to clients",
    }
)
"""Every effect by its word, the gravest first."""
_NAMING = frozenset({"Model", "Settings"})
"""The kinds that decide what a name means: all of them in a namespace do."""
_RANK = {word: rank for rank, word in enumerate(EFFECTS)}


@dataclass(frozen=True, slots=True)
class Effect:
    """`word` is one of EFFECTS. `before` and `after` are providers in the order in which they are tried, of a name the
    model that it means, of a price all that are told of the model, of the default model what stands in the Settings and, behind it, the model that this means, and of
    the active provider its name, also as the one to which unknown models go.

    `subject` is a Model's name, or the name or alias that clients ask for; "" for what is said of a whole namespace.
    """

    word: str
    namespace: str
    subject: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """The effects in the order of EFFECTS, then of namespaces and subjects. None: traffic notices nothing."""

    effects: tuple[Effect, ...] = ()

    def counts(self) -> Mapping[str, int]:
        """How many effects there are of each word that there is."""
        words = [effect.word for effect in self.effects]
        return {word: words.count(word) for word in EFFECTS if word in words}


def impact(before: State, after: State) -> Impact:
    """What turning `before` into `after` means for traffic. Pure."""
    changed = [key for key in sorted({*before, *after}) if not _equal(before.get(key), after.get(key))]
    spaces = {key.namespace for key in changed}
    serving, unmoved = _serving(before, after, frozenset(changed))
    bears = [
        {
            key: stored
            for key, stored in state.items()
            if key in serving or (key.kind in _NAMING and key.namespace in spaces)
        }
        for state in (before, after)
    ]
    builder = _EveryProvider()
    first = compiler.compile(EMPTY, bears[0].items(), 0, builder)
    moves = [(key, bears[1].get(key)) for key in changed if key in bears[0] or key in bears[1]]
    second = compiler.compile(first, moves, 0, builder)
    found = [
        effect
        for space in sorted(spaces)
        for effect in _effects(
            space, first.snapshot.namespace(space), second.snapshot.namespace(space), unmoved
        )
    ]
    return Impact(
        tuple(sorted(found, key=lambda effect: (_RANK[effect.word], effect.namespace, effect.subject)))
    )


def _serving(
    before: State, after: State, changed: frozenset[ResourceKey]
) -> tuple[AbstractSet[ResourceKey], AbstractSet[ResourceKey]]:
    """(the bindings, before and after, of every Model that the changes reach, and what they refer to; the other Models
    that have bindings: who serves them stays as it is). Settings reach what is bound to the active provider, before
    and after.
    """
    spaces = {key.namespace for key in changed}
    settled = {key.namespace for key in changed if key.kind == "Settings"}
    active = {active_provider(space, state) for state in (before, after) for space in spaces}
    turning = {key for key in active if key is not None and key.namespace in settled}
    targets = {
        (key, id(stored)): {reference.target for reference in references(stored.resource)}
        for state in (before, after)
        for key, stored in state.items()
        if key.kind == "Binding"
    }
    reached = {
        target
        for (key, _), named in targets.items()
        if key in changed or named & changed or named & turning
        for target in named
        if target.kind == "Model"
    }
    found = {(key, *named) for (key, _), named in targets.items() if named & reached}
    found |= _defaults(before, active) | _defaults(after, active)
    bound = {target for named in targets.values() for target in named if target.kind == "Model"}
    serving = {key for keys in found for key in keys} | {key for key in active if key is not None}
    return serving, bound - reached


def _defaults(
    state: State, active: AbstractSet[ResourceKey | None]
) -> set[tuple[ResourceKey, ResourceKey, ResourceKey]]:
    """Bindings that are the default of an active provider, each with its model and that."""
    found = set()
    for key, stored in state.items():
        if key.kind == "Binding" and stored.resource.spec.get("default") is True:
            model, provider = (
                ResourceKey(kind, key.namespace, str(stored.resource.spec.get(field)))
                for field, kind in (("model", "Model"), ("provider", "Provider"))
            )
            if provider in active:
                found.add((key, model, provider))
    return found


def _equal(one: StoredResource | None, other: StoredResource | None) -> bool:
    return one is other or (one is not None and other is not None and one.resource == other.resource)


def _effects(
    space: str, old: Namespace, new: Namespace, unmoved: AbstractSet[ResourceKey]
) -> Iterator[Effect]:
    yield from _models(space, old, new, unmoved)
    yield from _names(space, old, new)
    yield from _price_effects(space, old, new)
    if _default(old) != _default(new):
        yield Effect(DEFAULT_MODEL, space, "", _default_text(old), _default_text(new))
    if old.active_provider != new.active_provider:
        yield Effect(ACTIVE_PROVIDER, space, "", _named(old.active_provider), _named(new.active_provider))
    if _forward(old) != _forward(new):
        yield Effect(UNKNOWN_MODELS, space, "", _forward(old), _forward(new))


def _models(
    space: str, old: Namespace, new: Namespace, unmoved: AbstractSet[ResourceKey]
) -> Iterator[Effect]:
    served, serving = _providers(old), _providers(new)
    for name in {*served, *serving}:
        before, after = served.get(name, ()), serving.get(name, ())
        if before == after or ResourceKey("Model", space, name) in unmoved:
            continue
        if not before or not after:
            yield Effect(LOST_MODEL if before else GAINED_MODEL, space, name, before, after)
            continue
        yield Effect(FALLBACK_ORDER, space, name, before, after)
        if len(before) > 1 and len(after) == 1:
            yield Effect(SINGLE_PROVIDER, space, name, before, after)


def _providers(namespace: Namespace) -> Mapping[str, tuple[str, ...]]:
    return {
        model.name: tuple(candidate.provider for candidate in model.candidates) for model in namespace.listed
    }


def _names(space: str, old: Namespace, new: Namespace) -> Iterator[Effect]:
    for name in {*_claimed(old), *_claimed(new)}:
        before, after = _meaning(old, name), _meaning(new, name)
        if before == after:
            continue
        word = MOVED_NAME if before and after else VANISHED_NAME if before else APPEARED_NAME
        yield Effect(word, space, name, before, after)


def _price_effects(space: str, old: Namespace, new: Namespace) -> Iterator[Effect]:
    """Of models that were there before and are after. Where one price rises and another falls, the rise counts."""
    asked, asking = _prices(old), _prices(new)
    for name in asked.keys() & asking.keys():
        before, after = asked[name], asking[name]
        changed = [kind for kind in {*before, *after} if _amount(before, kind) != _amount(after, kind)]
        if not changed:
            continue
        rises = any(_amount(after, kind) > _amount(before, kind) for kind in changed)
        word = PRICE_INCREASE if rises else PRICE_DECREASE
        yield Effect(word, space, name, _price_texts(before), _price_texts(after))


def _prices(namespace: Namespace) -> Mapping[str, Mapping[str, str]]:
    """What each model's tokens cost, by their kind."""
    found: dict[str, Mapping[str, str]] = {}
    for model in namespace.listed:
        told = model.card.get("pricing")
        found[model.name] = (
            {kind: str(price) for kind, price in told.items()} if isinstance(told, dict) else {}
        )
    return found


def _amount(prices: Mapping[str, str], kind: str) -> Decimal:
    """What is not told is less than free: a price that comes is a rise."""
    return Decimal(prices.get(kind, "-1"))


def _price_texts(prices: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{kind.replace('_', ' ')} {price}" for kind, price in prices.items())


def _claimed(namespace: Namespace) -> Iterator[str]:
    yield from namespace.models
    yield from (f"{prefix}*" for prefix, _ in namespace.wildcards)


def _meaning(namespace: Namespace, name: str) -> tuple[str, ...]:
    """The model that a name or `prefix*` means: a name that nobody claims any more may still fall under a `prefix*`."""
    if not name.endswith("*"):
        found = namespace.find(name)
        return (found[0].name,) if found is not None else ()
    covering = (model.name for prefix, model in namespace.wildcards if name[:-1].startswith(prefix))
    model = next(covering, None)
    return (model,) if model is not None else ()


def _default(namespace: Namespace) -> tuple[str, str] | None:
    """The model that serves a request which names none, and what its `*` stands for."""
    found = namespace.find(namespace.default_model) if namespace.default_model is not None else None
    return (found[0].name, found[1]) if found is not None else None


def _default_text(namespace: Namespace) -> tuple[str, ...]:
    found = _default(namespace)
    return () if found is None else tuple(dict.fromkeys((str(namespace.default_model), found[0])))


def _forward(namespace: Namespace) -> tuple[str, ...]:
    return _named(namespace.forward.provider if namespace.forward is not None else None)


def _named(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


class _EveryProvider:
    """A builder that refuses none. What it builds is counted, and asked nothing."""

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:  # noqa: ARG002  the protocol's
        return Built(previous or Upstream(provider.key, "", _Unasked(), "", 0))


class _Unasked:
    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        raise NotImplementedError("an impact sends no request")
