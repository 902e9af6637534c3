"""Rules on who serves what: Models, Bindings, and the default model."""

from collections.abc import Iterator
from itertools import pairwise

from reconciler.control.lint.declarations import Declarations, enabled, named
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.resources.resource import ResourceKey

_NAME = ("metadata", "name")


def _model_without_binding(files: Declarations) -> Iterator[Remark]:
    for model in files.of_kind("Model"):
        if files.services(model.key) or files.forwarded(model.key):
            continue
        message = "no Binding in these files serves it"
        if model.key in files.bindings:
            message = "all its Bindings, or their Providers, are disabled"
        yield Remark(model.key, _NAME, message, "bind it to a Provider that is enabled")


def _binding_to_disabled_provider(files: Declarations) -> Iterator[Remark]:
    for binding in files.of_kind("Binding"):
        provider = named(binding, "provider")
        if enabled(binding) and not enabled(files.get(provider)):
            yield Remark(
                binding.key,
                ("spec", "provider"),
                f"{provider} is disabled, so this Binding serves nothing",
                "enable the Provider, or disable or delete the Binding",
            )


def _default_model_not_served(files: Declarations) -> Iterator[Remark]:
    for settings in files.of_kind("Settings"):
        asked = settings.spec.get("defaultModel")
        model = files.model_of(settings.key.namespace, asked) if isinstance(asked, str) else None
        if model is not None and not files.services(model) and not files.forwarded(model):
            yield Remark(
                settings.key,
                ("spec", "defaultModel"),
                f"means {model}, which nobody serves",
                "bind it, or name another one",
            )


def _active_provider_disabled(files: Declarations) -> Iterator[Remark]:
    for settings in files.of_kind("Settings"):
        active = files.active_provider(settings.key.namespace)
        if active is not None and not enabled(files.get(active)):
            yield Remark(
                settings.key,
                ("spec", "activeProvider"),
                f"{active} is disabled, so no Provider comes first",
                "enable it, or name another one",
            )


def _forward_to_nobody(files: Declarations) -> Iterator[Remark]:
    for settings in files.of_kind("Settings"):
        space = settings.key.namespace
        if files.means_to_forward(space) and files.active_provider(space) is None:
            yield Remark(
                settings.key,
                ("spec", "unknownModels"),
                "there is no active provider to forward to, so unknown models are rejected",
                "set activeProvider, or leave unknownModels out",
            )


def _single_provider(files: Declarations) -> Iterator[Remark]:
    for model in files.of_kind("Model"):
        services = files.services(model.key)
        if len(services) == 1:
            yield Remark(
                model.key,
                _NAME,
                f"only {services[0].provider} serves it: where that fails, requests fail",
                "bind it to a second Provider",
            )


def _equal_priority(files: Declarations) -> Iterator[Remark]:
    for model in files.bindings:
        for first, second in pairwise(files.services(model)):
            if first[2:] == second[2:]:
                yield Remark(
                    second.binding,
                    ("spec", "priority"),
                    f"has priority {second.priority} as {first.binding} has, so their names decide which is tried first",
                    "give them different priorities, or weights",
                )


def _simulator_as_fallback(files: Declarations) -> Iterator[Remark]:
    for model in files.bindings:
        services = files.services(model)
        invented = [service for service in services if _is_simulator(files, service.provider)]
        if len(invented) < len(services):
            for service in invented:
                yield Remark(
                    service.binding,
                    ("spec", "provider"),
                    f"{service.provider} is a simulator among real Providers of {model}: clients may get made-up answers",
                    "disable or delete the Binding",
                )


def _is_simulator(files: Declarations, provider: ResourceKey) -> bool:
    declared = files.get(provider)
    return declared is not None and declared.spec.get("type") == "simulator"


def _unused_provider(files: Declarations) -> Iterator[Remark]:
    for provider in files.of_kind("Provider"):
        space = provider.key.namespace
        served = files.forwards(space) and files.active_provider(space) == provider.key
        if provider.key not in files.bound and not served:
            yield Remark(
                provider.key,
                _NAME,
                "no Binding in these files names it",
                "bind a Model to it, or delete it",
            )


