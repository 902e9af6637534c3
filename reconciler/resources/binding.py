"""kind Binding: a Model served by a Provider."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import ClientName, ObjectName
from reconciler.field_values import MAX_TEXT
from reconciler.protocol.header_names import CONNECTION, CREDENTIALS, REDIRECTING, is_name
from reconciler.protocol.header_templates import MAX_TEMPLATE, Unreadable, pieces
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
MAX_HEADERS = 32


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


def _check_header_name(name: str) -> str:
    lowered = name.lower()
    if not is_name(name):
        raise PydanticCustomError("header", "the name of a header is not one that HTTP allows")
    if lowered in CREDENTIALS:
        message = '"{name}" would hold a credential; use apiKey of the Provider, which is kept secret'
    elif lowered in CONNECTION:
        message = '"{name}" is set by the gateway itself'
    elif lowered in REDIRECTING:
        message = (
            '"{name}" tells servers another host, path or method, which only the Provider\'s baseURL says'
        )
    else:
        return name
    raise PydanticCustomError("header", message, {"name": name})


def _check_template(written: str) -> str:
    try:
        pieces(written)
    except Unreadable as unreadable:
        raise PydanticCustomError("header", "{words}", {"words": unreadable.words}) from None
    return written


HeaderName = Annotated[str, AfterValidator(_check_header_name)]
HeaderTemplate = Annotated[
    str,
    Field(strict=True),
    AfterValidator(_check_template),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_TEMPLATE}),
]


class BindingConfig(Strict):
    """Changes of the request that the provider gets: of its JSON body, and of its headers."""

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
    headers: dict[HeaderName, HeaderTemplate] = Field(
        {},
        description="Headers that are set on the request, instead of the Provider's of the same name. In a value, {model} "
        "stands for what the client asks for, {upstreamModel} for the provider's name of it, {provider} for the Provider, "
        "{requestId} for x-routerctl-request-id, and {header.X-Team} for that header of the client's request; {{ and }} are "
        "braces. A header with a placeholder that stands for nothing, or for what is not printable ASCII of at most 1024 "
        "characters, is left out.",
        max_length=MAX_HEADERS,
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

    @field_validator("headers")
    @classmethod
    def _each_header_once(cls, written: dict[str, str]) -> dict[str, str]:
        if len({name.lower() for name in written}) < len(written):
            raise PydanticCustomError("headers", "two headers differ only in case")
        return written


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
        "whose name comes first. It is an order, and no share of the requests, but where a Route without targets has the "
        "strategy weighted, least-busy or sticky.",
    )
    default: bool = Field(
        False,
        strict=True,
        description="Whether the Model is the provider's default. It serves requests that name no model while the provider "
        "is the active one and the Settings name no defaultModel. At most one a provider; a disabled one does not count.",
    )
    config: BindingConfig | None = Field(
        None,
        description="What becomes of a request for this pair of model and provider: parameter defaults and overrides in "
        "the JSON body that the provider gets, and headers. All else goes on as the client wrote it. The bodies of forms "
        "(multipart) and of requests that only count tokens are left as they are.",
    )
    enabled: bool = Field(True, strict=True, description="Whether this pair serves requests.")
