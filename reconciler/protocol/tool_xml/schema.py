"""As much of JSON Schema as it takes to read an argument that was written as text: of which kinds it may be, and its parts.

Schemas come from clients. They may be wrong, refer to themselves, or to nothing: what can't be told is anything.
"""

from collections.abc import Iterable, Mapping
from functools import reduce

ANYTHING = frozenset({"string", "number", "integer", "boolean", "null", "array", "object"})
_NOTHING: frozenset[str] = frozenset()
_MAX_REFERENCES = 32
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)

Schema = object
"""As JSON gives it: a dict, a bool, or nonsense."""


class Schemas:
    """The schema of a tool's parameters, which the references in it are about."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._known: dict[int, frozenset[str]] = {}

    def kinds(self, schema: Schema) -> frozenset[str]:
        """Never empty. `number` has `integer` beside it."""
        try:
            return self._kinds(schema) or ANYTHING
        except RecursionError:
            return ANYTHING

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """Those that the schema names, its own and those of its `allOf`."""
        try:
            return self._properties(schema, set())
        except RecursionError:
            return {}

    def items(self, schema: Schema) -> Schema:
        return self.resolved(schema).get("items", True)

    def resolved(self, schema: Schema) -> Mapping[str, object]:
        for _ in range(_MAX_REFERENCES):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema
            schema = self._referred(reference)
        return {}

    def _referred(self, reference: str) -> Schema:
        at: object = self._root
        first, *path = reference.split("/")
        if first != "#":
            return True
        for part in path:
            name = part.replace("~1", "/").replace("~0", "~")
            at = at.get(name, True) if isinstance(at, dict) else True
        return at

    def _kinds(self, schema: Schema) -> frozenset[str]:
        """Empty for a schema that is being looked at already: it refers to itself, and so adds nothing."""
        given = self.resolved(schema)
        if not given:
            return ANYTHING
        known = self._known.get(id(given))
        if known is None:
            self._known[id(given)] = _NOTHING
            known = self._known[id(given)] = self._told(given)
        return known

    def _told(self, given: Mapping[str, object]) -> frozenset[str]:
        either = (map(self._kinds, _list(given.get(name))) for name in ("anyOf", "oneOf"))
        told = [_typed(given), *_of_values(given), *(_NOTHING.union(*kinds) for kinds in either)]
        told += map(self._kinds, _list(given.get("allOf")))
        return reduce(frozenset.intersection, filter(None, told), ANYTHING)

    def _properties(self, schema: Schema, seen: set[int]) -> dict[str, Schema]:
        given = self.resolved(schema)
        if id(given) in seen:
            return {}
        seen.add(id(given))
        own = given.get("properties")
        found: dict[str, Schema] = dict(own) if isinstance(own, dict) else {}
        for part in _list(given.get("allOf")):
            found = {**self._properties(part, seen), **found}
        return found


def kind_of(value: object) -> str:
    """Of a value as JSON gives it."""
    return next((kind for type_, kind in _TYPES if isinstance(value, type_)), "null")


def _typed(given: Mapping[str, object]) -> frozenset[str]:
    written = given.get("type")
    names = frozenset(name for name in _list(written) or [written] if isinstance(name, str)) & ANYTHING
    if not names and "properties" in given:
        names = frozenset({"object"})
    if not names and "items" in given:
        names = frozenset({"array"})
    if names and given.get("nullable") is True:
        names |= {"null"}
    return names | {"integer"} if "number" in names else names


def _of_values(given: Mapping[str, object]) -> Iterable[frozenset[str]]:
    if "const" in given:
        yield frozenset({kind_of(given["const"])})
    yield frozenset(map(kind_of, _list(given.get("enum"))))


def _list(given: object) -> list[object]:
    return given if isinstance(given, list) else []
