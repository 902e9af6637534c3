"""kind Route: who serves the requests that it matches, before the Bindings of the model that was asked for decide."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import ClientName, ObjectName, ShortText, Timeout
from reconciler.json_types import MAX_SAFE_INTEGER
from reconciler.resources.binding import Weight
from reconciler.resources.meta import Strict
from reconciler.resources.provider import Priority
from reconciler.resources.route_policy import (
    RouteHedge,
    RouteRetry,
    RouteShadow,
    RouteTimeouts,
    Threshold,
    Workers,
)

MAX_TARGETS = 64
MAX_CONDITIONS = 64
_TOKEN = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$"  # noqa: S105  the names of headers
_CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-goog-api-key"}
)
_WEIGHING = ("weighted", "least-busy", "sticky")
"""The strategies in which a weight counts."""


def _check_header(name: str) -> str:
    if not re.match(_TOKEN, name):
        raise PydanticCustomError("header", "the name of a header is not one that HTTP allows")
    if name.lower() in _CREDENTIALS:
        raise PydanticCustomError(
            "header",
            '"{name}" holds a credential, which no Route looks at; let clients send a header of your own',
            {"name": name},
        )
    return name


HeaderName = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_check_header),
    WithJsonSchema({"type": "string", "pattern": _TOKEN}),
]
HeaderValue = Annotated[
    str,
    StringConstraints(
        strict=True, min_length=1, max_length=1024, pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"
    ),
]
PromptSize = Annotated[int, Field(strict=True, ge=0, le=MAX_SAFE_INTEGER)]
Capability = Literal["tools", "vision", "json-schema", "audio"]
Strategy = Literal["priority", "weighted", "least-busy", "lowest-latency", "cheapest", "sticky"]


class HeaderMatch(Strict):
    """A header of the client's request; content-length is none that is looked at."""

    name: HeaderName = Field(description="Its name, in any case.")
    value: HeaderValue = Field(description="What it is compared with; upper and lower case differ.")
    type: Literal["exact", "prefix", "glob"] | None = Field(
        None,
        description="How (default: exact). In a glob each * stands for any text, also for none: `*` asks that the header "
        "is there and not empty.",
    )


class PromptTokens(Strict):
    """Both ends belong to it."""

    min: PromptSize | None = Field(None, description="At least so many (default: 0).")
    max: PromptSize | None = Field(None, description="At most so many (default: any number).")

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("prompt_tokens", "expected min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise PydanticCustomError(
                "prompt_tokens", "min is greater than max, so no request has such a size"
            )
        return self


class RouteMatch(Strict):
    """All that is given must hold."""

    models: list[ClientName] | None = Field(
        None,
        description="What the client asks for, or the Model that this means, is one of these; each * stands for any text. "
        "Also names that no Model has, where they are named here. Default: every Model, and a request that names none.",
        min_length=1,
        max_length=MAX_CONDITIONS,
    )
    clients: list[ShortText] | None = Field(
        None,
        description="The key that came with it is of a ClientKey with one of these names; each * stands for any text. Where no "
        "keys are asked for (`auth.dataPlane` of the Settings) nothing matches.",
        min_length=1,
        max_length=MAX_CONDITIONS,
    )
    taskTypes: list[ShortText] | None = Field(
        None,
        description="The header X-Task-Type is one of these, or else `task_type` in the `metadata` of the body.",
        min_length=1,
        max_length=MAX_CONDITIONS,
    )
    headers: list[HeaderMatch] | None = Field(
        None, description="All of these are so.", min_length=1, max_length=16
    )
    promptTokens: PromptTokens | None = Field(
        None,
        description="How long the prompt is, at one token for four bytes of its texts, tools included. A form (multipart) "
        "has none.",
    )
    capabilities: list[Capability] | None = Field(
        None,
        description="The request needs all of these: tools (it brings some), vision (pictures), json-schema (an answer of "
        "a given schema), audio (sound, either way).",
        min_length=1,
        max_length=4,
    )


class RouteTarget(Strict):
    """A Model as its Bindings serve it, or one Binding, by its Model and its Provider."""

    model: ObjectName | None = Field(
        None,
        description="Name of a Model, which takes the place of the one that was asked for (default: that one).",
    )
    provider: ObjectName | None = Field(
        None,
        description="Name of a Provider that the model is bound to (default: all of them, in the order of the Bindings, "
        "the active provider first).",
    )
    priority: Priority | None = Field(
        None,
        description="Higher is tried first (default: 0). Between targets of one priority the strategy decides; the lower "
        "ones are fallbacks.",
    )
    weight: Weight | None = Field(
        None,
        description="Its share among targets of one priority (default: 1), with strategy weighted, least-busy or sticky. "
        "0: it is only asked when no other answers.",
    )
    timeout: Timeout | None = Field(
        None, description="Takes the place of the `timeout` of its Provider, and bounds the firstByteTimeout."
    )

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if self.model is None and self.provider is None:
            raise PydanticCustomError("target", "expected a model, a provider or both")
        return self


