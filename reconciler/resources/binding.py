"""kind Binding: a Model served by a Provider."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from reconciler.field_types import MAX_TEXT, ClientName, ObjectName
from reconciler.resources.meta import Strict
from reconciler.resources.provider import Priority


def _check_upstream_model(written: str) -> str:
    if "*" in written and written != "*":
        raise PydanticCustomError(
            "upstream_model",
            "* stands alone here, for what the * of the alias took; write the whole name, or just *",
        )
    return written


UpstreamModel = Annotated[
    ClientName,
    AfterValidator(_check_upstream_model),
    WithJsonSchema({"type": "string", "pattern": r"^(\*|[^*]+)$", "maxLength": MAX_TEXT}),
]


class BindingSpec(Strict):
    """At most one a pair of model and provider. Order is priority, then name."""

    model: ObjectName = Field(description="Name of the Model.")
    provider: ObjectName = Field(description="Name of the Provider.")
    upstreamModel: UpstreamModel | None = Field(
        None,
        description="What the provider calls the model (default: the Model's name). "
        '"*" sends what the * of the alias took: with the alias "local/*", "phi" for a request for "local/phi"; for a '
        'request by another name or alias, the Model\'s name. A request for "local/" alone passes this binding over.',
    )
    priority: Priority | None = Field(None, description="Higher is tried first (default: its provider's).")
    enabled: bool = Field(True, strict=True, description="Whether this pair serves requests.")
