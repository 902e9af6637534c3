"""Forgetting what failed at providers, in every live worker."""

from collections.abc import Sequence
from contextlib import closing

from reconciler.api.writes import Reset
from reconciler.clock import Clock
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey
from reconciler.store import audit
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation


def reset(keys: Sequence[ResourceKey], location: StoreLocation, clock: Clock, who: Principal) -> Reset:
    names = [str(key) for key in keys]
    audit.note(location.config_path, who, audit.Deed("provider reset", ", ".join(names)), clock)
    now = clock.now().timestamp()
    with closing(Observations(location.records_path)) as observations:
        HealthRecords(observations).reset(names, now)
        return Reset(len(observations.live(now)))
