"""The records that the API reads and deletes. It never sees where they are."""

from typing import Protocol

from reconciler.resources.principal import Principal
from reconciler.store.traffic_deleting import Deleted
from reconciler.store.traffic_query import SoughtRequests, TrafficReader


class Archive(Protocol):
    """All of it blocks, and raises RouterctlError: it is called in threads."""

    @property
    def traffic(self) -> TrafficReader:
        """Threads may share it."""
        ...

    def delete(self, who: Principal, sought: SoughtRequests, target: str) -> Deleted:
        """All that fit. That it was asked for is in the audit, `target` in words, before anything is gone."""
        ...
