"""What the management listener tells, from the store and the workers' observations."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from reconciler.api.records import Observing, Records
from reconciler.bootstrap.limit_uses import limit_uses
from reconciler.bootstrap.observing import LocalObserving
from reconciler.bootstrap.reporter import ENDED, numbers
from reconciler.clock import Clock
from reconciler.gateway.counting import nested
from reconciler.management.status import Status, not_ready, status
from reconciler.store.counters import Counters
from reconciler.store.observations import STARTING, Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.tally import abandoned, read_tally, tallies, tally_path
from reconciler.store.url import StoreLocation


def gather(records: Records, observing: Observing) -> Status:
    """The status of a store at this moment; also what `routerctl status` shows. Raises RouterctlError."""
    with records.consistent():
        head, holds = records.head_revision(), records.holds()
    sources, seen = observing.source_statuses(), observing.seen()
    found = status(seen.store, head, seen.workers, sources, holds, seen.now, seen.health)
    return replace(found, notices=seen.notices)


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
        observing = LocalObserving(self._location, self._clock, self._observations)
        found = gather(self._reader, observing)
        return replace(found, limits=limit_uses(found.live, observing))

    def counters(self) -> Counters:
        """Of workers whose file is there, what they counted by now: their rows are older, by half a minute at most."""
        records = self._location.records_path
        newer = {instance: counted(records, instance) for instance in tallies(records)}
        return self._observations.counters(newer)

    def not_ready(self) -> str | None:
        return not_ready(self._observations.workers(counted=False), self._started(), self._now())

    def _now(self) -> float:
        return self._clock.now().timestamp()


def counted(records: Path, instance: str) -> Counters:
    """What a worker counted, as its own file says; empty where there is none."""
    return numbers(nested(read_tally(tally_path(records, instance))))


def put_away(observations: Observations, records: Path, instance: str) -> None:
    """A worker has died: it is not live from now on, and what it counted is kept. May be done again."""
    newest = counted(records, instance)  # before the rows: who removes the file has written its row
    rows = [row for row in observations.workers() if row.instance == instance]
    if newest and not rows:
        rows = [WorkerRow(instance, 0, ENDED, ENDED, STARTING)]
    for row in rows:
        observations.put_worker(replace(row, heartbeat=ENDED, counters=newest or row.counters))
        observations.forget(ENDED + 1)
    tally_path(records, instance).unlink(missing_ok=True)


def put_all_away(observations: Observations, records: Path, before: float) -> None:
    """Also of workers that died with their supervisor: their files, and rows whose last heartbeat is older than `before`."""
    for instance in abandoned(records):
        put_away(observations, records, instance)
    observations.forget(before)
