"""What a Route asks beside who serves: deadlines, retries, hedges, a shadow."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import ObjectName, Timeout
from reconciler.resources.meta import Strict

MAX_ATTEMPTS = 64
MAX_ITEMS = 100_000
MAX_WORKERS = 64

Status = Annotated[int, Field(strict=True, ge=400, le=599)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Threshold = Annotated[int, Field(strict=True, ge=2, le=MAX_ITEMS)]
Workers = Annotated[int, Field(strict=True, ge=1, le=MAX_WORKERS)]


class RouteTimeouts(Strict):
    """How long its requests may take."""

    total: Timeout | None = Field(
        None,
        description="The whole request, from its first attempt to the last byte of its answer: fallbacks, hedges, retries "
        "and streams. A client that got no byte by then gets 504 (default: no bound but those of the attempts).",
    )
    firstByte: Timeout | None = Field(
        None,
        description="The first bytes of each attempt's answer, in place of the Providers' and the targets' own; whoever is "
        "later is left for the next candidate.",
    )

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.total is None and self.firstByte is None:
            raise PydanticCustomError("timeouts", "expected total, firstByte or both")
        return self


class RouteRetry(Strict):
    """When another candidate is tried."""

    attempts: Annotated[int, Field(strict=True, ge=1, le=MAX_ATTEMPTS)] | None = Field(
        None,
        description="How many attempts there are at most, whoever they are made at: the first one, fallbacks, a rival, and "
        "those that the `retry` of a Provider asks for (default: no bound but all candidates and theirs). 1: no fallback.",
    )
    statuses: list[Status] | None = Field(
        None,
        description="After which statuses of an upstream the next candidate is tried (default: 408, 409, 429 and all from 500 "
        "on), or the same one again where its Provider's `retry` says so. After 401 and 403, which are about the gateway's own "
        "key, the next one always is; so it is where there was no answer.",
        max_length=200,
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.attempts is None and self.statuses is None:
            raise PydanticCustomError("retry", "expected attempts, statuses or both")
        if self.statuses is not None and len(set(self.statuses)) < len(self.statuses):
            raise PydanticCustomError("retry", "a status stands twice in statuses; keep one of them")
        return self


class RouteHedge(Strict):
    """A second Provider for requests that the first one is slow to answer. The first answer counts, the other is ended."""

    delay: Timeout = Field(
        description="How long the first has, from the request's start to the first bytes of an answer, before the next "
        "candidate at another Provider is asked as well. About what 95 of 100 requests take is a good start."
    )
    percent: Percent | None = Field(
        None,
        description="How many of a hundred requests that the Route decides may be asked twice (default: 10), exactly and by "
        "worker: both are paid for. 100: all that are slow; 0: none.",
    )


class ShadowTarget(Strict):
    """A Model as its Bindings serve it, or one Binding."""

    model: ObjectName = Field(description="Name of a Model.")
    provider: ObjectName | None = Field(
        None, description="Name of a Provider that it is bound to (default: the first of all of them)."
    )
    timeout: Timeout | None = Field(None, description="Takes the place of the `timeout` of its Provider.")


class RouteShadow(Strict):
    """Who is sent requests as well, to see how it does. Its answers go to nobody, and it delays none."""

    target: ShadowTarget = Field(description="Who is sent them.")
    percent: Percent | None = Field(
        None,
        description="How many of a hundred requests that the Route decides (default: 100), exactly and by worker. They are "
        "paid for, count in the limits of its Provider, and are counted apart; of a worker 100 are under way at most.",
    )
