"""Which resources a resource refers to, by field. References stay inside one namespace."""

from collections.abc import Iterator
from typing import NamedTuple

from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.scheme import KINDS
from reconciler.resources.structure import secret_places


class Reference(NamedTuple):
    """`field` is the path below the document. `entry` is the key in a Secret's data, where one is named."""

    field: tuple[str, ...]
    target: ResourceKey
    entry: str | None = None


def references(resource: Resource) -> Iterator[Reference]:
    """Every reference that `resource` makes by a resource's name."""
    kind, namespace, _ = resource.key
    if kind == "Binding":
        for field, target in (("model", "Model"), ("provider", "Provider")):
            name = resource.spec.get(field)
            if isinstance(name, str):
                yield Reference(("spec", field), ResourceKey(target, namespace, name))
    if kind == "Provider":
        structure = KINDS[kind].structure.child("spec")
        for path in secret_places(structure, resource.spec):
            named = _secret_reference(value_at(resource.spec, path))
            if named is not None:
                yield Reference(("spec", *path), ResourceKey("Secret", namespace, named[0]), named[1])


def value_at(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    """The value at `path`, None where there is nothing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _secret_reference(written: JsonValue) -> tuple[str, str] | None:
    secret = value_at(written, ("valueFrom", "secret"))
    if not isinstance(secret, dict):
        return None
    name, key = secret.get("name"), secret.get("key")
    return (name, key) if isinstance(name, str) and isinstance(key, str) else None
