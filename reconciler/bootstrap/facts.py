"""What the management listener tells, from the store and the workers' observations."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from reconciler.bootstrap.reporter import ENDED
from reconciler.clock import Clock
from reconciler.management.status import Status, not_ready, status
from reconciler.store import source_status
from reconciler.store.counters import Counters
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation


def gather(location: StoreLocation, reader: Reader, observations: Observations, now: float) -> Status:
    """The status of a store at this moment; also what `routerctl status` shows. Raises StoreError."""
    with reader.consistent():
        head, holds = reader.head_revision(), reader.holds()
    sources = source_status.read(location.records_path)
    return status(location.url, head, observations.workers(), sources, holds, now)


class StoreFacts:
    """Fits management.app.Facts."""

    def __init__(
        self,
        location: StoreLocation,
        reader: Reader,
        observations: Observations,
        clock: Clock,
        started: Callable[[], Sequence[str]],
    ) -> None:
        """`started` gives the instances of the workers that there should be; none while the supervisor stops."""
        self._location = location
        self._reader = reader
        self._observations = observations
        self._clock = clock
        self._started = started

    def status(self) -> Status:
        return gather(self._location, self._reader, self._observations, self._now())

    def counters(self) -> Counters:
        return self._observations.counters()

    def not_ready(self) -> str | None:
        return not_ready(self._observations.workers(), self._started(), self._now())

    def _now(self) -> float:
        return self._clock.now().timestamp()


def put_away(observations: Observations, instance: str) -> None:
    """A worker has died: it is not live from now on, and what it counted is kept."""
    for row in observations.workers():
        if row.instance == instance:
            observations.put_worker(replace(row, heartbeat=ENDED))
            observations.forget(ENDED + 1)
