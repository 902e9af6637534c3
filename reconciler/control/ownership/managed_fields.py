"""managedFields as JSON, as the Kubernetes API writes them."""

import json
from collections.abc import Iterable

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager

_MAX_DEPTH = 64
_FIELDS_TYPE = "FieldsV1"


def managed_fields_json(entries: Iterable[FieldManager], api_version: str) -> list[JsonValue]:
    """The list that stands in metadata.managedFields."""
    return [_entry_json(entry, api_version) for entry in entries]


def _entry_json(entry: FieldManager, api_version: str) -> JsonObject:
    written: JsonObject = {
        "manager": entry.manager,
        "operation": entry.operation,
        "apiVersion": api_version,
        "time": entry.time,
        "fieldsType": _FIELDS_TYPE,
        "fieldsV1": entry.fields,
    }
    if entry.subresource:
        written["subresource"] = entry.subresource
    return written


def managers_of(value: JsonValue) -> tuple[FieldManager, ...] | None:
    """The entries that a client sent as metadata.managedFields. None where they are not readable.

    [] and [{}] are how a client clears them.
    """
    if not isinstance(value, list):
        return None
    if value == [{}]:
        return ()
    entries = [_entry(item) for item in value]
    read = tuple(entry for entry in entries if entry is not None)
    return read if len(read) == len(entries) else None


def _entry(value: JsonValue) -> FieldManager | None:
    if not isinstance(value, dict) or value.get("fieldsType") != _FIELDS_TYPE or not value.get("apiVersion"):
        return None
    manager, operation, time = value.get("manager"), value.get("operation"), value.get("time", "")
    subresource = value.get("subresource", "")
    fields = _fields(value.get("fieldsV1", {}), 0)
    if operation not in ("Apply", "Update") or fields is None:
        return None
    if not (isinstance(manager, str) and isinstance(time, str) and isinstance(subresource, str)):
        return None
    return FieldManager(manager, "Apply" if operation == "Apply" else "Update", fields, time, subresource)


def _fields(value: JsonValue, depth: int) -> JsonObject | None:
    """A FieldsV1 with its keys written as we write them; None where it is none."""
    if not isinstance(value, dict) or depth > _MAX_DEPTH:
        return None
    fields: JsonObject = {}
    for name, child in value.items():
        key, below = _key(name), _fields(child, depth + 1)
        if key is None or below is None:
            return None
        fields[key] = below
    return fields


def _key(name: str) -> str | None:
    prefix, _, rest = name.partition(":")
    if name == "." or prefix == "f":
        return name
    try:
        parsed = json.loads(rest)
    except ValueError:
        return None
    if not (prefix == "v" or (prefix == "k" and isinstance(parsed, dict))):
        return None
    return f"{prefix}:{json.dumps(parsed, sort_keys=True, separators=(',', ':'), ensure_ascii=False)}"
