"""The records of requests that the management API reads and deletes."""

from dataclasses import dataclass

from reconciler.clock import Clock
from reconciler.resources.principal import Principal
from reconciler.store import audit
from reconciler.store.traffic_deleting import Deleted, delete
from reconciler.store.traffic_query import SoughtRequests, TrafficReader
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class ServedArchive:
    """Fits management.records.archive.Archive."""

    location: StoreLocation
    clock: Clock

    @property
    def traffic(self) -> TrafficReader:
        return TrafficReader(self.location.traffic_path)

    def delete(self, who: Principal, sought: SoughtRequests, target: str) -> Deleted:
        deed = audit.Deed("records delete", target)
        audit.note(self.location.config_path, who, deed, self.clock)
        return delete(self.location.traffic_path, sought)
