"""Provider.spec.retry: whether it is asked again for the same request, before the next candidate is."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import Duration
from reconciler.field_values import milliseconds
from reconciler.resources.meta import Strict

MAX_ATTEMPTS = 5
MAX_BACKOFF = 10_000
"""Milliseconds: the client waits meanwhile."""

_ALSO = frozenset({408, 409, 429})


def _check_status(status: int) -> int:
    if status < 500 and status not in _ALSO:
        raise PydanticCustomError(
            "retry_status",
            "expected 408, 409, 429 or a status from 500 on; others are about the request or the key, and asking again "
            "changes nothing",
        )
    return status


Status = Annotated[
    int,
    Field(strict=True, ge=400, le=599),
    AfterValidator(_check_status),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "enum": sorted(_ALSO)},
                {"type": "integer", "minimum": 500, "maximum": 599},
            ]
        }
    ),
]


def _check_backoff(written: str | int) -> str | int:
    if milliseconds(written) > MAX_BACKOFF:
        raise PydanticCustomError("backoff", "expected at most 10s: the client waits meanwhile")
    return written


class ProviderRetry(Strict):
    """How a request is tried again at the same provider, before the next candidate is asked. Only before the first byte of an
    answer, within the time that its Route gives it, and within the workers' budget of retries. What refuses the gateway's
    key (401, 403) and what did not answer in time is not asked again for the same request, nor who is left alone by then
    because it fails. A Route's `retry` stands above it: its `attempts` bound all of a request, and after a status that is
    not among its `statuses` nobody is asked again.
    """

    attempts: Annotated[int, Field(strict=True, ge=2, le=MAX_ATTEMPTS)] = Field(
        2, description="How often it is asked for one request at most, the first time included."
    )
    statuses: Annotated[list[Status], Field(min_length=1, max_length=200)] | None = Field(
        None,
        description="After which of its statuses it is asked again (default: 408, 409, 429 and all from 500 on). It always is "
        "where there was no connection, or an answer that broke off before its first byte.",
    )
    backoff: Annotated[Duration, AfterValidator(_check_backoff)] = Field(
        "250ms",
        description="How long is waited before it is asked a second time; twice as long before each further one. A part of "
        "up to a half is taken off, which differs by request. Where it says Retry-After, that long, if it is 2 s or less.",
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if self.statuses is not None and len(set(self.statuses)) < len(self.statuses):
            raise PydanticCustomError("retry", "a status stands twice in statuses; keep one of them")
        return self
