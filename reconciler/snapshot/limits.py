"""How much a provider may be asked, over all workers: as its manifest says it, ready for those who count."""

from dataclasses import dataclass

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.resource import StoredResource

DEFAULT_QUEUE_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """None: it has no such limit. Of two of one `provider`, that of the higher `version` holds.

    `queue` requests of a worker may wait, each for `patience` seconds.
    """

    provider: str
    version: int
    concurrent: int | None = None
    requests: int | None = None
    tokens: int | None = None
    queue: int = 0
    patience: float = DEFAULT_QUEUE_TIMEOUT


def limits_of(provider: StoredResource) -> Limits | None:
    """None where it has none, which costs a request nothing."""
    given = provider.resource.spec.get("limits")
    concurrent, requests, tokens = (
        _integer(value_at(given, (name,)))
        for name in ("maxConcurrent", "requestsPerMinute", "tokensPerMinute")
    )
    if concurrent is None and requests is None and tokens is None:
        return None
    size, timeout = value_at(given, ("queue", "size")), value_at(given, ("queue", "timeout"))
    return Limits(
        str(provider.key),
        provider.resource_version,
        concurrent,
        requests,
        tokens,
        _integer(size) or 0,
        milliseconds(timeout) / 1000 if isinstance(timeout, str | int) else DEFAULT_QUEUE_TIMEOUT,
    )


def _integer(written: JsonValue) -> int | None:
    return written if isinstance(written, int) else None
