"""Routes → the index by which a request finds the one that decides, and the targets that each stands for.

A namespace without Routes has none of this. What one of them says of a name without a `*` is found by that name alone.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.protocol.estimate import PROMPT_MEMBERS
from reconciler.protocol.needs import NEED_MEMBERS
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.candidates import execution_of
from reconciler.snapshot.clients import Globs
from reconciler.snapshot.glob import Glob, glob
from reconciler.snapshot.model import (
    AskedTarget,
    Candidate,
    HeaderCondition,
    LeftOut,
    RoutedCandidate,
    Routes,
    Rule,
    ServedModel,
    Target,
)
from reconciler.snapshot.policies import policy

Resources = Mapping[ResourceKey, StoredResource]
METADATA = "metadata"
_CONDITIONS = ("models", "clients", "taskTypes", "promptTokens", "capabilities")
"""Each counts as one; headers count as many."""
ANY_SIZE = 2**63
"""Tokens that no prompt has."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a namespace's Routes refer to. `models` are by every name and alias without a `*`."""

    namespace: str
    models: Mapping[str, ServedModel]
    resources: Resources


def routes(stored: Iterable[StoredResource], around: Surroundings) -> Routes | None:
    """None where no Route is enabled."""
    enabled = [each for each in stored if each.resource.spec.get("enabled", True)]
    ordered = sorted(enabled, key=lambda each: rank(each.key.name, each.resource.spec))
    rules = tuple(_rule(each, around) for each in ordered)
    if not rules:
        return None
    others = tuple(rule for rule in rules if rule.names is None or rule.globs)
    return Routes(_named(rules, others, around), others, frozenset(_reads(rules)), rules)


def canonical(capability: str) -> str:
    """Models say json_schema, jsonSchema or json-schema."""
    return "".join(character for character in capability.lower() if character.isalnum())


def seed_of(label: str) -> int:
    """A number that is the same in every worker and every run."""
    return int.from_bytes(hashlib.blake2b(label.encode(), digest_size=8).digest())


def price_of(spec: JsonObject) -> Decimal | None:
    """What a million tokens of prompt and as many of answers cost; what is not told beside what is, costs nothing."""
    told = [value_at(spec, ("pricing", kind)) for kind in ("input", "output")]
    prices = [Decimal(each) for each in told if isinstance(each, str)]
    return sum(prices, Decimal(0)) if prices else None


def asked_target(target: AskedTarget, model: ServedModel, named: Iterable[RoutedCandidate]) -> Target:
    """What a target that names no Model is for this one. `named` are the model's candidates, as they are asked for."""
    candidates = tuple(
        _timed(each, target.timeout) for each in named if each.candidate.provider == target.provider
    )
    left_out = tuple(each for each in model.left_out if each.provider == target.provider)
    if not candidates and not left_out:
        left_out = (_unbound(model.name, target.provider),)
    return Target(target.label, target.weight, target.seed, model.name, candidates, left_out)


def own_tiers(model: ServedModel, named: Iterable[RoutedCandidate]) -> Iterator[tuple[Target, ...]]:
    """The candidates of a model, each a target, by their priorities: for a Route without targets."""
    ranked = sorted(named, key=lambda each: -each.candidate.priority)
    for _, tier in groupby(ranked, key=lambda each: each.candidate.priority):
        yield tuple(
            Target(label, each.candidate.weight, seed_of(label), model.name, (each,))
            for each in tier
            for label in [f"{model.name}@{each.candidate.provider}"]
        )


def rank(name: str, spec: JsonObject) -> tuple[int, int, bool, str]:
    """By which Routes are asked, the smallest first: see the kind."""
    match = _object(spec.get("match"))
    headers = match.get("headers")
    conditions = sum(name in match for name in _CONDITIONS)
    conditions += len(headers) if isinstance(headers, list) else 0
    priority = spec.get("priority")
    return (
        -priority if isinstance(priority, int) else 0,
        -conditions,
        any("*" in each for each in _texts(match.get("models"))),
        name,
    )


