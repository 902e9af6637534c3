"""How far limits are used over all workers, as the ledger of their leases says."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.clock import Clock
from reconciler.gateway.limits.counters import CONCURRENT, REQUESTS, TOKENS, counters
from reconciler.management.limits import LimitUse, declared
from reconciler.snapshot.limits import Limits
from reconciler.store.ledger import usage
from reconciler.store.observations import WorkerRow


def limit_uses(live: Sequence[WorkerRow], records: Path, clock: Clock) -> tuple[LimitUse, ...]:
    """Of the providers that live workers know limits of. Raises StoreError."""
    found = [
        (provider, name, counter)
        for provider, limits in sorted(declared(live).items())
        for name, counter in counters(
            Limits(provider, 0, limits.get(CONCURRENT), limits.get(REQUESTS), limits.get(TOKENS))
        ).items()
    ]
    if not found:
        return ()
    told = usage(records, [counter for *_, counter in found], clock)
    return tuple(
        LimitUse(
            provider,
            name,
            counter.capacity,
            told[counter.key].used if name == CONCURRENT else told[counter.key].spent,
            told[counter.key].held - told[counter.key].used,
        )
        for provider, name, counter in found
    )
