"""Rules on Routes: what decides nothing, leads nowhere, or leads to one Provider alone."""

from collections.abc import Iterator
from itertools import combinations

from reconciler.control.lint.declarations import Declarations, Service, enabled, texts
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.snapshot.glob import glob
from reconciler.snapshot.routes import canonical, price_of, rank

_NAME = ("metadata", "name")


def _never_decides(files: Declarations) -> Iterator[Remark]:
    routes = sorted(_enabled(files), key=lambda each: (each.key.namespace, *rank(each.key.name, each.spec)))
    told: set[ResourceKey] = set()
    for first, second in combinations(routes, 2):
        if first.key.namespace != second.key.namespace or second.key in told:
            continue
        if _covers(files, first, second):
            told.add(second.key)
            yield Remark(
                second.key,
                _NAME,
                f"every request that it matches is decided by {first.key}, which is asked before it",
                "give it a higher priority, or narrow the other one",
            )


def _target_unbound(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        for place, target in enumerate(_targets(route)):
            model, provider = (
                _named(route, target, "model", "Model"),
                _named(route, target, "provider", "Provider"),
            )
            if model is None or files.get(model) is None or _services(files, model, provider):
                continue
            whom = f"{model} to {provider}" if provider is not None else f"{model}"
            yield Remark(
                route.key,
                ("spec", "targets", place),
                f"no Binding in these files binds {whom}, or it is disabled",
                "bind it, or take the target out",
            )


def _single_provider(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        targets = _targets(route)
        providers = {provider for target in targets for provider in _providers(files, route, target)}
        if targets and len(providers) == 1:
            yield Remark(
                route.key,
                ("spec", "targets"),
                f"only {providers.pop()} serves what it decides: where that fails, requests fail",
                "add a target at a second Provider",
            )


def _incapable_target(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        needed = {canonical(each): each for each in texts(_match(route).get("capabilities"))}
        for place, target in enumerate(_targets(route)):
            model = _named(route, target, "model", "Model")
            declared = files.get(model) if model is not None else None
            told = (
                {canonical(each) for each in texts(declared.spec.get("capabilities"))} if declared else set()
            )
            lacking = [word for key, word in needed.items() if told and key not in told]
            if lacking:
                yield Remark(
                    route.key,
                    ("spec", "targets", place),
                    f"{model} does not tell {', '.join(lacking)} among its capabilities, so it is never asked",
                    "correct the capabilities of the Model, or take the target out",
                )


def _unpriced_target(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        if route.spec.get("strategy") != "cheapest":
            continue
        for place, target in enumerate(_targets(route)):
            model = _named(route, target, "model", "Model")
            declared = files.get(model) if model is not None else None
            if model is None or (declared is not None and price_of(declared.spec) is None):
                yield Remark(
                    route.key,
                    ("spec", "targets", place),
                    "its price is not known, so it comes after all whose is",
                    "give the Model its pricing, or name a Model",
                )


def _unknown_models(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        patterns = texts(_match(route).get("models"))
        unknown = [each for each in patterns if not _names_a_model(files, route.key.namespace, each)]
        if _targets(route) or not unknown:
            continue
        if len(unknown) == len(patterns):
            message = "no Model in these files is called so, and it has no targets: it decides nothing"
            yield Remark(
                route.key, ("spec", "match", "models"), message, "correct the names, or give it targets"
            )
            continue
        for place, each in enumerate(patterns):
            if each in unknown:
                message = f'no Model in these files is called "{each}", and it has no targets: it decides nothing of that'
                field = ("spec", "match", "models", place)
                yield Remark(route.key, field, message, "correct the name, or take it out")


def _names_a_model(files: Declarations, space: str, pattern: str) -> bool:
    if "*" not in pattern:
        return files.model_of(space, pattern) is not None
    names = glob(pattern)
    models = [each for each in files.of_kind("Model") if each.key.namespace == space]
    return any(
        names.matches(name) for each in models for name in (each.key.name, *texts(each.spec.get("aliases")))
    )


def _enabled(files: Declarations) -> Iterator[Resource]:
    return (route for route in files.of_kind("Route") if enabled(route))


def _match(route: Resource) -> JsonObject:
    match = route.spec.get("match")
    return match if isinstance(match, dict) else {}


def _targets(route: Resource) -> list[JsonObject]:
    written = route.spec.get("targets")
    return [each for each in written if isinstance(each, dict)] if isinstance(written, list) else []


def _named(route: Resource, target: JsonObject, field: str, kind: str) -> ResourceKey | None:
    name = target.get(field)
    return ResourceKey(kind, route.key.namespace, name) if isinstance(name, str) else None


def _services(files: Declarations, model: ResourceKey, provider: ResourceKey | None) -> list[Service]:
    return [each for each in files.services(model) if provider in (None, each.provider)]


def _providers(files: Declarations, route: Resource, target: JsonObject) -> Iterator[ResourceKey]:
    """One that these files don't hold counts as one that serves."""
    model, provider = _named(route, target, "model", "Model"), _named(route, target, "provider", "Provider")
    if provider is not None:
        yield provider
    elif model is not None:
        yield from (each.provider for each in files.services(model))


def _covers(files: Declarations, first: Resource, second: Resource) -> bool:
    """Whether all that the second matches is matched by the first."""
    wide, narrow = _match(first), _match(second)
    return (
        _covers_models(files, second.key.namespace, wide.get("models"), narrow.get("models"))
        and _covers_any(wide.get("clients"), narrow.get("clients"))
        and _covers_any(wide.get("taskTypes"), narrow.get("taskTypes"))
        and _among(wide.get("headers"), narrow.get("headers"))
        and _among(wide.get("capabilities"), narrow.get("capabilities"))
        and _covers_sizes(wide.get("promptTokens"), narrow.get("promptTokens"))
    )


def _covers_models(files: Declarations, space: str, wide: JsonValue, narrow: JsonValue) -> bool:
    """A Route without models leaves names alone that no Model has."""
    if wide is None:
        return all(files.model_of(space, each) is not None for each in texts(narrow))
    patterns = texts(wide)
    return narrow is not None and all(
        each in patterns or ("*" not in each and any(glob(pattern).matches(each) for pattern in patterns))
        for each in texts(narrow)
    )


def _covers_any(wide: JsonValue, narrow: JsonValue) -> bool:
    return wide is None or (narrow is not None and set(texts(narrow)) <= set(texts(wide)))


def _among(wide: JsonValue, narrow: JsonValue) -> bool:
    held = narrow if isinstance(narrow, list) else []
    return all(each in held for each in (wide if isinstance(wide, list) else []))


def _covers_sizes(wide: JsonValue, narrow: JsonValue) -> bool:
    if not isinstance(wide, dict):
        return True
    if not isinstance(narrow, dict):
        return False
    least, most = wide.get("min"), wide.get("max")
    low, high = narrow.get("min"), narrow.get("max")
    starts = not isinstance(least, int) or (isinstance(low, int) and low >= least)
    ends = not isinstance(most, int) or (isinstance(high, int) and high <= most)
    return starts and ends


_BASE = """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}}
---
kind: Provider
metadata: {name: spare}
spec: {type: lm-studio, config: {baseURL: "http://spare.lan:1234"}}
---
kind: Model
metadata: {name: phi}
spec: {capabilities: [chat, tools], pricing: {input: "0.1"}}
---
kind: Model
metadata: {name: eye}
spec: {capabilities: [chat, vision]}
---
kind: Binding
metadata: {name: phi-local}
spec: {model: phi, provider: local}
---
kind: Binding
metadata: {name: eye-spare}
spec: {model: eye, provider: spare}
"""


def _route(name: str, spec: str) -> str:
    return f"---\nkind: Route\nmetadata: {{name: {name}}}\nspec:\n{spec}"


_BOTH = "  targets: [{model: phi}, {model: eye}]\n"

ROWS: tuple[Rule, ...] = (
    Rule(
        "route-never-decides",
        Severity.WARNING,
        "Route",
        "A Route that is always beaten by another one.",
        "The first that matches decides. Routes are asked by priority, then by how many conditions they have, then by name.",
        _BASE
        + _route("all", "  priority: 1\n" + _BOTH)
        + _route("phi", "  match: {models: [phi]}\n  targets: [{model: phi}, {model: eye}]\n"),
        _BASE
        + _route("all", _BOTH)
        + _route("phi", "  match: {models: [phi]}\n  targets: [{model: phi}, {model: eye}]\n"),
        _never_decides,
        together=True,
    ),
    Rule(
        "route-target-unbound",
        Severity.WARNING,
        "Route targets",
        "A target of a Route that no Binding makes one.",
        "It is passed over, and where it is the only one, every request that the Route decides fails. Silence it where the "
        "Bindings stand in other files.",
        _BASE + _route("phi", "  targets: [{model: phi, provider: spare}, {model: eye}]\n"),
        _BASE + _route("phi", "  targets: [{model: phi, provider: local}, {model: eye}]\n"),
        _target_unbound,
        together=True,
    ),
    Rule(
        "route-single-provider",
        Severity.INFO,
        "Route targets",
        "All targets of a Route are at one Provider.",
        "There is nothing to fall back to when it fails or is at its limit: the targets of a Route alone serve what it decides.",
        _BASE + _route("phi", "  targets: [{model: phi}]\n"),
        _BASE + _route("phi", _BOTH),
        _single_provider,
        together=True,
    ),
    Rule(
        "route-incapable-target",
        Severity.WARNING,
        "Route targets",
        "A Route for requests that need a capability, and a target whose Model lacks it.",
        "A Model that tells capabilities and not this one is passed over, so the target never serves.",
        _BASE + _route("see", "  match: {capabilities: [vision]}\n" + _BOTH),
        _BASE + _route("see", "  match: {capabilities: [vision]}\n  targets: [{model: eye}]\n"),
        _incapable_target,
        together=True,
    ),
    Rule(
        "route-unpriced-target",
        Severity.INFO,
        "Route targets",
        "A Route by price, and a target without one.",
        "It comes after all whose price is known, however cheap it is.",
        _BASE + _route("cheap", "  strategy: cheapest\n" + _BOTH),
        _BASE + _route("any", _BOTH),
        _unpriced_target,
        together=True,
    ),
    Rule(
        "route-unknown-model",
        Severity.WARNING,
        "Route match.models",
        "A Route for names that no Model has, without targets.",
        "Without targets a Route sorts the Bindings of the model that was asked for, so names that no Model has it leaves "
        "alone: what it asks (timeouts, retry, shadow) holds for none of them. Silence it where the Models stand in other "
        "files.",
        _BASE + _route("phi", "  match: {models: [fi]}\n  timeouts: {total: 30s}\n"),
        _BASE + _route("phi", "  match: {models: [phi]}\n  timeouts: {total: 30s}\n"),
        _unknown_models,
        together=True,
    ),
)
