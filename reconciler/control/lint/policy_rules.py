"""Rules on what Routes ask beside who serves: hedges that never come, shadows that fall on who serves, unlike vectors; and
on retries, theirs and those of Providers.
"""

from collections.abc import Iterator

from reconciler.control.lint import retry_rules
from reconciler.control.lint.declarations import Declarations, config_of, enabled
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import Resource, ResourceKey


def _hedge_too_late(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        delay = _time(value_at(route.spec, ("hedge", "delay")))
        bounds = [
            (_time(value_at(route.spec, ("timeouts", name))), f"its timeouts.{name}")
            for name in ("total", "firstByte")
        ]
        longest = _longest_timeout(files, route)
        if value_at(route.spec, ("timeouts", "firstByte")) is None:
            bounds.append((longest, "the timeout of all its targets"))
        for bound, words in bounds:
            if delay is not None and bound is not None and delay >= bound:
                yield Remark(
                    route.key,
                    ("spec", "hedge", "delay"),
                    f"it is not shorter than {words}: whoever is so slow was given up, and nobody is asked beside it",
                    "make it shorter",
                )
                break


def _shadow_serves(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        shadows = _providers(files, route, value_at(route.spec, ("shadow", "target")))
        serving = {each for target in _targets(route) for each in _providers(files, route, target)}
        both = [each for each in shadows if each in serving]
        if both and both == shadows:
            yield Remark(
                route.key,
                ("spec", "shadow", "target"),
                f"{both[0]} serves the Route, too: its limits count both, and when copies fail it is left alone for both",
                "send them to a Provider of their own, perhaps at the same address",
            )


def _shadow_unbound(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        target = value_at(route.spec, ("shadow", "target"))
        model = _key(route, target, "model", "Model")
        if model is not None and files.get(model) is not None and not _providers(files, route, target):
            provider = _key(route, target, "provider", "Provider")
            whom = f"{model} to {provider}" if provider is not None else f"{model}"
            yield Remark(
                route.key,
                ("spec", "shadow", "target"),
                f"no Binding in these files binds {whom}, or it is disabled: no request is copied",
                "bind it, or take the shadow out",
            )


def _unlike_vectors(files: Declarations) -> Iterator[Remark]:
    for route in _enabled(files):
        models = {target.get("model") for target in _targets(route)}
        if "parallelThreshold" in route.spec and len(models) > 1:
            yield Remark(
                route.key,
                ("spec", "parallelThreshold"),
                "its targets are of several Models: one answer may hold vectors that can't be compared",
                "name one Model in all targets",
            )


def _enabled(files: Declarations) -> Iterator[Resource]:
    return (route for route in files.of_kind("Route") if enabled(route))


def _targets(route: Resource) -> list[JsonObject]:
    written = route.spec.get("targets")
    return [each for each in written if isinstance(each, dict)] if isinstance(written, list) else []


def _key(route: Resource, target: JsonValue, field: str, kind: str) -> ResourceKey | None:
    name = value_at(target, (field,))
    return ResourceKey(kind, route.key.namespace, name) if isinstance(name, str) else None


def _providers(files: Declarations, route: Resource, target: JsonValue) -> list[ResourceKey]:
    """Those that serve it, by the Bindings in these files; where it names no Model, the Provider that it names."""
    model, provider = _key(route, target, "model", "Model"), _key(route, target, "provider", "Provider")
    if model is None:
        return [] if provider is None else [provider]
    return [each.provider for each in files.services(model) if provider in (None, each.provider)]


def _longest_timeout(files: Declarations, route: Resource) -> int | None:
    """None where that of one target is not known here."""
    times = []
    for target in _targets(route):
        own = _time(target.get("timeout"))
        for provider in _providers(files, route, target):
            declared = files.get(provider)
            told = _time(config_of(declared).get("timeout")) if declared is not None else None
            times.append(told if own is None else own)
    known = [each for each in times if each is not None]
    return max(known) if known and len(known) == len(times) else None


def _time(written: JsonValue) -> int | None:
    return milliseconds(written) if isinstance(written, str | int) else None


_BASE = """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234", timeout: 20s}}
---
kind: Provider
metadata: {name: spare}
spec: {type: lm-studio, config: {baseURL: "http://spare.lan:1234", timeout: 30s}}
---
kind: Provider
metadata: {name: trial}
spec: {type: lm-studio, config: {baseURL: "http://trial.lan:1234"}}
---
kind: Model
metadata: {name: phi}
spec: {}
---
kind: Model
metadata: {name: bge}
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
kind: Binding
metadata: {name: bge-trial}
spec: {model: bge, provider: trial}
---
kind: Route
metadata: {name: phi}
spec:
  targets: [{model: phi}]
"""

ROWS: tuple[Rule, ...] = (
    Rule(
        "route-hedge-too-late",
        Severity.WARNING,
        "Route hedge",
        "A hedge whose delay is as long as the first candidate has, or longer.",
        "Whoever did not answer by then was given up for the next candidate, so nobody is ever asked beside it.",
        _BASE + "  hedge: {delay: 30s}\n",
        _BASE + "  hedge: {delay: 800ms}\n",
        _hedge_too_late,
        together=True,
    ),
    Rule(
        "route-shadow-serves",
        Severity.WARNING,
        "Route shadow",
        "A shadow at a Provider that serves the same Route.",
        "Copies take from its limits, and where they fail its circuit opens: then clients are sent elsewhere, or get errors.",
        _BASE + "  shadow: {target: {model: phi, provider: spare}}\n",
        _BASE + "  shadow: {target: {model: bge}}\n",
        _shadow_serves,
        together=True,
    ),
    Rule(
        "route-shadow-unbound",
        Severity.WARNING,
        "Route shadow",
        "A shadow that no Binding leads to.",
        "Nothing is copied, and nothing says so while serving. Silence it where the Bindings stand in other files.",
        _BASE + "  shadow: {target: {model: bge, provider: spare}}\n",
        _BASE + "  shadow: {target: {model: bge, provider: trial}}\n",
        _shadow_unbound,
        together=True,
    ),
    Rule(
        "route-unlike-vectors",
        Severity.WARNING,
        "Route parallelThreshold",
        "Inputs that are shared out over several Models.",
        "Each part is embedded by whoever it goes to. Vectors of two models stand for different things, also where they are "
        "of one length.",
        _BASE.replace("[{model: phi}]", "[{model: phi}, {model: bge}]") + "  parallelThreshold: 100\n",
        _BASE + "  parallelThreshold: 100\n",
        _unlike_vectors,
        together=True,
    ),
    *retry_rules.ROWS,
)
