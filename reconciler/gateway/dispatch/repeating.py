"""Whether a candidate that failed is asked again for the same request, before the next one is, and when."""

from typing import NamedTuple
from zlib import crc32

from reconciler.gateway.dispatch.answers import CREDENTIALS_REFUSED
from reconciler.gateway.routing.circuits import Circuits
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.retries import Retry

MOST_WAITED = 2.0
"""Seconds that an upstream's Retry-After is waited for; whoever asks for more is left for the next candidate."""

_AGAIN = frozenset({Failure.CONNECT, Failure.BROKEN})
"""Whoever did not answer in time had its time."""


class Again(NamedTuple):
    """Who is to be asked once more, when, and after how many attempts."""

    routed: RoutedCandidate
    at: float
    tried: int


def again(
    routed: RoutedCandidate,
    tried: int,
    verdict: int | Failure,
    circuits: Circuits | None,
    now: float,
    request_id: str = "",
) -> Again | None:
    """After `tried` attempts, of which the last ended with `verdict`. `circuits` have heard of it."""
    retry = routed.candidate.retry
    if retry is None or tried >= retry.attempts or not _repeatable(retry, verdict):
        return None
    pause = retry.pause(tried, crc32(request_id.encode()) / 2**32)
    if circuits is not None:
        if circuits.unhealthy:
            return None
        wait = circuits.wait(routed.upstream_model, now, routed.candidate.health)
        if wait is not None and wait.seconds > max(pause, MOST_WAITED):
            return None
        pause = pause if wait is None else max(pause, wait.seconds)
    return Again(routed, now + pause, tried)


def _repeatable(retry: Retry, verdict: int | Failure) -> bool:
    if isinstance(verdict, Failure):
        return verdict in _AGAIN
    return verdict not in CREDENTIALS_REFUSED and (retry.statuses is None or verdict in retry.statuses)
