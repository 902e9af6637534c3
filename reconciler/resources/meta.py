"""What every kind has in common: metadata, and the base of all spec models."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reconciler.field_types import ObjectName
from reconciler.resources.resource import DEFAULT_NAMESPACE

LABEL_KEY_PATTERN = r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$"
LabelKey = Annotated[str, StringConstraints(strict=True, pattern=LABEL_KEY_PATTERN)]
LABEL_VALUE_PATTERN = r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$"
LabelValue = Annotated[str, StringConstraints(strict=True, pattern=LABEL_VALUE_PATTERN)]
FINALIZER_PATTERN = LABEL_KEY_PATTERN.replace("(", "(?:")
"""The same names; apart, because what is wrong is told by the pattern."""
Finalizer = Annotated[str, StringConstraints(strict=True, pattern=FINALIZER_PATTERN)]
AnnotationValue = Annotated[str, StringConstraints(strict=True, max_length=16_384)]


def _check_once(finalizers: list[str]) -> list[str]:
    if len(set(finalizers)) < len(finalizers):
        raise PydanticCustomError("once", "a finalizer stands twice; it is a set")
    return finalizers


class Strict(BaseModel):
    """Unknown fields are errors, and no input value stands in a message: it could be a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Metadata(Strict):
    """Who the resource is. Everything else in a stored resource's metadata is written by the system."""

    name: ObjectName = Field(description="Unique in its kind and namespace.")
    namespace: ObjectName = Field(
        DEFAULT_NAMESPACE, description="Where the name counts; references stay inside one namespace."
    )
    labels: dict[LabelKey, LabelValue] = Field({}, description="Words to select and group by.")
    annotations: dict[LabelKey, AnnotationValue] = Field({}, description="Notes for people and tools.")
    finalizers: Annotated[list[Finalizer], AfterValidator(_check_once)] = Field(
        [],
        description="What has to be done before it is gone, as names: a delete marks it, and takes effect when none is left.",
        max_length=64,
        json_schema_extra={"uniqueItems": True, "x-kubernetes-list-type": "set"},
    )
