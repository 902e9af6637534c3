"""What ClientKeys used of their limits, short enough for a table."""

from collections.abc import Mapping, Sequence

from reconciler.api.records import Spending
from reconciler.gateway.limits.amounts import amount
from reconciler.gateway.limits.counters import CONCURRENT, MEASURES, counters
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.limits import client_limits
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage


def short_uses(found: Sequence[StoredResource], spending: Spending) -> Mapping[ResourceKey, str]:
    """Of all that are ClientKeys and have limits, for a table: what is used of how much. Raises StoreError."""
    limits = {each.key: client_limits(each) for each in found if each.key.kind == "ClientKey"}
    named = {key: counters(given) for key, given in limits.items() if given is not None}
    if not named:
        return {}
    used = spending.usage([each for counted in named.values() for each in counted.values()])
    return {
        key: ", ".join(_short(name, counter, used[counter.key]) for name, counter in counted.items())
        for key, counted in named.items()
    }


def _short(name: str, counter: Counter, used: Usage) -> str:
    place = MEASURES[name].place
    spent = used.used if name == CONCURRENT else used.spent
    told = name.removeprefix("budgets.").removesuffix(".amount")
    return f"{told} {amount(spent, place)}/{amount(counter.capacity, place)}".replace(" tokens", "")
