"""What the fields of each kind are: the model that checks its spec, the structure, and completion with defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, TypeAdapter

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.binding import BindingSpec
from reconciler.resources.meta import Metadata
from reconciler.resources.model import ModelSpec
from reconciler.resources.provider import any_provider_spec, provider_specs
from reconciler.resources.secret import SecretSpec
from reconciler.resources.settings import SettingsSpec
from reconciler.resources.structure import Shape, Structure, structure_of

_MODELS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {"Secret": SecretSpec, "Model": ModelSpec, "Binding": BindingSpec, "Settings": SettingsSpec}
)
"""Of the kinds whose spec has one form. A Provider's depends on its type."""

_NOTHING: tuple[object, ...] = (None, {}, [])
"""Defaults that say no more than the absence of the field does."""


@cache
def spec_adapter(kind: str) -> TypeAdapter[BaseModel]:
    """Validates the spec of a kind of `kinds.KINDS`. Built when it is first asked for: that takes a while."""
    adapter: TypeAdapter[Any] = any_provider_spec() if kind == "Provider" else TypeAdapter(_MODELS[kind])
    return adapter


@cache
def structure_of_kind(kind: str) -> Structure:
    """The structure of {"metadata": ..., "spec": ...}."""
    schema = spec_adapter(kind).json_schema()
    spec_structure = structure_of(schema, schema.get("$defs", {}))
    return Structure(
        Shape.GRANULAR, MappingProxyType({"metadata": _metadata_structure(), "spec": spec_structure})
    )


@cache
def _metadata_structure() -> Structure:
    schema = Metadata.model_json_schema()
    whole = structure_of(schema, schema.get("$defs", {}))
    kept = {name: whole.properties[name] for name in ("labels", "annotations", "finalizers")}
    return Structure(Shape.GRANULAR, MappingProxyType(kept))


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What a model's fields have where nobody writes them, and the same of the models that its fields hold."""

    values: Mapping[str, JsonValue]
    nested: Mapping[str, "_Defaults"]


def with_defaults(kind: str, spec: JsonObject) -> JsonObject:
    """`spec` completed with the defaults of its kind, as a revision stores it. Expects a valid spec."""
    model = provider_specs()[str(spec["type"])] if kind == "Provider" else _MODELS[kind]
    return _completed(spec, _defaults_of(model))


def _completed(written: JsonObject, defaults: _Defaults) -> JsonObject:
    completed = dict(written)
    for name, value in defaults.values.items():
        completed.setdefault(name, value)
    for name, inner in defaults.nested.items():
        value = completed.get(name)
        if isinstance(value, dict):
            completed[name] = _completed(value, inner)
    return completed


@cache
def _defaults_of(model: type[BaseModel]) -> _Defaults:
    values: dict[str, JsonValue] = {}
    nested: dict[str, _Defaults] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested[name] = _defaults_of(field.annotation)
        empty = name in nested and field.default == {}  # it has defaults of its own
        if not field.is_required() and (empty or field.default not in _NOTHING):
            values[name] = field.default
    return _Defaults(MappingProxyType(values), MappingProxyType(nested))
