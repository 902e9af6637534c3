"""The fields of a kind as people ask for them, read off its JSON Schema: `explain` and the reference page show them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.json_types import MAX_SAFE_INTEGER, JsonObject, JsonValue
from reconciler.late import late
from reconciler.resources.kinds import Kind
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure

if TYPE_CHECKING:
    from reconciler.control.manifest import explanations
    from reconciler.control.manifest import schema as schemas
else:
    explanations = late("reconciler.control.manifest.explanations")
    schemas = late("reconciler.control.manifest.schema")

OBJECT = "Object"
_NAMED = {Shape.DURATION: "duration", Shape.SECRET: "secret"}
_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
    "format": "format {}",
}
_LEAST = ("minLength", "minItems", "minProperties")
_UNBOUND = (MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER)
"""Bounds of every integer: they say nothing about a field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `type` as kubectl writes it: string, []string, map[string]string, Object; duration and secret are ours.

    fields: what it holds; of a list or map, what each item holds. provider_types: those that take it, where not all do.
    """

    name: str
    type: str
    description: str
    required: bool = False
    default: JsonValue = None
    enum: tuple[JsonValue, ...] = ()
    limits: tuple[str, ...] = ()
    examples: tuple[JsonValue, ...] = ()
    fields: tuple["Field", ...] = ()
    provider_types: tuple[str, ...] = ()

    def child(self, name: str) -> "Field | None":
        return next((field for field in self.fields if field.name == name), None)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Field"]]:
        """All fields inside, with their paths, in the order in which they are written."""
        for field in self.fields:
            yield (*path, field.name), field
            yield from field.walk((*path, field.name))


def document_of(kind: Kind, provider_type: str | None = None) -> Field:
    """A whole document of `kind`, as one field. provider_type: with what that type takes, and nothing else."""
    schema = schemas.kind_schema(kind)
    reader = _Reader(schema.get("$defs"), provider_type)
    structure = structure_of_kind(kind.name)
    return reader.field(kind.name, {**schema, "description": kind.summary}, structure, required=True)


class _Reader:
    def __init__(self, definitions: JsonValue, provider_type: str | None) -> None:
        self._definitions = definitions if isinstance(definitions, dict) else {}
        self._provider_type = provider_type

    def field(self, name: str, written: JsonObject, structure: Structure, *, required: bool) -> Field:
        schema = self._resolved(written)
        branches = self._branches(schema)
        described = schema.get("description")
        examples, enum = schema.get("examples"), schema.get("enum")
        const = schema.get("const")
        return Field(
            name,
            self._type(schema, branches, structure),
            described if isinstance(described, str) else "",
            required,
            schema.get("default"),
            tuple(enum) if isinstance(enum, list) else (const,) if const is not None else (),
            tuple(self._limits(schema, branches, structure)),
            tuple(examples) if isinstance(examples, list) else (),
            self._fields(schema, branches, structure),
        )

    def _resolved(self, schema: JsonObject) -> JsonObject:
        reference = schema.get("$ref")
        target = self._definitions.get(reference.rsplit("/", 1)[1]) if isinstance(reference, str) else None
        return {**target, **schema} if isinstance(target, dict) else schema

    def _branches(self, schema: JsonObject) -> list[JsonObject]:
        """What the value may be: of a union of provider types, those that are asked for."""
        for word in ("oneOf", "anyOf"):
            listed = schema.get(word)
            if isinstance(listed, list):
                resolved = [self._resolved(item) for item in listed if isinstance(item, dict)]
                wanted = [branch for branch in resolved if self._provider_type in (None, _tag(branch), "")]
                return wanted if any(_tag(branch) for branch in resolved) else resolved
        return []

    def _type(self, schema: JsonObject, branches: Sequence[JsonObject], structure: Structure) -> str:
        if structure.shape in _NAMED:
            return _NAMED[structure.shape]
        if isinstance(schema.get("type"), list):
            return "any"
        if branches:
            return "|".join(dict.fromkeys(self._type(branch, [], structure) for branch in branches))
        if schema.get("type") == "array":
            return f"[]{self._item_type(schema.get('items'), structure)}"
        values = _map_values(schema)
        if values is not None:
            return f"map[string]{self._item_type(values, structure)}"
        named = schema.get("type")
        if named == "object":
            return OBJECT
        return named if isinstance(named, str) else "string"

    def _item_type(self, items: JsonValue, structure: Structure) -> str:
        schema = self._resolved(items) if isinstance(items, dict) else {}
        return self._type(schema, self._branches(schema), structure.values or Structure())

    def _limits(
        self, schema: JsonObject, branches: Sequence[JsonObject], structure: Structure
    ) -> Iterator[str]:
        if structure.shape is Shape.DURATION:
            yield "a text such as 90s, 250ms or 1h30m, or an integer of milliseconds"
            least = [each.get("minimum") for each in branches if each.get("type") == "integer"]
            yield from (f"an integer is at least {bound}" for bound in least if bound)
            return
        if structure.shape is Shape.SECRET and branches:
            yield "a text, which apply moves to the vault, or exactly one of its fields"
            return
        for word, text in _LIMITS.items():
            bound = schema.get(word)
            if bound is not None and bound not in _UNBOUND:
                yield "not empty" if word in _LEAST and bound == 1 else text.format(bound)
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and "format" not in schema:
            yield _form(pattern)
        items = schema.get("items") if schema.get("type") == "array" else _map_values(schema)
        if isinstance(items, dict) and "properties" not in self._resolved(items):
            yield from (f"each: {text}" for text in self._limits(items, [], Structure()))
        patterns, names = schema.get("patternProperties"), schema.get("propertyNames")
        keys = list(patterns) if isinstance(patterns, dict) else []
        keys += [str(names["pattern"])] if isinstance(names, dict) and "pattern" in names else []
        yield from (f"keys: {_form(key)}" for key in keys)

    def _fields(
        self, schema: JsonObject, branches: Sequence[JsonObject], structure: Structure
    ) -> tuple[Field, ...]:
        if branches:
            found = [(_tag(branch), self._fields(branch, [], structure)) for branch in branches]
            return _merged([(tag, fields) for tag, fields in found if fields])
        items = schema.get("items") if schema.get("type") == "array" else _map_values(schema)
        if isinstance(items, dict):
            inner = self._resolved(items)
            return self._fields(inner, self._branches(inner), structure.values or Structure())
        properties, required = schema.get("properties"), schema.get("required")
        needed = required if isinstance(required, list) else []
        return tuple(
            self.field(name, child, structure.child(name), required=name in needed)
            for name, child in (properties.items() if isinstance(properties, dict) else ())
            if isinstance(child, dict)
        )


def _form(pattern: str) -> str:
    form = explanations.FORMS.get(pattern)
    return form[1] if form is not None else f"matches {pattern}"


def _tag(branch: JsonObject) -> str:
    """The provider type whose spec the branch is; "" for any other branch."""
    properties = branch.get("properties")
    tag = properties.get("type") if isinstance(properties, dict) else None
    const = tag.get("const") if isinstance(tag, dict) else None
    return const if isinstance(const, str) else ""


def _map_values(schema: JsonObject) -> JsonObject | None:
    patterns, additional = schema.get("patternProperties"), schema.get("additionalProperties")
    if isinstance(patterns, dict) and patterns:
        additional = next(iter(patterns.values()))
    return additional if isinstance(additional, dict) else None


def _merged(branches: Sequence[tuple[str, tuple[Field, ...]]]) -> tuple[Field, ...]:
    """One list of fields for all branches. A field that not all provider types take names those that do."""
    named: dict[str, dict[str, Field]] = {}
    for tag, fields in branches:
        for field in fields:
            named.setdefault(field.name, {})[tag] = field
    return tuple(_joined(found, len(branches)) for found in named.values())


def _joined(found: Mapping[str, Field], of: int) -> Field:
    fields = list(found.values())
    first = fields[0]
    takers = tuple(found) if len(found) < of else ()
    differ = any(field != first for field in fields)
    if not differ:
        return replace(first, provider_types=takers)
    return replace(
        first,
        description="What the type needs." if first.fields else first.description,
        required=all(field.required for field in fields),
        enum=tuple(dict.fromkeys(value for field in fields for value in field.enum)),
        fields=_merged([(tag, field.fields) for tag, field in found.items()]),
        provider_types=takers,
    )
