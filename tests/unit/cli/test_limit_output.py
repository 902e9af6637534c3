from pathlib import Path

from fakes.limits import Time
from fakes.spending import Spent
from fakes.states import stored
from fakes.store import provider

from reconciler.cli.limit_output import limit_lines
from reconciler.json_types import JsonObject
from reconciler.store.leases import Counter, Wish
from reconciler.store.ledger import Ledger

BEYOND = (
    "exceeded only by what answers take beyond their max_tokens, or beyond 256 tokens where none is given"
)


def test_nothing_is_said_of_one_without_limits(tmp_path: Path) -> None:
    assert list(limit_lines(stored(provider("p")), Spent(tmp_path / "none.db", Time()))) == []


def test_each_limit_with_its_use_and_its_worst(tmp_path: Path) -> None:
    path, time = tmp_path / "s-records.db", Time()
    ledger = Ledger(path, "w", time)
    slots = Counter("Provider/p maxConcurrent", 4)
    minute = Counter("Provider/p requestsPerMinute", 5, 60.0)
    ledger.exchange([Wish(slots, wanted=3), Wish(minute, wanted=5)])
    ledger.exchange([Wish(slots, used=2, keep=1, wanted=3), Wish(minute, held=5, spent=2, keep=1)])
    ledger.close()
    limits: JsonObject = {
        "maxConcurrent": 4,
        "requestsPerMinute": 5,
        "tokensPerMinute": 100,
        "queue": {"size": 9, "timeout": "1500ms"},
    }
    assert list(limit_lines(stored(provider("p", limits=limits)), Spent(path, time), 3)) == [
        "Limits, over all workers:",
        "  maxConcurrent: 4, 2 in use, 2 held ready; never exceeded",
        "  requestsPerMinute: 5, 2 in the last minute, 1 held ready; never exceeded",
        f"  tokensPerMinute: 100, 0 in the last minute, 0 held ready; {BEYOND}",
        "  queue: 9 requests in each worker, for 1.5 s at most; 3 waiting",
    ]


def test_one_request_in_a_queue_is_one(tmp_path: Path) -> None:
    queued = stored(provider("p", limits={"maxConcurrent": 1, "queue": {"size": 1, "timeout": "2s"}}))
    assert [*limit_lines(queued, Spent(tmp_path / "none.db", Time()))][-1] == (
        "  queue: 1 request in each worker, for 2 s at most; 0 waiting"
    )
