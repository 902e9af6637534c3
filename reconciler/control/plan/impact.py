"""What a revision means for traffic: the difference between what the gateway would compile before it and after it.

Both states go through the gateway's own `compile`, so who serves a model, in which order, and what a name means are
its rules and no copy of them. Every enabled provider counts as built: whether its secrets are at hand is not known
here. Just what the changes can reach is compiled.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal

from reconciler.control.plan.client_impact import client_effects, guard_effects
from reconciler.control.plan.effects import (
    ACTIVE_PROVIDER,
    APPEARED_NAME,
    DEFAULT_MODEL,
    EFFECTS,
    FALLBACK_ORDER,
    GAINED_MODEL,
    LOST_MODEL,
    MOVED_NAME,
    PRICE_DECREASE,
    PRICE_INCREASE,
    SINGLE_PROVIDER,
    UNKNOWN_MODELS,
    VANISHED_NAME,
    Effect,
    Impact,
)
from reconciler.control.plan.route_impact import route_effects
from reconciler.resources.references import references
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.candidates import active_provider
from reconciler.snapshot.compile import EMPTY
from reconciler.snapshot.egress import denied, egress
from reconciler.snapshot.model import Namespace
from reconciler.snapshot.unbuilt import EveryProvider

_NAMING = frozenset({"Model", "Settings", "ClientKey"})
"""The kinds that decide what a name means, and for whom: all of them in a namespace do."""
_GUARDS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")
"""What counts for all namespaces stands in it."""
_RANK = {word: rank for rank, word in enumerate(EFFECTS)}


def impact(before: State, after: State, *, guarded: bool = False) -> Impact:
    """What turning `before` into `after` means for traffic. Pure. `guarded` is the egress policy's."""
    changed = [key for key in sorted({*before, *after}) if not _equal(before.get(key), after.get(key))]
    touched = {*changed, *_cut_or_let(before, after, guarded=guarded)}
    spaces = {key.namespace for key in touched}
    serving, unmoved = _serving(before, after, frozenset(touched))
    bears = [
        {
            key: stored
            for key, stored in state.items()
            if key in serving or (key.kind in _NAMING and key.namespace in spaces) or key == _GUARDS
        }
        for state in (before, after)
    ]
    builder = EveryProvider()
    first = compiler.compile(EMPTY, bears[0].items(), 0, builder, guarded=guarded)
    moves = [(key, bears[1].get(key)) for key in changed if key in bears[0] or key in bears[1]]
    second = compiler.compile(first, moves, 0, builder, guarded=guarded)
    found = [
        effect
        for space in sorted(spaces)
        for effect in _effects(
            space, first.snapshot.namespace(space), second.snapshot.namespace(space), unmoved
        )
    ]
    found += client_effects(first.snapshot, second.snapshot)
    if before:
        found += guard_effects(first.snapshot, second.snapshot)
    return Impact(
        tuple(sorted(found, key=lambda effect: (_RANK[effect.word], effect.namespace, effect.subject)))
    )


def _cut_or_let(before: State, after: State, *, guarded: bool) -> Iterator[ResourceKey]:
    """The Providers that another egress policy refuses, or refuses no more."""
    old, new = egress(before, guarded=guarded), egress(after, guarded=guarded)
    if old == new:
        return
    for key, stored in after.items():
        if key.kind == "Provider" and (denied(stored, old) is None) != (denied(stored, new) is None):
            yield key


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
        if key.kind in ("Binding", "Route")
    }
    reached = {
        target
        for (key, _), named in targets.items()
        if key in changed or named & changed or named & turning
        for target in _models_of(named)
    }
    routes = {
        key
        for (key, _), named in targets.items()
        if key.kind == "Route" and (key in changed or named & (reached | changed))
    }
    reached |= {
        target for (key, _), named in targets.items() if key in routes for target in _models_of(named)
    }
    found = {
        (key, *named)
        for (key, _), named in targets.items()
        if key in routes or (key.kind == "Binding" and named & reached)
    }
    found |= _defaults(before, active) | _defaults(after, active)
    bound = {
        target for (key, _), named in targets.items() if key.kind == "Binding" for target in _models_of(named)
    }
    serving = {key for keys in found for key in keys} | {key for key in active if key is not None}
    return serving, bound - reached


def _models_of(named: AbstractSet[ResourceKey]) -> Iterator[ResourceKey]:
    return (target for target in named if target.kind == "Model")


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
    yield from (Effect(each.word, space, *each[1:]) for each in route_effects(old, new))
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