_LOCAL = """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}}
"""
_LOCAL_DISABLED = """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, enabled: false, config: {baseURL: "http://localhost:1234"}}
"""
_PHI = """\
---
kind: Model
metadata: {name: phi}
spec: {}
"""
_PHI_LOCAL = """\
---
kind: Binding
metadata: {name: phi-local}
spec: {model: phi, provider: local}
"""
_PHI_LOCAL_FIRST = """\
---
kind: Binding
metadata: {name: phi-local}
spec: {model: phi, provider: local, priority: 10}
"""
_PHI_SPARE = """\
---
kind: Binding
metadata: {name: phi-spare}
spec: {model: phi, provider: spare}
"""
_SPARE = """\
---
kind: Provider
metadata: {name: spare}
spec: {type: lm-studio, config: {baseURL: "http://spare.lan:1234"}}
"""
_DEFAULT = """\
---
kind: Settings
metadata: {name: default}
spec: {defaultModel: phi}
"""
_ACTIVE = """\
---
kind: Settings
metadata: {name: default}
spec: {activeProvider: local}
"""

ROWS: tuple[Rule, ...] = (
    Rule(
        "model-without-binding",
        Severity.WARNING,
        "Model",
        "Nobody serves a Model.",
        "It is listed by /v1/models, and every request for it fails. Bindings that are disabled, or whose Provider "
        "is, don't count. Silence it where the Bindings stand in other files.",
        _PHI.removeprefix("---\n"),
        _LOCAL + _PHI + _PHI_LOCAL,
        _model_without_binding,
        together=True,
    ),
    Rule(
        "binding-to-disabled-provider",
        Severity.INFO,
        "Binding provider",
        "A Binding to a Provider that is disabled.",
        "It reads as a fallback and is none. A Model that is left with nobody is model-without-binding.",
        _LOCAL_DISABLED + _PHI + _PHI_LOCAL,
        _LOCAL + _PHI + _PHI_LOCAL,
        _binding_to_disabled_provider,
        together=True,
    ),
    Rule(
        "default-model-not-served",
        Severity.WARNING,
        "Settings defaultModel",
        "The default model is one that nobody serves.",
        "Every request that names no model fails.",
        _LOCAL_DISABLED + _PHI + _PHI_LOCAL + _DEFAULT,
        _LOCAL + _PHI + _PHI_LOCAL + _DEFAULT,
        _default_model_not_served,
        together=True,
    ),
    Rule(
        "active-provider-disabled",
        Severity.WARNING,
        "Settings activeProvider",
        "The active provider is disabled.",
        "Requests go by the priorities, as if no active provider were set.",
        _LOCAL_DISABLED + _ACTIVE,
        _LOCAL + _ACTIVE,
        _active_provider_disabled,
        together=True,
    ),
    Rule(
        "forward-to-nobody",
        Severity.WARNING,
        "Settings unknownModels",
        "Unknown models are to be forwarded, and there is no active provider.",
        "They are rejected all the same.",
        """\
kind: Settings
metadata: {name: default}
spec: {unknownModels: forward}
""",
        _LOCAL
        + """\
---
kind: Settings
metadata: {name: default}
spec: {activeProvider: local, unknownModels: forward}
""",
        _forward_to_nobody,
        together=True,
    ),
    Rule(
        "single-provider",
        Severity.INFO,
        "Model",
        "One Provider alone serves a Model.",
        "There is nothing to fall back to when it fails or is at its limit.",
        _LOCAL + _PHI + _PHI_LOCAL,
        _LOCAL + _SPARE + _PHI + _PHI_LOCAL_FIRST + _PHI_SPARE,
        _single_provider,
        together=True,
    ),
    Rule(
        "equal-priority",
        Severity.INFO,
        "Binding priority",
        "Two Bindings of a Model have the same priority and the same weight.",
        "Then the one whose name comes first is tried first: to rename a Binding moves traffic. A Binding without a "
        "priority has its Provider's, and one without a weight has 1.",
        _LOCAL + _SPARE + _PHI + _PHI_LOCAL + _PHI_SPARE,
        _LOCAL + _SPARE + _PHI + _PHI_LOCAL_FIRST + _PHI_SPARE,
        _equal_priority,
        together=True,
    ),
    Rule(
        "simulator-as-fallback",
        Severity.WARNING,
        "Binding provider",
        "A simulator serves a Model beside real Providers.",
        "When the others fail, clients get an invented answer with status 200 instead of an error.",
        _LOCAL
        + """\
---
kind: Provider
metadata: {name: spare}
spec: {type: simulator, config: {}}
"""
        + _PHI
        + _PHI_LOCAL_FIRST
        + _PHI_SPARE,
        _LOCAL + _SPARE + _PHI + _PHI_LOCAL_FIRST + _PHI_SPARE,
        _simulator_as_fallback,
        together=True,
    ),
    Rule(
        "unused-provider",
        Severity.INFO,
        "Provider",
        "No Binding names a Provider.",
        "It serves nothing, and its credential is loaded all the same. Silence it where the Bindings stand in other files.",
        _LOCAL,
        _LOCAL + _PHI + _PHI_LOCAL,
        _unused_provider,
        together=True,
    ),
)
