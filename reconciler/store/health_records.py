"""The health of providers in the records' file, for workers, commands and the supervisor."""

from collections.abc import Sequence

from reconciler.store import health
from reconciler.store.health import CircuitRow, HealthRows, Seen, Told
from reconciler.store.observations import LIVE_SECONDS, Observations


class HealthRecords:
    """Every method raises StoreError when the file can't be used. `now` is in seconds since the epoch."""

    def __init__(self, observations: Observations) -> None:
        self._observations = observations

    def exchange(self, told: Told) -> Seen:
        """What a worker tells and is told, once a second. Nothing is written where there is nothing to write."""
        since = told.now - LIVE_SECONDS
        with self._observations.reading() as connection:
            if connection is None or not (told.writes or health.lease_is_due(connection, told)):
                return Seen() if connection is None else health.see(connection, told, since)
        with self._observations.writing() as connection:
            health.tell(connection, told)
            return health.see(connection, told, since)

    def rows(self, now: float) -> HealthRows:
        """How all live workers find the providers."""
        with self._observations.reading() as connection:
            if connection is None:
                return HealthRows()
            return health.read(connection, now, now - LIVE_SECONDS)

    def left_alone(self, now: float) -> Sequence[CircuitRow]:
        """What a worker that begins takes over from the others."""
        with self._observations.reading() as connection:
            return () if connection is None else health.left_alone(connection, now, now - LIVE_SECONDS)

    def last_reset(self) -> int:
        with self._observations.reading() as connection:
            return 0 if connection is None else health.last_reset(connection)

    def reset(self, providers: Sequence[str], now: float) -> None:
        """What failed at these providers (keys as text) is forgotten by all workers, within a second or so."""
        with self._observations.writing() as connection:
            health.reset(connection, providers, now)
