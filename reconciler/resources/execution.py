"""Settings.execution: what holds for requests where neither Route nor Provider says anything else."""

from typing import Annotated

from pydantic import Field

from reconciler.field_types import Timeout
from reconciler.resources.meta import Strict
from reconciler.resources.provider_retry import MAX_ATTEMPTS
from reconciler.resources.route_policy import Workers

Retries = Annotated[int, Field(strict=True, ge=0, le=MAX_ATTEMPTS - 1)]


class Execution(Strict):
    """What holds for the requests of the namespace where neither a Route nor a Provider says anything else."""

    timeout: Timeout | None = Field(
        None,
        description="How long a whole request may take, fallbacks, retries and streams included, where its Route has no "
        "`timeouts.total` or none decides it (default: no bound but those of the attempts).",
    )
    maxRetries: Retries | None = Field(
        None,
        description="How often a Provider without `retry` of its own is asked again for the same request, before the next "
        "candidate is (default: 0). As its `retry` with so many attempts more than one.",
    )
    maxParallelWorkers: Workers | None = Field(
        None,
        description="The `maxParallelWorkers` of Routes with a `parallelThreshold` that have none (default: 3).",
    )
