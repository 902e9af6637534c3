"""What a revision means for what Routes decide. Effects as (word, Route, before, after)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reconciler.control.plan.effects import (
    LOST_ROUTE,
    ROUTE_MATCH,
    ROUTE_ORDER,
    ROUTE_POLICY,
    ROUTE_SINGLE_PROVIDER,
)
from reconciler.snapshot.model import AskedTarget, Namespace, Rule, Target
from reconciler.snapshot.policies import policy_words
from reconciler.snapshot.routes import ANY_SIZE

_WEIGHING = frozenset({"weighted", "least-busy", "sticky"})


class RouteEffect(NamedTuple):
    word: str
    route: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def route_effects(old: Namespace, new: Namespace) -> Iterator[RouteEffect]:
    ruled, ruling = _rules(old), _rules(new)
    for name in {*ruled, *ruling}:
        was, will = ruled.get(name), ruling.get(name)
        before, after = _shown(was), _shown(will)
        if was is not None and will is not None and _conditions(was) != _conditions(will):
            yield RouteEffect(ROUTE_MATCH, name, _conditions(was), _conditions(will))
        if _policy(was) != _policy(will):
            yield RouteEffect(ROUTE_POLICY, name, _policy(was), _policy(will))
        if was is not None and will is not None and was.tiers and will.tiers:
            served, serving = _providers(was), _providers(will)
            if served and not serving:
                yield RouteEffect(LOST_ROUTE, name, before, after)
                continue
            if len(served) > 1 and len(serving) == 1:
                yield RouteEffect(ROUTE_SINGLE_PROVIDER, name, before, after)
        if before != after:
            yield RouteEffect(ROUTE_ORDER, name, before, after)


def _rules(namespace: Namespace) -> Mapping[str, Rule]:
    return {rule.name: rule for rule in (namespace.routes.listed if namespace.routes is not None else ())}


def _conditions(rule: Rule) -> tuple[str, ...]:
    """Which requests it decides."""
    models = sorted([*(rule.names or ()), *(str(each) for each in rule.globs)])
    told = [
        *(f"model {each}" for each in models),
        *(f"client {each}" for each in (rule.clients.patterns if rule.clients is not None else ())),
        *(f"task {each}" for each in sorted(rule.tasks)),
        *(f"{label}: {value}" for _, value, label in rule.headers),
        *(f"needs {each}" for each in sorted(rule.needs)),
    ]
    if rule.prompt is not None:
        least, most = rule.prompt
        told.append(f"prompt from {least}" + (f" to {most}" if most < ANY_SIZE else ""))
    return tuple(told) or ("every Model",)


def _policy(rule: Rule | None) -> tuple[str, ...]:
    """What it asks beside who serves."""
    policy = rule.policy if rule is not None else None
    return () if policy is None else tuple(policy_words(policy))


def _shown(rule: Rule | None) -> tuple[str, ...]:
    """The strategy, and whom it leads to in the order of targets."""
    if rule is None:
        return ()
    if not rule.tiers:
        return (rule.strategy, "the model's own Bindings")
    weighing = rule.strategy in _WEIGHING
    told = (place for tier in rule.tiers for target in tier for place in _places(target, weighing=weighing))
    return (rule.strategy, *told)


def _places(target: Target | AskedTarget, *, weighing: bool) -> Iterator[str]:
    weight = f" x{target.weight}" if weighing else ""
    if isinstance(target, AskedTarget):
        yield f"{target.label}{weight}"
        return
    for each in target.candidates:
        yield f"{target.model}@{each.candidate.provider}{weight}"


def _providers(rule: Rule) -> frozenset[str]:
    return frozenset(
        provider
        for tier in rule.tiers
        for target in tier
        for provider in (
            (target.provider,)
            if isinstance(target, AskedTarget)
            else (each.candidate.provider for each in target.candidates)
        )
    )
