"""Which resources a resource refers to, by field. References stay inside one namespace."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.json_types import JsonValue, value_at
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import secret_places

REFERRING_FIELDS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "Binding": (("model", "Model"), ("provider", "Provider")),
        "Settings": (("activeProvider", "Provider"),),
    }
)
"""Kind → (field of its spec, kind that the field names)."""
REFERRING_ITEMS: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {"Route": (("targets", "model", "Model"), ("targets", "provider", "Provider"))}
)
"""Kind → (list in its spec, field of each item, kind that the field names)."""
REFERRING_PLACES: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = MappingProxyType(
    {"Route": ((("shadow", "target", "model"), "Model"), (("shadow", "target", "provider"), "Provider"))}
)
"""Kind → (place deeper in its spec, kind that stands there)."""
HOLDING_SECRETS = ("Provider", "Settings")
"""The kinds with fields that may name an entry of a Secret."""
SECRET_NAME = ("valueFrom", "secret", "name")
"""Where a secret field names a Secret."""


class Reference(NamedTuple):
    """`field` is the path below the document. `entry` is the key in a Secret's data, where one is named."""

    field: tuple[str | int, ...]
    target: ResourceKey
    entry: str | None = None


def references(resource: Resource) -> Iterator[Reference]:
    """Every reference that `resource` makes by a resource's name."""
    kind, namespace, _ = resource.key
    for place_within, target in _places(kind):
        name = value_at(resource.spec, place_within)
        if isinstance(name, str):
            yield Reference(("spec", *place_within), ResourceKey(target, namespace, name))
    for listed, field, target in REFERRING_ITEMS.get(kind, ()):
        items = resource.spec.get(listed)
        for place, item in enumerate(items if isinstance(items, list) else ()):
            name = item.get(field) if isinstance(item, dict) else None
            if isinstance(name, str):
                yield Reference(("spec", listed, place, field), ResourceKey(target, namespace, name))
    if kind in HOLDING_SECRETS:
        structure = structure_of_kind(kind).child("spec")
        for path in secret_places(structure, resource.spec):
            named = _secret_reference(value_at(resource.spec, path))
            if named is not None:
                yield Reference(("spec", *path), ResourceKey("Secret", namespace, named[0]), named[1])


def _places(kind: str) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from (((field,), target) for field, target in REFERRING_FIELDS.get(kind, ()))
    yield from REFERRING_PLACES.get(kind, ())


def _secret_reference(written: JsonValue) -> tuple[str, str] | None:
    secret = value_at(written, SECRET_NAME[:-1])
    if not isinstance(secret, dict):
        return None
    name, key = secret.get(SECRET_NAME[-1]), secret.get("key")
    return (name, key) if isinstance(name, str) and isinstance(key, str) else None
