"""A provider's limits as counters of the store."""

from reconciler.snapshot.limits import Limits
from reconciler.store.leases import Counter

CONCURRENT, REQUESTS, TOKENS = "maxConcurrent", "requestsPerMinute", "tokensPerMinute"
MINUTE = 60.0


def counters(limits: Limits) -> dict[str, Counter]:
    """By the name of the limit."""
    given = ((CONCURRENT, limits.concurrent), (REQUESTS, limits.requests), (TOKENS, limits.tokens))
    return {
        name: Counter(f"{limits.provider} {name}", capacity, 0.0 if name == CONCURRENT else MINUTE)
        for name, capacity in given
        if capacity is not None
    }
