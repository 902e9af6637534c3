"""How much a Provider may be asked, by all workers of a store together."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import Timeout
from reconciler.resources.meta import Strict

Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
Places = Annotated[int, Field(strict=True, ge=0, le=100_000)]


class Queue(Strict):
    """For requests that nobody else can take, when a limit is reached. Without it they are refused at once."""

    size: Places = Field(0, description="How many requests may wait, in each worker.")
    timeout: Timeout = Field("10s", description="How long one waits before it is refused.")


class Limits(Strict):
    """Over all workers of a store. When one is reached the next candidate is tried; where there is none, requests wait in the
    queue, or are refused with the time after which to come again: 503 for maxConcurrent, 429 for the others.
    """

    maxConcurrent: Count | None = Field(
        None,
        description="Requests that may be under way at once, streams until their end included.",
    )
    requestsPerMinute: Count | None = Field(
        None,
        description="Requests that may be sent within any 60 s, however they end.",
    )
    tokensPerMinute: Count | None = Field(
        None,
        description="Tokens that may be spent within any 60 s, prompts and answers. Each request takes as many as it may need: "
        "a token for four bytes of it, and its max_tokens, else 256. What it really used replaces that when it is over. "
        "It never takes more than the limit.",
    )
    queue: Queue | None = Field(None, description="Where requests wait when a limit is reached.")

    @model_validator(mode="after")
    def _queues_for_something(self) -> Self:
        if self.queue is not None and not (
            self.maxConcurrent or self.requestsPerMinute or self.tokensPerMinute
        ):
            message = "nothing is waited for without maxConcurrent, requestsPerMinute or tokensPerMinute; add one of them"
            raise PydanticCustomError("queue", message)
        return self
