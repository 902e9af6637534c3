"""What `describe` tells of a Provider or a ClientKey beside what it tells of every resource."""

from collections.abc import Iterator
from datetime import UTC, datetime

from reconciler.api.records import Spending
from reconciler.cli.client_limit_output import client_lines
from reconciler.cli.health_output import provider_lines
from reconciler.cli.limit_output import limit_lines
from reconciler.control.observed import Observed
from reconciler.management.limits import waiting
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State


def own_facts(
    spending: Spending, stored: StoredResource, state: State, observed: Observed, width: int
) -> Iterator[str]:
    """Nothing of another kind."""
    if stored.key.kind == "Provider":
        waits = sum(waiting(worker).get(str(stored.key), 0) for worker in observed.workers)
        yield from limit_lines(stored, spending, waits)
    yield from provider_lines(stored.key, observed, width)
    yield from client_lines(stored, state, spending, datetime.fromtimestamp(observed.now, UTC))
