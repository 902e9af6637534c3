"""The models of the kinds: they check a spec, and say of each field what it is. `scheme` keeps what they say.

Importing them takes longer than all that a `diff` without changes does, so who only reads what they say does not.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.binding import BindingSpec
from reconciler.resources.client_key import ClientKeySpec
from reconciler.resources.meta import Metadata
from reconciler.resources.model import ModelSpec
from reconciler.resources.provider import any_provider_spec, provider_specs
from reconciler.resources.route import RouteSpec
from reconciler.resources.secret import SecretSpec
from reconciler.resources.settings import SettingsSpec
from reconciler.resources.structure import Shape, Structure, structure_of
from reconciler.resources.structure_data import structure_data

_MODELS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "Secret": SecretSpec,
        "Model": ModelSpec,
        "Binding": BindingSpec,
        "Route": RouteSpec,
        "Settings": SettingsSpec,
        "ClientKey": ClientKeySpec,
    }
)
"""Of the kinds whose spec has one form. A Provider's depends on its type."""

_METADATA = ("labels", "annotations", "finalizers")
"""What people own of it."""
_NOTHING: tuple[object, ...] = (None, {}, [])
"""Defaults that say no more than the absence of the field does."""


@cache
def spec_adapter(kind: str) -> TypeAdapter[BaseModel]:
    """Validates the spec of a kind of `kinds.KINDS`. Built when it is first asked for: that takes a while."""
    adapter: TypeAdapter[Any] = any_provider_spec() if kind == "Provider" else TypeAdapter(_MODELS[kind])
    return adapter


def invalid_fields(kind: str, spec: JsonObject) -> tuple[str, ...]:
    """The fields of a spec that its kind does not take, by name; none for a valid one."""
    try:
        spec_adapter(kind).validate_python(spec)
    except ValidationError as error:
        return tuple(sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()}))
    return ()


def facts_of_kinds() -> JsonObject:
    """Kind → {structure, defaults}: as `structure_data` of {"metadata": ..., "spec": ...}; and the defaults of the spec,
    where it has several forms by its `type`, as {values, nested}.
    """
    return {kind: _facts(kind) for kind in ("Provider", *_MODELS)}


def _facts(kind: str) -> JsonObject:
    forms = provider_specs() if kind == "Provider" else {"": _MODELS[kind]}
    return {
        "structure": structure_data(_structure(kind)),
        "defaults": {name: _defaults(model) for name, model in forms.items()},
    }


def _structure(kind: str) -> Structure:
    schema = spec_adapter(kind).json_schema()
    spec = structure_of(schema, schema.get("$defs", {}))
    return Structure(Shape.GRANULAR, MappingProxyType({"metadata": _metadata_structure(), "spec": spec}))


def _metadata_structure() -> Structure:
    schema = Metadata.model_json_schema()
    whole = structure_of(schema, schema.get("$defs", {}))
    return Structure(Shape.GRANULAR, MappingProxyType({name: whole.properties[name] for name in _METADATA}))


def _defaults(model: type[BaseModel]) -> JsonObject:
    """What a model's fields have where nobody writes them, and the same of the models that its fields hold."""
    values: dict[str, JsonValue] = {}
    nested: dict[str, JsonValue] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested[name] = _defaults(field.annotation)
        empty = name in nested and field.default == {}  # it has defaults of its own
        if not field.is_required() and (empty or field.default not in _NOTHING):
            values[name] = field.default
    return {"values": values, "nested": nested}
