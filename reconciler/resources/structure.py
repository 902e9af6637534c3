"""The structural schema of a kind: just what ownership, comparison and masking must know of a field.

Objects and maps are granular (each field has its own owner). Lists are atomic, or keyed by fields of their items, or
sets (Kubernetes' x-kubernetes-list-type). A secret is atomic however it is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from reconciler.field_values import DURATION_TYPE, SECRET_TYPE, milliseconds
from reconciler.json_types import JsonObject, JsonValue

_UNKNOWN_FIELDS = "x-kubernetes-preserve-unknown-fields"


class Shape(Enum):
    GRANULAR = "granular"
    ATOMIC = "atomic"
    KEYED_LIST = "keyed list"
    SET = "set"
    DURATION = "duration"
    SECRET = "secret"  # noqa: S105  a shape, not a value


@dataclass(frozen=True, slots=True)
class Structure:
    """`properties` are the declared fields; `values` describes undeclared ones (a map) or the items of a list."""

    shape: Shape = Shape.ATOMIC
    properties: Mapping[str, "Structure"] = field(default_factory=lambda: MappingProxyType({}))
    values: "Structure | None" = None
    keys: tuple[str, ...] = ()

    def child(self, name: str) -> "Structure":
        """The structure of one field of an object or map; unknown fields are atomic."""
        declared = self.properties.get(name)
        if declared is not None:
            return declared
        return self.values if self.values is not None else ATOMIC


ATOMIC = Structure()


def _free() -> Structure:
    """Its own `values`: maps are granular however deep, all else is atomic."""
    free = Structure(Shape.GRANULAR)
    object.__setattr__(free, "values", free)
    return free


FREE = _free()
"""What nothing is said about (Kubernetes' x-kubernetes-preserve-unknown-fields)."""

_TEXTS: JsonObject = {"type": "object", "additionalProperties": {"type": "string"}}
_OBJECT_META: JsonObject = {
    "type": "object",
    "properties": {
        **{
            name: {"type": "string"}
            for name in (
                "name",
                "generateName",
                "namespace",
                "uid",
                "resourceVersion",
                "creationTimestamp",
                "deletionTimestamp",
                "selfLink",
            )
        },
        "generation": {"type": "integer"},
        "deletionGracePeriodSeconds": {"type": "integer"},
        "labels": _TEXTS,
        "annotations": _TEXTS,
        "finalizers": {"type": "array", "x-kubernetes-list-type": "set"},
        "ownerReferences": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["uid"],
            "items": {"type": "object", "x-kubernetes-map-type": "atomic"},
        },
        "managedFields": {"type": "array"},
    },
}


def structure_of_object(schema: JsonObject, definitions: Mapping[str, JsonValue] | None = None) -> Structure:
    """The structure of a whole Kubernetes object. What a schema says of `metadata` is no more than that it is there
    (as in a CustomResourceDefinition): what it holds is known.
    """
    root = structure_of(schema, definitions or {})
    known = {"apiVersion": ATOMIC, "kind": ATOMIC, "metadata": structure_of(_OBJECT_META, {})}
    return replace(root, shape=Shape.GRANULAR, properties=MappingProxyType({**root.properties, **known}))


def structure_of(schema: JsonObject, definitions: Mapping[str, JsonValue]) -> Structure:
    """Reads the structure off a JSON Schema. Unions of objects become one object with all their fields."""
    schema = _resolved(schema, definitions)
    named = schema.get("x-routerctl-type")
    if named == SECRET_TYPE:
        return Structure(Shape.SECRET)
    if named == DURATION_TYPE:
        return Structure(Shape.DURATION)
    alternatives = [] if "type" in schema else _alternatives(schema)
    if alternatives:
        return _merged([structure_of(alternative, definitions) for alternative in alternatives])
    if schema.get("type") == "array":
        return _list_structure(schema, definitions)
    if schema.get("type", "object" if "properties" in schema else None) != "object":
        return FREE if schema.get(_UNKNOWN_FIELDS) is True else ATOMIC
    if schema.get("x-kubernetes-map-type") == "atomic":
        return ATOMIC
    return _object_structure(schema, definitions)


def canonical(structure: Structure, value: JsonValue) -> JsonValue:
    """The value that counts: durations in milliseconds, all else as written."""
    if structure.shape is Shape.DURATION:
        return milliseconds(value) if isinstance(value, str | int) else value
    if structure.shape is Shape.GRANULAR and isinstance(value, dict):
        return {name: canonical(structure.child(name), item) for name, item in value.items()}
    return value


def secret_places(
    structure: Structure, value: JsonValue, path: tuple[str, ...] = ()
) -> Iterable[tuple[str, ...]]:
    """The paths of all secret fields that `value` holds."""
    if structure.shape is Shape.SECRET:
        yield path
    elif structure.shape is Shape.GRANULAR and isinstance(value, dict):
        for name, item in value.items():
            yield from secret_places(structure.child(name), item, (*path, name))


def _resolved(schema: JsonObject, definitions: Mapping[str, JsonValue]) -> JsonObject:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    target = definitions[reference.rsplit("/", 1)[1]]
    if not isinstance(target, dict):
        raise TypeError(f"the definition {reference} is no object")
    return {**target, **{name: value for name, value in schema.items() if name != "$ref"}}


def _alternatives(schema: JsonObject) -> list[JsonObject]:
    for word in ("oneOf", "anyOf", "allOf"):
        listed = schema.get(word)
        if isinstance(listed, list):
            return [item for item in listed if isinstance(item, dict) and item.get("type") != "null"]
    return []


def _merged(structures: list[Structure]) -> Structure:
    granular = [item for item in structures if item.shape is Shape.GRANULAR]
    if len(granular) != len(structures):
        return structures[0] if all(item == structures[0] for item in structures) else ATOMIC
    properties: dict[str, list[Structure]] = {}
    for item in granular:
        for name, child in item.properties.items():
            properties.setdefault(name, []).append(child)
    values = next((item.values for item in granular if item.values is not None), None)
    return Structure(
        Shape.GRANULAR,
        MappingProxyType({name: _merged(found) for name, found in properties.items()}),
        values,
    )


def _object_structure(schema: JsonObject, definitions: Mapping[str, JsonValue]) -> Structure:
    declared = schema.get("properties")
    properties = {
        name: structure_of(child, definitions)
        for name, child in (declared.items() if isinstance(declared, dict) else ())
        if isinstance(child, dict)
    }
    additional = schema.get("additionalProperties")
    patterned = schema.get("patternProperties")
    if isinstance(patterned, dict) and patterned:
        additional = next(iter(patterned.values()))
    values = structure_of(additional, definitions) if isinstance(additional, dict) else None
    if schema.get(_UNKNOWN_FIELDS) is True:
        values = FREE
    return Structure(Shape.GRANULAR, MappingProxyType(properties), values)


def _list_structure(schema: JsonObject, definitions: Mapping[str, JsonValue]) -> Structure:
    items = schema.get("items")
    item_structure = structure_of(items, definitions) if isinstance(items, dict) else ATOMIC
    list_type = schema.get("x-kubernetes-list-type")
    if list_type == "set":
        return Structure(Shape.SET)
    if list_type == "map":
        keys = schema.get("x-kubernetes-list-map-keys")
        names = tuple(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else ()
        return Structure(Shape.KEYED_LIST, values=item_structure, keys=names)
    return ATOMIC
