from contextlib import closing
from pathlib import Path

from fakes.store import SteppingClock
from fakes.workers import live_worker

from reconciler.bootstrap.observing import LocalObserving
from reconciler.store import source_status
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage
from reconciler.store.observations import Observations
from reconciler.store.source_status import SourceStatus
from reconciler.store.url import parse


def test_what_workers_and_sources_said_is_seen(tmp_path: Path) -> None:
    location = parse(str(tmp_path / "s.db"))
    live_worker(tmp_path / "s.db", revision=3)
    source = SourceStatus(("/m",), "acme", "2026-01-01T00:00:00Z")
    source_status.put(location.records_path, source)
    with closing(LocalObserving(location, SteppingClock())) as observing:
        seen = observing.seen()
        assert (seen.store, [each.instance for each in seen.live]) == (location.url, ["w1"])
        assert [each.number for each in seen.log] == [1]
        assert observing.seen(after=1).log == ()
        assert observing.source_statuses() == (source,)
        assert observing.usage([Counter("Provider/p maxConcurrent", 2)]) == {
            "Provider/p maxConcurrent": Usage()
        }
        assert observing.counted_since() is not None


def test_without_records_nobody_was_seen(tmp_path: Path) -> None:
    location = parse(str(tmp_path / "s.db"))
    opened = Observations(location.records_path)
    with closing(LocalObserving(location, SteppingClock(), opened)) as observing:
        assert (observing.seen().workers, observing.counted_since()) == ((), None)
    assert not location.records_path.exists()
