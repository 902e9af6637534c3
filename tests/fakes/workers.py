"""A worker that says what it serves, without being one."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from reconciler.clock import SystemClock
from reconciler.store.counters import Counters
from reconciler.store.health import CircuitRow, ProbeRow, Told
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.url import parse


def live_worker(
    db: Path,
    *,
    revision: int,
    refused: tuple[tuple[str, str], ...] = (),
    builds: Mapping[str, int] | None = None,
    lives: float = 3600,
    instance: str = "w1",
    counters: Counters | None = None,
) -> None:
    """Its last sign of life is `lives` seconds ahead, so that it stays live while a test goes on."""
    now = SystemClock().now().timestamp()
    row = WorkerRow(instance, 7, now, now + lives, revision, refused, counters or {}, builds or {})
    with closing(Observations(parse(str(db)).records_path)) as observations:
        observations.put_worker(row)


def live_health(db: Path, *circuits: CircuitRow, probe: ProbeRow | None = None) -> None:
    """What live workers, w1 among them, find of the providers; where there is a `probe`, w1 is the one that probes."""
    with closing(Observations(parse(str(db)).records_path)) as observations:
        records, now = HealthRecords(observations), SystemClock().now().timestamp()
        for instance in {each.instance for each in circuits}:
            rows = [each for each in circuits if each.instance == instance]
            records.exchange(Told(instance, now, circuits=rows))
        if probe is not None:
            records.exchange(Told("w1", now, probes=[probe], would_probe=True))
