"""kind Provider: an upstream. A tagged union over its `type`."""

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, create_model

from reconciler.field_types import ShortText, Text, Timeout
from reconciler.json_types import MAX_SAFE_INTEGER
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.meta import Strict

Priority = Annotated[int, Field(strict=True, ge=-MAX_SAFE_INTEGER, le=MAX_SAFE_INTEGER)]


class Health(Strict):
    """When it is left alone for a while, by each worker for itself."""

    failureThreshold: Annotated[int, Field(strict=True, ge=0, le=1000)] = Field(
        5,
        description="So many failures in a row, or half of at least twice as many requests within `window`, are enough. "
        "0: it is always asked.",
    )
    window: Timeout = Field("10s", description="How far back the share of failures is counted.")
    openFor: Timeout = Field(
        "5s",
        description="How long nobody asks it then. After that one request at a time does, at most one a second, until one "
        "is answered.",
    )


class ProviderSpec(Strict):
    """The fields that every type has. `spec_of` adds `type` and `config`."""

    displayName: ShortText | None = Field(None, description="Name for people; unique in its namespace.")
    description: Text | None = Field(None, description="What it is for.")
    enabled: bool = Field(True, strict=True, description="Whether it serves requests.")
    priority: Priority = Field(0, description="Higher is tried first; bindings may say otherwise.")
    health: Health | None = Field(
        None,
        description="When it is passed over because it fails: no connection, no answer in time or a broken one, status 401, "
        "408, 429 or 5xx. One that says Retry-After with 429 or 5xx is left alone at once and for that time, a minute at "
        "most.",
    )


def _spec_of(type_name: str) -> type[ProviderSpec]:
    """The spec model of one type: pydantic can tell the branches of a union apart by `type`."""
    title = "".join(word.capitalize() for word in type_name.split("-"))
    tag: object = Literal[type_name]
    config, told = PROVIDER_TYPES[type_name].config, f"What type {type_name} needs."
    needs = any(field.is_required() for field in config.model_fields.values())
    fields: dict[str, tuple[object, object]] = {
        "type": (tag, Field(description="How it is spoken to.")),
        "config": (
            config,
            Field(description=told) if needs else Field({}, validate_default=True, description=told),
        ),
    }
    return create_model(f"{title}ProviderSpec", __base__=ProviderSpec, **fields)  # type: ignore[call-overload,no-any-return]  # the types are rows of the catalog


@cache
def provider_specs() -> Mapping[str, type[ProviderSpec]]:
    """The spec model of each type, one a row of the catalog."""
    return MappingProxyType({name: _spec_of(name) for name in PROVIDER_TYPES})


_SUMMARY = "What every Provider has, and the config that its type needs."


def any_provider_spec() -> TypeAdapter[ProviderSpec]:
    """The union over all types."""
    specs = tuple(provider_specs().values())
    silent = ConfigDict(hide_input_in_errors=True)
    tagged = Field(discriminator="type", description=_SUMMARY)
    return TypeAdapter(Annotated[reduce(or_, specs), tagged], config=silent)  # type: ignore[arg-type]  # as above
