"""Providers under names of one's own: in the resources, secrets and points of what was found."""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.control.importing.findings import Findings, Point
from reconciler.control.importing.naming import object_name
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey

_KIND = "Provider"


def renamed(findings: Findings, names: Mapping[str, str]) -> Findings:
    """`names`: from what a Provider is called to what it is to be called.

    Raises InvalidInput for one that was not found, a name that can't be one, and a name that another one has.
    """
    if not names:
        return findings
    _check(findings, names)
    bindings = {
        resource.key.name: _binding_name(resource, names)
        for resource in findings.resources
        if resource.key.kind == "Binding"
    }

    def key_of(key: ResourceKey) -> ResourceKey:
        table = names if key.kind == _KIND else bindings if key.kind == "Binding" else {}
        return key._replace(name=table.get(key.name, key.name))

    return replace(
        findings,
        resources=tuple(Resource(key_of(each.key), _spec(each.spec, names)) for each in findings.resources),
        secrets=tuple(
            replace(each, key=key_of(each.key) if each.key is not None else None) for each in findings.secrets
        ),
        points=tuple(
            replace(each, key=key_of(each.key), value=_value(each, names)) for each in findings.points
        ),
    )


def _check(findings: Findings, names: Mapping[str, str]) -> None:
    found = [resource.key.name for resource in findings.resources if resource.key.kind == _KIND]
    for old, new in names.items():
        if old not in found:
            raise InvalidInput(
                f"no provider called {old} was found", hint=f"found were: {', '.join(found) or 'none'}"
            )
        if object_name(new) != new:
            raise InvalidInput(f"{new[:80]} is no name for a Provider", hint=f"write {object_name(new)}")
    after = [names.get(name, name).casefold() for name in found]
    if len(set(after)) < len(after):
        raise InvalidInput("two providers would have one name", hint="give each a name of its own")


def _binding_name(binding: Resource, names: Mapping[str, str]) -> str:
    """One that is made of its Model's and its Provider's name is made of the new one."""
    name, provider = binding.key.name, str(binding.spec.get("provider"))
    if provider not in names or name != object_name(f"{binding.spec.get('model')}-{provider}"):
        return name
    return object_name(f"{binding.spec.get('model')}-{names[provider]}")


def _value(point: Point, names: Mapping[str, str]) -> JsonValue:
    """A value that stands below spec, by the last part of its path."""
    step = str(point.path[-1]) if point.path else ""
    return _spec({step: point.value}, names)[step]


def _spec(spec: JsonObject, names: Mapping[str, str]) -> JsonObject:
    """With the new names where a kind refers to a Provider."""
    result = dict(spec)
    for field in ("provider", "activeProvider"):
        value = spec.get(field)
        if isinstance(value, str):
            result[field] = names.get(value, value)
    targets = spec.get("targets")
    if isinstance(targets, list):
        result["targets"] = [_spec(each, names) if isinstance(each, dict) else each for each in targets]
    return result
