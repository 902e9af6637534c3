"""The fields of what stands in a list. Structures know none of them: whoever owns a list owns all of it."""

from collections.abc import Iterator, Sequence

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.specs import spec_adapter


def fields_of_items(kind: str, path: Sequence[str | int]) -> list[str]:
    """The known fields at `path` below the spec of a kind; empty where there are none."""
    schema: JsonObject = spec_adapter(kind).json_schema()
    definitions = schema.get("$defs")
    found = [*_plain(schema, definitions)]
    for element in path:
        found = [each for node in found for each in _below(node, element, definitions)]
    return list(dict.fromkeys(name for node in found for name in _object(node.get("properties"))))


def _below(node: JsonObject, element: str | int, definitions: JsonValue) -> Iterator[JsonObject]:
    properties = _object(node.get("properties"))
    below = node.get("items") if isinstance(element, int) else properties.get(element)
    if isinstance(below, dict):
        yield from _plain(below, definitions)


def _plain(node: JsonObject, definitions: JsonValue) -> Iterator[JsonObject]:
    """Without references and alternatives."""
    reference = node.get("$ref")
    if isinstance(reference, str):
        target = _object(definitions).get(reference.rpartition("/")[2])
        yield from _plain(target, definitions) if isinstance(target, dict) else ()
        return
    for word in ("anyOf", "oneOf", "allOf"):
        alternatives = node.get(word)
        for each in alternatives if isinstance(alternatives, list) else ():
            yield from _plain(each, definitions) if isinstance(each, dict) else ()
    yield node


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
