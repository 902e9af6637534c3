"""What holds for the requests of a namespace where nobody says anything else: `execution` of its Settings, as compiled."""

from dataclasses import dataclass

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject
from reconciler.snapshot.model import Policy
from reconciler.snapshot.retries import Retry

WORKERS = 3


@dataclass(frozen=True, slots=True)
class Execution:
    """`timeout` in seconds. `policy` is that of requests that no Route decides."""

    timeout: float | None = None
    retry: Retry | None = None
    workers: int = WORKERS

    @property
    def policy(self) -> Policy | None:
        return None if self.timeout is None else Policy(total=self.timeout, by_settings=True)


UNSAID = Execution()


def execution(settings: JsonObject) -> Execution:
    """Of the spec of a namespace's Settings."""
    told = settings.get("execution")
    if not isinstance(told, dict) or not told:
        return UNSAID
    timeout, retries, workers = told.get("timeout"), told.get("maxRetries"), told.get("maxParallelWorkers")
    return Execution(
        milliseconds(timeout) / 1000 if isinstance(timeout, str | int) else None,
        Retry(attempts=retries + 1) if isinstance(retries, int) and retries > 0 else None,
        workers if isinstance(workers, int) else WORKERS,
    )
