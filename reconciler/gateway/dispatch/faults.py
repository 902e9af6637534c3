"""What is held against an upstream, or against the model that it was asked for, after what became of a request."""

from typing import Final

from reconciler.gateway.dispatch.answers import header, no_answer
from reconciler.gateway.dispatch.outcome import Headers
from reconciler.gateway.routing.breaker import SHORTEST
from reconciler.gateway.routing.circuits import Fault
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.errors import retry_after_seconds
from reconciler.protocol.rate_limits import used_up

_RATE_LIMITED: Final = 429
_KEY_REFUSED: Final = 401
_FAULTS: Final = frozenset({_KEY_REFUSED, 408, _RATE_LIMITED})
"""With 5xx: statuses that are the provider's fault or the gateway's. The others may be about the request itself."""

_FAILURES = {
    Failure.CONNECT: Fault("could not be reached", whole=True),
    Failure.EGRESS: Fault("is refused by Settings.egress", whole=True),
    Failure.TIMEOUT: Fault("did not answer in time"),
    Failure.BROKEN: Fault("broke off its answer"),
}


def of_failure(failure: Failure, reason: str) -> Fault | None:
    """No connection, no answer in time, or none that is one; None where it is no fault of the provider's. `reason`: as logged."""
    told = no_answer(reason) if failure is Failure.BROKEN else ""
    if told:
        return Fault(told)
    return _FAILURES.get(failure)


def of_refusal(status: int, headers: Headers) -> Fault | None:
    """None where the request itself may be at fault."""
    if status < 500 and status not in _FAULTS:
        return None
    told: float | None = retry_after_seconds(header(headers, "retry-after"), header(headers, "date")) or None
    limited = status == _RATE_LIMITED
    if told is None and limited:
        told = used_up(headers)
    return Fault(f"status {status}", status == _KEY_REFUSED, told, limited)


def of_answer(headers: Headers) -> Fault | None:
    """Of a good one: it may have used up its upstream's rate limit, so that the next request would be refused."""
    seconds = used_up(headers)
    if seconds is None or seconds < SHORTEST:
        return None
    return Fault("its rate limit is used up", retry_after=seconds, limited=True)