def _rule(stored: StoredResource, around: Surroundings) -> Rule:
    spec = stored.resource.spec
    match = _object(spec.get("match"))
    models = _texts(match.get("models"))
    strategy = str(spec.get("strategy", "priority"))
    tiers = _tiers(spec.get("targets"), strategy, around)
    served = _served(tiers)
    order = once(target for tier in served for target in tier)
    endpoints = [each.candidate.upstream.endpoints for each in order]
    key = f"{stored.key.namespace}/{stored.key.name}"
    return Rule(
        name=stored.key.name,
        key=key,
        names=frozenset(each for each in models if "*" not in each) if models else None,
        globs=tuple(glob(each) for each in models if "*" in each),
        tasks=frozenset(_texts(match.get("taskTypes"))),
        headers=tuple(_headers(match.get("headers"))),
        prompt=_prompt(match.get("promptTokens")),
        needs=frozenset(map(canonical, _texts(match.get("capabilities")))),
        strategy=strategy,
        sticky=str(value_at(spec, ("sticky", "header")) or "").lower().encode(),
        tiers=tiers,
        policy=policy(spec, _shadowed(spec, around), key, execution_of(around.namespace, around.resources)),
        served=served,
        order=order,
        everywhere=frozenset.intersection(*endpoints) if endpoints else frozenset(),
        choosy=any(target.capabilities is not None for tier in served for target in tier),
        models=tuple(dict.fromkeys(target.model for tier in served for target in tier)),
        clients=Globs(_texts(match.get("clients"))) if "clients" in match else None,
        by_client=value_at(spec, ("sticky", "client")) is True,
    )


def _shadowed(spec: JsonObject, around: Surroundings) -> tuple[RoutedCandidate, ...]:
    written = value_at(spec, ("shadow", "target"))
    target = _target(written, around) if isinstance(written, dict) else None
    return target.candidates if isinstance(target, Target) else ()


def once(targets: Iterable[Target]) -> tuple[RoutedCandidate, ...]:
    """The candidates of all of them in their order: nobody is tried twice."""
    found: dict[tuple[ResourceKey, str], RoutedCandidate] = {}
    for target in targets:
        for each in target.candidates:
            found.setdefault((each.candidate.upstream.key, each.upstream_model), each)
    return tuple(found.values())


def _served(tiers: tuple[tuple[Target | AskedTarget, ...], ...]) -> tuple[tuple[Target, ...], ...]:
    served = []
    for tier in tiers:
        targets = tuple(each for each in tier if isinstance(each, Target))
        if len(targets) < len(tier):
            return ()
        kept = tuple(each for each in targets if each.candidates)
        served += [kept] if kept else []
    return tuple(served)


def _named(
    rules: tuple[Rule, ...], others: tuple[Rule, ...], around: Surroundings
) -> Mapping[str, tuple[Rule, ...]]:
    """Under each name those that say it, or say the Model that it is an alias of."""
    places = {rule.name: place for place, rule in enumerate(rules)}
    own: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in rule.names or ():
            own.setdefault(name, []).append(rule)
    aliases = [
        (alias, model.name)
        for alias, model in around.models.items()
        if alias != model.name and model.name in own
    ]
    by_alias = {alias: own[name] for alias, name in aliases}
    found: dict[str, tuple[Rule, ...]] = {}
    for name in (*own, *by_alias):
        meant = around.models.get(name)
        saying = [*own.get(name, ()), *(own.get(meant.name, ()) if meant is not None else ()), *others]
        every = {rule.name: rule for rule in saying}
        found[name] = tuple(sorted(every.values(), key=lambda rule: places[rule.name]))
    return found


