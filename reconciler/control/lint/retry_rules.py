"""Rules on asking a Provider again for the same request: where its own circuit, or a Route, leaves nothing of that."""

from collections.abc import Iterator

from reconciler.control.lint.declarations import Declarations, enabled
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import Resource, ResourceKey

_SHORT = 2_000
"""Milliseconds that are waited for a circuit at most, before the next candidate is asked."""


def _circuit_first(files: Declarations) -> Iterator[Remark]:
    for provider in files.of_kind("Provider"):
        attempts, threshold = (
            _integer(value_at(provider.spec, ("retry", "attempts")), 2),
            _integer(value_at(provider.spec, ("health", "failureThreshold")), 5),
        )
        open_for = value_at(provider.spec, ("health", "openFor"))
        short = isinstance(open_for, str | int) and milliseconds(open_for) <= _SHORT
        if isinstance(provider.spec.get("retry"), dict) and 0 < threshold < attempts and not short:
            times = "once" if threshold == 1 else f"{threshold} times"
            yield Remark(
                provider.key,
                ("spec", "health", "failureThreshold"),
                f"{threshold}: when one request failed {times} it is left alone, so the {attempts} attempts of its retry are "
                "never made",
                "write more, or fewer attempts",
            )


def _overridden(files: Declarations) -> Iterator[Remark]:
    for route in files.of_kind("Route"):
        retry = route.spec.get("retry")
        if not isinstance(retry, dict) or not enabled(route):
            continue
        providers = list(dict.fromkeys(_providers(files, route)))
        for key in providers:
            told = files.get(key)
            own = told.spec.get("retry") if told is not None else None
            if isinstance(own, dict):
                yield from _contradictions(route, retry, key, own, alone=len(providers) == 1)


def _contradictions(
    route: Resource, retry: JsonObject, provider: ResourceKey, own: JsonObject, *, alone: bool
) -> Iterator[Remark]:
    most, attempts = retry.get("attempts"), _integer(own.get("attempts"), 2)
    if most == 1:
        yield Remark(
            route.key,
            ("spec", "retry", "attempts"),
            f"1: {provider} is never asked again here, whatever its retry says",
            "write more, or leave it out",
        )
    elif isinstance(most, int) and most <= attempts and not alone:
        yield Remark(
            route.key,
            ("spec", "retry", "attempts"),
            f"{most}: {provider} may take all of them by its retry, and nobody else is asked then",
            f"write more than {attempts}",
        )
    among, named = retry.get("statuses"), own.get("statuses")
    if isinstance(among, list) and isinstance(named, list) and not [each for each in named if each in among]:
        yield Remark(
            route.key,
            ("spec", "retry", "statuses"),
            f"none of the statuses after which {provider} is asked again is among them, so it is not asked again for one",
            "name one of them",
        )


def _providers(files: Declarations, route: Resource) -> Iterator[ResourceKey]:
    """Those of its targets, by the Bindings in these files; without targets, those of the Models that it names."""
    targets, space = route.spec.get("targets"), route.key.namespace
    for target in targets if isinstance(targets, list) else ():
        model, provider = value_at(target, ("model",)), value_at(target, ("provider",))
        if isinstance(provider, str):
            yield ResourceKey("Provider", space, provider)
        elif isinstance(model, str):
            yield from (each.provider for each in files.services(ResourceKey("Model", space, model)))
    if targets is None:
        names = value_at(route.spec, ("match", "models"))
        for name in names if isinstance(names, list) else ():
            found = files.model_of(space, name) if isinstance(name, str) else None
            yield from (each.provider for each in files.services(found)) if found is not None else ()


def _integer(written: JsonValue, default: int) -> int:
    return written if isinstance(written, int) else default


_BASE = """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}, retry: {attempts: 2, statuses: [503]}}
---
kind: Provider
metadata: {name: spare}
spec: {type: lm-studio, config: {baseURL: "http://spare.lan:1234"}}
---
kind: Model
metadata: {name: phi}
spec: {}
---
kind: Binding
metadata: {name: phi-local}
spec: {model: phi, provider: local}
---
kind: Binding
metadata: {name: phi-spare}
spec: {model: phi, provider: spare}
---
kind: Route
metadata: {name: phi}
spec:
  targets: [{model: phi}]
"""

_PROVIDER = """\
kind: Provider
metadata: {name: local}
spec:
  type: lm-studio
  config: {baseURL: "http://localhost:1234"}
  retry: {attempts: 3}
"""

ROWS: tuple[Rule, ...] = (
    Rule(
        "retry-behind-circuit",
        Severity.WARNING,
        "Provider retry",
        "A retry whose attempts are more than the failures after which the provider is left alone.",
        "A provider that is left alone is not asked again, by the same request either: the next candidate is asked at once.",
        _PROVIDER + "  health: {failureThreshold: 2}\n",
        _PROVIDER + "  health: {failureThreshold: 5}\n",
        _circuit_first,
    ),
    Rule(
        "route-retry-overrides",
        Severity.WARNING,
        "Route retry",
        "A Route's retry that leaves nothing of a Provider's, or that such a Provider uses up.",
        "A Route's retry stands above those of its Providers: its attempts bound all of a request, at whomever they are made, "
        "and after a status that it does not name nobody is asked again.",
        _BASE + "  retry: {attempts: 2}\n",
        _BASE + "  retry: {attempts: 4}\n",
        _overridden,
        together=True,
    ),
)
