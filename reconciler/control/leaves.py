"""The fields of an object that hold a value: the ends of its maps. Lists, durations and secrets are whole."""

from collections.abc import Mapping
from typing import TypeAlias

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.structure import Shape, Structure

Names: TypeAlias = tuple[str, ...]
Leaves: TypeAlias = dict[Names, tuple[JsonValue, Structure]]


def leaves(content: JsonObject, structure: Structure) -> Leaves:
    """Each with its value and structure, in the order in which they stand. An empty map is one."""
    found: Leaves = {}
    _collect(content, structure, (), found)
    return found


def _collect(value: JsonValue, structure: Structure, path: Names, found: Leaves) -> None:
    if structure.shape is Shape.GRANULAR and isinstance(value, dict) and (value or not path):
        for name, item in value.items():
            _collect(item, structure.child(name), (*path, name), found)
    else:
        found[path] = value, structure


def object_of(values: Mapping[Names, JsonValue]) -> JsonObject:
    """The object that has these leaves. Where one stands inside another, the inner one counts."""
    whole: JsonObject = {}
    for path, value in sorted(values.items(), key=lambda item: len(item[0])):
        node = whole
        for name in path[:-1]:
            child = node.get(name)
            if not isinstance(child, dict):
                child = {}
            node[name] = child
            node = child
        node[path[-1]] = dict(value) if isinstance(value, dict) else value
    return whole
