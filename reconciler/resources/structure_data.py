"""Structure ⇄ plain data, to be kept in a file: reading it is a hundred times as quick as reading JSON Schemas."""

from types import MappingProxyType

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.structure import ATOMIC, FREE, Shape, Structure

_FREE = "free"


def structure_data(structure: Structure) -> JsonValue:
    """The word for its shape, or where it has parts an object with those."""
    if structure is FREE:
        return _FREE
    data: JsonObject = {}
    if structure.properties:
        data["properties"] = {name: structure_data(child) for name, child in structure.properties.items()}
    if structure.values is not None:
        data["values"] = structure_data(structure.values)
    if structure.keys:
        data["keys"] = [*structure.keys]
    return {"shape": structure.shape.value, **data} if data else structure.shape.value


def structure_from(data: JsonValue) -> Structure:
    """The inverse. Raises TypeError, ValueError for what is none."""
    if data == _FREE:
        return FREE
    if data == ATOMIC.shape.value:
        return ATOMIC
    if isinstance(data, str):
        return Structure(Shape(data))
    if not isinstance(data, dict):
        raise TypeError("a structure is a word or an object")
    properties, keys = data.get("properties", {}), data.get("keys", [])
    if not isinstance(properties, dict) or not isinstance(keys, list):
        raise TypeError("a structure has properties by name, and keys as a list")
    return Structure(
        Shape(data.get("shape")),
        MappingProxyType({name: structure_from(child) for name, child in properties.items()}),
        structure_from(data["values"]) if "values" in data else None,
        tuple(str(key) for key in keys),
    )
