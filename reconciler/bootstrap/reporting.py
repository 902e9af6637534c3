"""What the live workers of a store say of candidates."""

from collections.abc import Iterable

from reconciler.api.records import Observing
from reconciler.bootstrap.limit_uses import limit_uses
from reconciler.control.reported import Full, Reported, reported
from reconciler.management.limits import waiting
from reconciler.snapshot.model import RoutedCandidate


def reported_of(order: Iterable[RoutedCandidate], observing: Observing) -> Reported:
    """Raises RouterctlError."""
    observed = observing.seen().observed()
    uses = limit_uses(observed.workers, observing)
    full: dict[str, list[Full]] = {}
    for each in uses:
        if each.used >= each.capacity:
            waits = sum(waiting(worker).get(each.owner, 0) for worker in observed.workers)
            full.setdefault(each.owner, []).append(Full(each.limit, each.capacity, waits))
    asked = [(each.candidate.upstream.key, each.upstream_model) for each in order]
    return reported(asked, observed, full, observed.now)
