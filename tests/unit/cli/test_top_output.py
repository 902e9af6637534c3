from datetime import UTC, datetime

from reconciler.cli.top_output import Moment, as_json, lines
from reconciler.store.observations import STARTING, WorkerRow
from reconciler.store.traffic_query import Group

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = NOW.timestamp()


def worker(name: str, ago: float, revision: int = 3, in_flight: int = 2) -> WorkerRow:
    return WorkerRow(name, 1, SECONDS - 60, SECONDS - ago, revision, (), {"in_flight": in_flight})


def group(*key: str | None, requests: int = 120, failed: int = 0) -> Group:
    made = Group(key, requests, failed, 0, 0, 600, 600)
    made.durations.extend([1000, 2000])
    made.first_bytes.append(700)
    return made


def test_what_is_served() -> None:
    workers = [worker("a", 0), worker("b", 1, STARTING), worker("dead", 9)]
    moment = Moment(NOW, 60, [group("m", "p"), group(None, None, requests=6000, failed=60)], workers)
    assert next(lines(moment)) == (
        "2026-01-01T00:00:00Z   2 workers, revision 3   in flight 4   last 60s: 102 requests/s, 1.0% failed, 40.0 tokens/s"
    )
    table = list(lines(moment))[2].splitlines()
    assert table[1].split() == ["m", "p", "2.0", "0%", "1.00ms", "2.00ms", "700us", "700us", "20.0"]
    assert table[2].split()[:4] == ["-", "-", "100", "1.0%"]


def test_where_nothing_is() -> None:
    assert list(lines(Moment(NOW, 0.5, [], [worker("a", 0, STARTING)]))) == [
        "2026-01-01T00:00:00Z   1 worker, nothing served   in flight 2   last 0.5s: 0.0 requests/s, 0% failed, 0.0 tokens/s",
        "",
        "No requests in the last 0.5s.",
    ]


def test_as_data() -> None:
    told = as_json(Moment(NOW, 60, [group("m", "p", failed=3)], [worker("a", 0), worker("b", 0, STARTING)]))
    assert told["inFlight"] == 4
    assert told["workers"] == [
        {"instance": "a", "revision": 3, "inFlight": 2},
        {"instance": "b", "revision": None, "inFlight": 2},
    ]
    assert told["items"] == [
        {
            "model": "m",
            "provider": "p",
            "requests": 120,
            "requestsPerSecond": "2.00",
            "failed": 3,
            "micros": {"p50": 1000, "p95": 2000},
            "firstByteMicros": {"p50": 700, "p95": 700},
            "tokensPerSecond": "20.00",
        }
    ]


def test_a_worker_that_counts_nothing_has_nothing_under_way() -> None:
    assert Moment(NOW, 1, [], [WorkerRow("a", 1, SECONDS, SECONDS, 3)]).in_flight == 0
