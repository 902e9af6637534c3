"""How far limits are used over all workers, as the ledger of their leases says."""

from collections.abc import Sequence

from reconciler.api.records import Spending
from reconciler.gateway.limits.counters import CONCURRENT, MEASURES, counter
from reconciler.management.limits import LimitUse, declared
from reconciler.store.observations import WorkerRow


def limit_uses(live: Sequence[WorkerRow], spending: Spending) -> tuple[LimitUse, ...]:
    """Of the providers and clients that live workers know limits of. Raises StoreError."""
    found = [
        (owner, name, counter(owner, name, capacity))
        for owner, limits in sorted(declared(live).items())
        for name, capacity in limits.items()
        if name in MEASURES
    ]
    if not found:
        return ()
    told = spending.usage([each for *_, each in found])
    return tuple(
        LimitUse(
            owner,
            name,
            each.capacity,
            told[each.key].used if name == CONCURRENT else told[each.key].spent,
            told[each.key].held - told[each.key].used,
            told[each.key].whole_in,
        )
        for owner, name, each in found
    )
