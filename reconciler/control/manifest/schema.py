"""JSON Schemas for editors: one a kind, and one for any document. Written to schemas/, checked for drift."""

import json
from collections.abc import Mapping

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.kinds import KINDS, Kind
from reconciler.resources.meta import Metadata
from reconciler.resources.specs import spec_adapter

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OWN = "x-routerctl-type"


def schemas() -> Mapping[str, str]:
    """File name → text, as they stand in schemas/."""
    files = {f"{kind.name.lower()}.json": _text(kind_schema(kind)) for kind in KINDS.values()}
    return {**files, "routerctl.json": _text(any_schema())}


def kind_schema(kind: Kind) -> JsonObject:
    """The schema of a whole document of one kind."""
    definitions: JsonObject = {}
    schema = _document(kind, definitions)
    return {"$schema": _DIALECT, **schema, "$defs": dict(sorted(definitions.items()))}


def any_schema() -> JsonObject:
    """The schema of any document; `kind` tells which one it is."""
    definitions: JsonObject = {}
    branches: list[JsonValue] = []
    for kind in KINDS.values():
        definitions[kind.name] = _document(kind, definitions)
        branches.append({"$ref": f"#/$defs/{kind.name}"})
    return {
        "$schema": _DIALECT,
        "title": "routerctl",
        "description": "Any manifest of routerctl.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {"kind": {"enum": list(KINDS)}},
        "oneOf": branches,
        "$defs": dict(sorted(definitions.items())),
    }


def _document(kind: Kind, definitions: JsonObject) -> JsonObject:
    metadata = _lifted(Metadata.model_json_schema(ref_template="#/$defs/{model}"), definitions)
    spec = _lifted(spec_adapter(kind.name).json_schema(ref_template="#/$defs/{model}"), definitions)
    return {
        "title": kind.name,
        "description": kind.summary,
        "type": "object",
        "additionalProperties": False,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": "The form that the document has."},
            "kind": {"const": kind.name, "description": "What it declares."},
            "metadata": metadata,
            "spec": spec,
        },
    }


def _lifted(schema: JsonObject, definitions: JsonObject) -> JsonObject:
    """The schema without its $defs, which go to `definitions`, and without what only pydantic says."""
    inner = schema.pop("$defs", {})
    for name, definition in inner.items() if isinstance(inner, dict) else ():
        definitions[name] = _plain(definition)
    plain = _plain(schema)
    return plain if isinstance(plain, dict) else {}


def _plain(value: JsonValue) -> JsonValue:
    """Optional is not nullable here, generated titles say nothing, and OpenAPI's discriminator is no JSON Schema."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {
        name: _properties(item) if name == "properties" else _plain(item)
        for name, item in value.items()
        if name not in ("title", "discriminator", _OWN) and not (name == "default" and item in (None, {}, []))
    }
    if "patternProperties" in plain:
        plain["additionalProperties"] = False
    return _without_null(plain)


def _properties(value: JsonValue) -> JsonValue:
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def _without_null(schema: JsonObject) -> JsonObject:
    branches = schema.get("anyOf")
    if not isinstance(branches, list) or {"type": "null"} not in branches:
        return schema
    left = [branch for branch in branches if branch != {"type": "null"}]
    rest = {name: item for name, item in schema.items() if name != "anyOf"}
    if len(left) == 1 and isinstance(left[0], dict):
        return {**left[0], **rest}
    return {**rest, "anyOf": left}


def _text(schema: JsonObject) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