def _reads(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        if rule.tasks:
            yield METADATA
        if rule.prompt is not None:
            yield from PROMPT_MEMBERS
        told = any(
            isinstance(each, Target) and each.capabilities is not None for tier in rule.tiers for each in tier
        )
        if rule.needs or told:
            yield from NEED_MEMBERS


def _headers(written: JsonValue) -> Iterator[HeaderCondition]:
    for item in written if isinstance(written, list) else ():
        each = _object(item)
        value, name = str(each.get("value")), str(each.get("name"))
        compared = {
            "prefix": Glob(value, (), "", exact=False),
            "glob": glob(value),
        }.get(str(each.get("type")), Glob(value, (), "", exact=True))
        yield HeaderCondition(name.lower().encode(), compared, name)


def _prompt(written: JsonValue) -> tuple[int, int] | None:
    bounds = _object(written)
    least, most = bounds.get("min"), bounds.get("max")
    if not bounds:
        return None
    return least if isinstance(least, int) else 0, most if isinstance(most, int) else ANY_SIZE


def _tiers(
    written: JsonValue, strategy: str, around: Surroundings
) -> tuple[tuple[Target | AskedTarget, ...], ...]:
    items = [_object(item) for item in written] if isinstance(written, list) else []
    ranked = sorted(((_integer(item.get("priority"), 0), item) for item in items), key=lambda pair: -pair[0])
    tiers = [
        tuple(_target(item, around) for _, item in tier)
        for _, tier in groupby(ranked, key=lambda pair: pair[0])
    ]
    if strategy == "cheapest":
        return tuple(tuple(sorted(tier, key=_price)) for tier in tiers)
    return tuple(tiers)


def _price(target: Target | AskedTarget) -> tuple[bool, Decimal]:
    price = target.price if isinstance(target, Target) else None
    return price is None, price or Decimal(0)


def _target(item: JsonObject, around: Surroundings) -> Target | AskedTarget:
    name, provider = item.get("model"), item.get("provider")
    timeout = item.get("timeout")
    seconds = milliseconds(timeout) / 1000 if isinstance(timeout, str | int) else None
    weight = _integer(item.get("weight"), 1)
    label = f"{name or ''}@{provider}" if isinstance(provider, str) else str(name)
    if not isinstance(name, str):
        return AskedTarget(label, weight, seed_of(label), str(provider), seconds)
    stored = around.resources.get(ResourceKey("Model", around.namespace, name))
    model = around.models.get(name)
    if stored is None or model is None or model.name != name:
        missing = LeftOut(str(provider or ""), "", f"there is no Model {name}")
        return Target(label, weight, seed_of(label), name, (), (missing,))
    fits = [each for each in model.exact.candidates if provider in (None, each.candidate.provider)]
    left_out = tuple(each for each in model.left_out if provider in (None, each.provider))
    if not fits and not left_out:
        left_out = (_unbound(name, provider if isinstance(provider, str) else None),)
    told = stored.resource.spec.get("capabilities")
    return Target(
        label,
        weight,
        seed_of(label),
        name,
        tuple(_timed(each, seconds) for each in fits),
        left_out,
        frozenset(map(canonical, _texts(told))) if told else None,
        price_of(stored.resource.spec),
    )


def _unbound(model: str, provider: str | None) -> LeftOut:
    to = f"to {provider}" if provider is not None else "at all"
    return LeftOut(provider or "", "", f"no Binding binds {model} {to}")


def _timed(routed: RoutedCandidate, seconds: float | None) -> RoutedCandidate:
    if seconds is None:
        return routed
    candidate: Candidate = routed.candidate
    first = candidate.timeouts.first_byte
    timeouts = replace(
        candidate.timeouts, total=seconds, first_byte=min(first, seconds) if first is not None else None
    )
    return replace(routed, candidate=replace(candidate, timeouts=timeouts))


def _object(written: JsonValue) -> JsonObject:
    return written if isinstance(written, dict) else {}


def _texts(written: JsonValue) -> list[str]:
    return [each for each in written if isinstance(each, str)] if isinstance(written, list) else []


def _integer(written: JsonValue, default: int) -> int:
    return written if isinstance(written, int) else default
