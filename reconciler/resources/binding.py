"""kind Binding: a Model served by a Provider."""

from pydantic import Field

from reconciler.field_types import ClientName, ObjectName
from reconciler.resources.meta import Strict
from reconciler.resources.provider import Priority


class BindingSpec(Strict):
    """At most one a pair of model and provider. Order is priority, then name."""

    model: ObjectName = Field(description="Name of the Model.")
    provider: ObjectName = Field(description="Name of the Provider.")
    upstreamModel: ClientName | None = Field(
        None,
        description="What the provider calls the model (default: the Model's name). "
        '"*" passes on what the * of the alias stood for.',
    )
    priority: Priority | None = Field(None, description="Higher is tried first (default: its provider's).")
    enabled: bool = Field(True, strict=True, description="Whether this pair serves requests.")
