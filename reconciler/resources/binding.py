"""kind Binding: a Model served by a Provider."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import MAX_TEXT, ClientName, ObjectName
from reconciler.protocol.parameters import FIXED
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


Weight = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


MAX_PARAMETERS = 64


def _check_parameter(name: str) -> str:
    if name in FIXED:
        raise PydanticCustomError(
            "parameter",
            "no Binding can change this one: {fixed} are what the client asks, or what the gateway reads and sets itself",
            {"fixed": ", ".join(sorted(FIXED))},
        )
    return name


def _check_value(written: object) -> object:
    if isinstance(written, float):
        raise PydanticCustomError("float", 'a number with a fraction is written as text, such as "0.2"')
    for inner in (
        written.values() if isinstance(written, dict) else written if isinstance(written, list) else ()
    ):
        _check_value(inner)
    return written


Parameter = Annotated[ClientName, AfterValidator(_check_parameter)]
ParameterValue = Annotated[
    object,
    BeforeValidator(_check_value),
    WithJsonSchema({"type": ["string", "integer", "boolean", "array", "object"]}),
]


class BindingConfig(Strict):
    """Changes of the JSON body that the provider gets."""

    defaults: dict[Parameter, ParameterValue] = Field(
        {},
        description="Parameters that are set where the client's body lacks them. A number with a fraction is a text: "
        '`temperature: "0.2"` is sent as the number 0.2, and so is every value that is such a text. Inside lists and '
        "objects a text stays a text.",
        max_length=MAX_PARAMETERS,
    )
    overrides: dict[Parameter, ParameterValue] = Field(
        {},
        description="Parameters that are set whatever the client's body says, written as `defaults` are.",
        max_length=MAX_PARAMETERS,
    )
    drop: list[Parameter] = Field(
        [], description="Parameters that are taken out of the client's body.", max_length=MAX_PARAMETERS
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        """A second word on a parameter would act on nothing."""
        seen: set[str] = set()
        for name in (*self.defaults, *self.overrides, *self.drop):
            if name in seen:
                message = '"{name}" stands twice in defaults, overrides and drop; keep one of the two'
                raise PydanticCustomError("parameters", message, {"name": name})
            seen.add(name)
        return self


class BindingSpec(Strict):
    """At most one a pair of model and provider. Order is priority, then weight, then name."""

    model: ObjectName = Field(description="Name of the Model.")
    provider: ObjectName = Field(description="Name of the Provider.")
    upstreamModel: UpstreamModel | None = Field(
        None,
        description="What the provider calls the model (default: the Model's name). "
        '"*" sends what the * of the alias took: with the alias "local/*", "phi" for a request for "local/phi"; for a '
        'request by another name or alias, the Model\'s name. A request for "local/" alone passes this binding over.',
    )
    priority: Priority | None = Field(None, description="Higher is tried first (default: its provider's).")
    weight: Weight = Field(
        1,
        description="Of Bindings of one priority, the one with the higher weight is tried first; of one weight, the one "
        "whose name comes first. It is an order, and no share of the requests.",
    )
    default: bool = Field(
        False,
        strict=True,
        description="Whether the Model is the provider's default. It serves requests that name no model while the provider "
        "is the active one and the Settings name no defaultModel. At most one a provider; a disabled one does not count.",
    )
    config: BindingConfig | None = Field(
        None,
        description="Parameter defaults and overrides for this pair of model and provider, in the JSON body that the "
        "provider gets; all else of it goes on as the client wrote it. Forms (multipart) and requests that only count "
        "tokens are left as they are.",
    )
    enabled: bool = Field(True, strict=True, description="Whether this pair serves requests.")