class Sticky(Strict):
    """What keeps requests together."""

    header: HeaderName | None = Field(
        None,
        description="Requests with the same value of this header get the same order of targets, in every worker, and a "
        "target that comes or goes moves no more than its share. Requests without it are spread by weight.",
    )
    client: Literal[True] | None = Field(
        None, description="In place of a header: all requests of a ClientKey get the same order."
    )

    @model_validator(mode="after")
    def _goes_by_one_thing(self) -> Self:
        if (self.header is None) == (self.client is None):
            raise PydanticCustomError("sticky", "expected exactly one of header and client: true")
        return self


class RouteSpec(Strict):
    """Of the Routes that match a request one decides, and its targets alone serve it: no Binding beside them does."""

    enabled: bool = Field(True, strict=True, description="Whether it decides anything.")
    priority: Priority = Field(
        0,
        description="Of two Routes that match, that with the higher one decides; of one priority, that with more conditions "
        "(each header is one); of as many, one without a * in its models; then that whose name comes first.",
    )
    match: RouteMatch | None = Field(
        None, description="Which requests it decides. Default: all that ask for a Model, or name none."
    )
    strategy: Strategy = Field(
        "priority",
        description="Which of the targets of one priority is tried first: `priority`, the one that is written first; "
        "`weighted`, each as often as its weight says; `least-busy`, the one that the worker has the fewest requests under "
        "way at, for its weight; `lowest-latency`, the one whose first bytes came soonest of late, times the requests "
        "under way; `cheapest`, the one whose Model has the lowest prices, input and output together, and at last those "
        "that tell none; `sticky`, as `sticky` says. A Provider that is left alone because it fails comes last.",
    )
    targets: list[RouteTarget] | None = Field(
        None,
        description="Who serves. Models that tell capabilities and lack one that the request needs (tools, vision, "
        "json-schema, audio) are passed over. Default: the Bindings of the model that was asked for; any strategy but "
        "priority then decides between those of one priority, whichever provider is the active one.",
        min_length=1,
        max_length=MAX_TARGETS,
    )
    sticky: Sticky | None = Field(None, description="What strategy sticky goes by.")
    timeouts: RouteTimeouts | None = Field(None, description="How long its requests may take.")
    retry: RouteRetry | None = Field(None, description="When another candidate is tried.")
    hedge: RouteHedge | None = Field(
        None,
        description="A second Provider for requests that the first one is slow to answer. Both may have read the request, and "
        "one may go on writing what nobody gets: leave it out where asking twice does harm.",
    )
    shadow: RouteShadow | None = Field(
        None, description="Who is sent requests as well, to see how it does, without anybody noticing."
    )
    parallelThreshold: Threshold | None = Field(
        None,
        description="An embeddings request with so many inputs or more is sent in parts of at most as many, to all that may "
        "serve it in turn, the others being each part's fallbacks, and answered as one, in order. All that may serve it "
        "must give comparable vectors (default: requests are sent whole).",
    )
    maxParallelWorkers: Workers | None = Field(
        None,
        description="How many parts are under way at a time (default: 3), and how many there are at least.",
    )

    @model_validator(mode="after")
    def _policies_act(self) -> Self:
        if self.maxParallelWorkers is not None and self.parallelThreshold is None:
            raise PydanticCustomError(
                "maxParallelWorkers", "maxParallelWorkers acts on nothing without parallelThreshold"
            )
        if self.hedge is not None and self.retry is not None and self.retry.attempts == 1:
            raise PydanticCustomError(
                "hedge", "hedge acts on nothing with retry.attempts: 1; a rival is a second attempt"
            )
        return self

    @model_validator(mode="after")
    def _every_field_acts(self) -> Self:
        if (self.strategy == "sticky") != (self.sticky is not None):
            message = "strategy sticky needs it: write sticky: {header: NAME} or sticky: {client: true}"
            if self.sticky is not None:
                message = "acts on nothing without strategy: sticky"
            raise PydanticCustomError("sticky", "sticky: {message}", {"message": message})
        if self.targets is None:
            if self.strategy == "cheapest":
                raise PydanticCustomError(
                    "strategy", "the Bindings of one Model have one price: strategy cheapest needs targets"
                )
            return self
        seen = {(each.model, each.provider) for each in self.targets}
        if len(seen) < len(self.targets):
            raise PydanticCustomError(
                "targets", "a model and provider stand twice in targets; keep one of them"
            )
        if self.strategy not in _WEIGHING and any(each.weight is not None for each in self.targets):
            raise PydanticCustomError(
                "weight",
                "a weight acts on nothing with strategy {strategy}; it does with {weighing}",
                {"strategy": self.strategy, "weighing": ", ".join(_WEIGHING)},
            )
        return self
