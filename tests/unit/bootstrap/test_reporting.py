from contextlib import closing
from dataclasses import replace
from pathlib import Path

from fakes.serving import candidate
from fakes.workers import live_health, live_worker

from reconciler.bootstrap.observing import LocalObserving
from reconciler.bootstrap.reporting import reported_of
from reconciler.clock import SystemClock
from reconciler.control.reported import Reported
from reconciler.snapshot.model import RoutedCandidate
from reconciler.store.counters import Counters
from reconciler.store.health import CircuitRow
from reconciler.store.leases import Counter, Wish
from reconciler.store.ledger import Ledger
from reconciler.store.url import parse

ORDER = (RoutedCandidate(candidate("a"), "m"), RoutedCandidate(candidate("b"), "m"))


def test_where_there_are_no_records_nobody_is_live(tmp_path: Path) -> None:
    with closing(LocalObserving(parse(str(tmp_path / "r.db")), SystemClock())) as observing:
        assert reported_of(ORDER, observing) == Reported(0, None)


def test_circuits_and_limits_that_are_used_up_are_told(tmp_path: Path) -> None:
    db, clock = tmp_path / "r.db", SystemClock()
    limits: Counters = {
        "Provider/a": {"maxConcurrent": {"limit": 2}, "waiting": 3},
        "Provider/b": {"waiting": 0},
    }
    live_worker(db, revision=1, counters={"limits": limits})
    live_worker(db, revision=1, counters={"limits": limits}, instance="w2")
    live_health(db, CircuitRow("w1", "Provider/b", "m", "slow-start", 1.0))
    location, slots = parse(str(db)), Counter("Provider/a maxConcurrent", 2)
    with (
        closing(Ledger(location.records_path, "w1", clock)) as ledger,
        closing(LocalObserving(location, clock)) as observing,
    ):
        ledger.exchange([Wish(slots, wanted=2)])
        ledger.exchange([Wish(slots, held=2, used=2, keep=2)])
        found = reported_of(ORDER, observing)
        ledger.exchange([Wish(slots, held=2, used=1, keep=2)])
        later = reported_of(ORDER, observing)
    assert [replace(word, provider="").text for word in found.words] == [
        "maxConcurrent reached: 2, 6 waiting",
        "in 1 of 2 workers",
    ]
    assert [word.what for word in later.words] == ["slow-start"]
