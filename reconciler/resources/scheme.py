"""The one table of kinds: name, spec model, structure, and how specs are checked and completed with defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, TypeAdapter

from reconciler.json_types import JsonObject
from reconciler.resources.binding import BindingSpec
from reconciler.resources.meta import Metadata
from reconciler.resources.model import ModelSpec
from reconciler.resources.provider import any_provider_spec
from reconciler.resources.secret import SecretSpec
from reconciler.resources.settings import SettingsSpec
from reconciler.resources.structure import Shape, Structure, structure_of


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the scheme. `spec` validates a spec; `structure` is that of {"metadata": ..., "spec": ...}."""

    name: str
    plural: str
    short_names: tuple[str, ...]
    summary: str
    spec: TypeAdapter[BaseModel]
    structure: Structure

    def words(self) -> tuple[str, ...]:
        """All that a command line may call it."""
        return (self.name.lower(), self.plural, *self.short_names)


def _metadata_structure() -> Structure:
    schema = Metadata.model_json_schema()
    whole = structure_of(schema, schema.get("$defs", {}))
    kept = {name: whole.properties[name] for name in ("labels", "annotations")}
    return Structure(Shape.GRANULAR, MappingProxyType(kept))


def _kind(
    name: str, plural: str, short_names: tuple[str, ...], summary: str, adapter: TypeAdapter[Any]
) -> Kind:
    schema = adapter.json_schema()
    spec_structure = structure_of(schema, schema.get("$defs", {}))
    structure = Structure(
        Shape.GRANULAR, MappingProxyType({"metadata": _metadata_structure(), "spec": spec_structure})
    )
    return Kind(name, plural, short_names, summary, adapter, structure)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _kind("Secret", "secrets", (), "Named values that Providers refer to.", TypeAdapter(SecretSpec)),
            _kind("Provider", "providers", ("prov",), "An upstream that serves models.", any_provider_spec()),
            _kind("Model", "models", (), "What clients ask for.", TypeAdapter(ModelSpec)),
            _kind(
                "Binding", "bindings", ("bind",), "A Model served by a Provider.", TypeAdapter(BindingSpec)
            ),
            _kind("Settings", "settings", (), "What holds for a whole namespace.", TypeAdapter(SettingsSpec)),
        )
    }
)
"""In the order in which references allow them to be made: referents first."""


_NOTHING: tuple[object, ...] = (None, {}, [])
"""Defaults that say no more than the absence of the field does."""


def find_kind(word: str) -> Kind | None:
    """The kind that a person calls `word`: its name, plural or short name, in any case."""
    lowered = word.lower()
    return next((kind for kind in KINDS.values() if lowered in kind.words()), None)


def with_defaults(kind: str, spec: JsonObject) -> JsonObject:
    """`spec` completed with the defaults of its kind, as a revision stores it. Expects a valid spec."""
    return _completed(spec, KINDS[kind].spec.validate_python(spec))


def _completed(written: JsonObject, model: BaseModel) -> JsonObject:
    completed = dict(written)
    for name, described in type(model).model_fields.items():
        value = getattr(model, name)
        if name not in written and described.default not in _NOTHING and not described.is_required():
            completed[name] = value
        elif isinstance(value, BaseModel):
            nested = written.get(name)
            if isinstance(nested, dict):
                completed[name] = _completed(nested, value)
    return completed
