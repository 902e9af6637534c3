"""How far a Provider's limits are used at this moment, and how much more than a limit there can be at worst."""

from collections.abc import Iterator

from reconciler.api.records import Spending
from reconciler.gateway.limits.counters import CONCURRENT, TOKENS, counters
from reconciler.resources.resource import StoredResource
from reconciler.snapshot.limits import limits_of
from reconciler.store.ledger import Usage

_NONE = "never exceeded"
_TOKENS = (
    "exceeded only by what answers take beyond their max_tokens, or beyond 256 tokens where none is given"
)


def limit_lines(stored: StoredResource, spending: Spending, waits: int = 0) -> Iterator[str]:
    """Nothing for one without limits. `waits`: requests in the queues of all live workers. Raises StoreError."""
    limits = limits_of(stored)
    if limits is None:
        return
    found = counters(limits)
    used = spending.usage([*found.values()])
    yield "Limits, over all workers:"
    for name, counter in found.items():
        worst = _TOKENS if name == TOKENS else _NONE
        yield f"  {name}: {counter.capacity}, {_told(name, used[counter.key])}; {worst}"
    if limits.queue:
        requests = "1 request" if limits.queue == 1 else f"{limits.queue} requests"
        yield f"  queue: {requests} in each worker, for {limits.patience:g} s at most; {waits} waiting"


def _told(name: str, used: Usage) -> str:
    if name == CONCURRENT:
        return f"{used.used} in use, {used.held - used.used} held ready"
    return f"{used.spent} in the last minute, {used.held} held ready"
