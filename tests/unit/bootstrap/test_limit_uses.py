from contextlib import closing
from pathlib import Path

from fakes.spending import Spent
from fakes.store import SteppingClock

from reconciler.bootstrap.limit_uses import limit_uses
from reconciler.gateway.limits.counters import MINUTE
from reconciler.management.limits import LimitUse
from reconciler.store.counters import Counters
from reconciler.store.leases import Counter, Wish
from reconciler.store.ledger import Ledger
from reconciler.store.observations import WorkerRow


def worker(limits: Counters) -> WorkerRow:
    return WorkerRow("w", 1, 0, 0, 3, (), {"limits": limits})


def test_it_is_the_ledger_that_knows_what_all_workers_use(tmp_path: Path) -> None:
    path, clock = tmp_path / "records.db", SteppingClock()
    slots, minute = (
        Counter("Provider/p maxConcurrent", 8),
        Counter("Provider/p requestsPerMinute", 50, MINUTE),
    )
    for holder in ("a", "b"):
        with closing(Ledger(path, holder, clock)) as ledger:
            ledger.exchange([Wish(slots, wanted=3), Wish(minute, wanted=4)])
            ledger.exchange([Wish(slots, held=3, used=1, keep=2), Wish(minute, held=4, spent=3, keep=1)])
    told = worker({"Provider/p": {"maxConcurrent": {"limit": 8}, "requestsPerMinute": {"limit": 50}}})
    assert limit_uses([told], Spent(path, clock)) == (
        LimitUse("Provider/p", "maxConcurrent", 8, 2, 4),
        LimitUse("Provider/p", "requestsPerMinute", 50, 6, 2, 60.5),
    )


def test_where_no_worker_knows_limits_no_file_is_read(tmp_path: Path) -> None:
    broken = tmp_path / "records.db"
    broken.write_bytes(b"not a database")
    assert limit_uses([WorkerRow("w", 1, 0, 0, 3)], Spent(broken, SteppingClock())) == ()
