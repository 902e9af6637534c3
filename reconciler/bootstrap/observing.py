"""What is observed of those who serve a store on this machine. Starts as fast as the reader."""

from collections.abc import Mapping, Sequence

from reconciler.api.records import Seen
from reconciler.clock import Clock
from reconciler.store import ledger, notices, source_status
from reconciler.store.health_records import HealthRecords
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage
from reconciler.store.observations import Observations
from reconciler.store.source_status import SourceStatus
from reconciler.store.url import StoreLocation


class LocalObserving:
    """Fits api.records.Observing. Every method raises StoreError when the records' file can't be used. Close it."""

    def __init__(
        self, location: StoreLocation, clock: Clock, observations: Observations | None = None
    ) -> None:
        """`observations`: those of the store, where they are open already."""
        self._location = location
        self._clock = clock
        self._observations = observations or Observations(location.records_path)

    def close(self) -> None:
        self._observations.close()

    def seen(self, after: int = 0) -> Seen:
        now = self._clock.now().timestamp()
        health = HealthRecords(self._observations).rows(now)
        workers = tuple(self._observations.workers())
        log = tuple(self._observations.transitions(after))
        told = tuple(notices.current(self._observations, now))
        return Seen(self._location.url, now, workers, log, health, told)

    def source_statuses(self) -> Sequence[SourceStatus]:
        return source_status.read(self._location.records_path)

    def usage(self, counters: Sequence[Counter]) -> Mapping[str, Usage]:
        return ledger.usage(self._location.records_path, counters, self._clock)

    def counted_since(self) -> float | None:
        return ledger.counted_since(self._location.records_path)
