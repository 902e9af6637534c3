"""What `describe` tells of a Provider beside what it tells of every resource."""

from collections.abc import Iterator

from reconciler.cli.health_output import provider_lines
from reconciler.cli.limit_output import limit_lines
from reconciler.cli.session import Session
from reconciler.control.observed import Observed
from reconciler.resources.resource import StoredResource


def provider_facts(session: Session, stored: StoredResource, observed: Observed, width: int) -> Iterator[str]:
    """Nothing of another kind."""
    if stored.key.kind == "Provider":
        yield from limit_lines(stored, session.location.records_path, session.clock)
    yield from provider_lines(stored.key, observed, width)
