"""What the live workers of a store say of candidates, from the records' file."""

from collections.abc import Iterable
from contextlib import closing

from reconciler.bootstrap.limit_uses import limit_uses
from reconciler.clock import Clock
from reconciler.control.observed import observe
from reconciler.control.reported import Full, Reported, reported
from reconciler.management.limits import waiting
from reconciler.snapshot.model import RoutedCandidate
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation


def reported_of(order: Iterable[RoutedCandidate], location: StoreLocation, clock: Clock) -> Reported:
    """Raises StoreError."""
    with closing(Observations(location.records_path)) as observations:
        observed = observe(observations, clock, HealthRecords(observations))
    uses = limit_uses(observed.workers, location.records_path, clock)
    full: dict[str, list[Full]] = {}
    for each in uses:
        if each.used >= each.capacity:
            waits = sum(waiting(worker).get(each.owner, 0) for worker in observed.workers)
            full.setdefault(each.owner, []).append(Full(each.limit, each.capacity, waits))
    asked = [(each.candidate.upstream.key, each.upstream_model) for each in order]
    return reported(asked, observed, full, clock.now().timestamp())
