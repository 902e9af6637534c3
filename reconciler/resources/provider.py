"""kind Provider: an upstream. A tagged union over its `type`."""

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, create_model

from reconciler.field_types import ShortText, Text
from reconciler.json_types import MAX_SAFE_INTEGER
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.health import Health
from reconciler.resources.limits import Limits
from reconciler.resources.meta import Strict
from reconciler.resources.provider_retry import ProviderRetry

Priority = Annotated[int, Field(strict=True, ge=-MAX_SAFE_INTEGER, le=MAX_SAFE_INTEGER)]


OnClientDisconnect: TypeAlias = Literal["cancel", "drain"]


class ProviderSpec(Strict):
    """The fields that every type has. `spec_of` adds `type` and `config`."""

    displayName: ShortText | None = Field(None, description="Name for people; unique in its namespace.")
    description: Text | None = Field(None, description="What it is for.")
    enabled: bool = Field(True, strict=True, description="Whether it serves requests.")
    priority: Priority = Field(0, description="Higher is tried first; bindings may say otherwise.")
    health: Health | None = Field(
        None,
        description="When it is passed over because it fails: no connection, no answer in time or a broken one, status 401, "
        "408, 429 or 5xx. What shows that it can't be reached or refuses the key (401) counts for the whole provider, all "
        "else for the model that was asked for. One that says Retry-After with 429 or 5xx is left alone at once and for "
        "that time, a minute at most.",
    )
    limits: Limits | None = Field(
        None,
        description="How much it may be asked, by all workers of the store together; without it, as much as clients like.",
    )
    retry: ProviderRetry | None = Field(
        None,
        description="Whether it is asked again for the same request, before the next candidate is (default: it is asked once).",
    )
    onClientDisconnect: OnClientDisconnect = Field(
        "cancel",
        description="What becomes of an answer whose client has gone: `cancel` ends it at once, which stops what it costs; "
        "`drain` reads it to its end, so that its usage is counted as the provider tells it, and its place in `limits` stays taken "
        "until then.",
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
