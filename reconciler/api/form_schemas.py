"""The JSON Schemas of what `forms` writes and reads, for people: made of the same annotations."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from reconciler.api.forms import camel
from reconciler.json_types import JsonObject, JsonValue

_WITHIN = {"JsonValue": object}
_PLAIN = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def schema_of(kind: object) -> JsonObject:
    """Of a type that `forms` knows."""
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [each.value for each in kind]}
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        return _record(kind)
    return _made_of(get_origin(kind), get_args(kind))


def _made_of(origin: object, arguments: Sequence[Any]) -> JsonObject:
    if origin is Literal:
        return {"enum": [*arguments]}
    if origin in (Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:
        (other,) = (each for each in arguments if each is not type(None))
        return {"anyOf": [schema_of(other), {"type": "null"}]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if arguments[0] is str:
            return {"type": "object", "additionalProperties": schema_of(arguments[1])}
        return {"type": "array", "items": {"type": "array"}}
    if origin is tuple and arguments[-1] is not ...:
        items: list[JsonValue] = [schema_of(each) for each in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if isinstance(origin, type) and arguments:
        return {"type": "array", "items": schema_of(arguments[0])}
    return {}


def _record(kind: type) -> JsonObject:
    hints = get_type_hints(kind, localns=_WITHIN)
    if is_dataclass(kind):
        told = {
            each.name: each.default is MISSING and each.default_factory is MISSING
            for each in fields(kind)
            if each.init
        }
    else:
        defaults = cast("Any", kind)._field_defaults
        told = {name: name not in defaults for name in cast("Any", kind)._fields}
    return {
        "type": "object",
        "properties": {camel(name): schema_of(hints[name]) for name in told},
        "required": [camel(name) for name, needed in told.items() if needed],
        "additionalProperties": False,
    }
