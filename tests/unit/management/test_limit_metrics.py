from dataclasses import replace

from prometheus_client.metrics_core import Metric

from reconciler.management.limit_metrics import limit_gauges
from reconciler.management.limits import LimitUse
from reconciler.management.status import status
from reconciler.store.counters import Counters
from reconciler.store.observations import WorkerRow

NOW = 1_000.0


def values(family: Metric) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in family.samples}


def worker(name: str, waiting: int, heartbeat: float = NOW) -> WorkerRow:
    limits: Counters = {"limits": {"Provider/p": {"waiting": waiting}}}
    return WorkerRow(name, 1, 0, heartbeat, 3, (), limits)


def test_each_limit_is_told_with_its_provider_and_queues_are_added_up_over_live_workers() -> None:
    workers = [worker("a", 2), worker("b", 1), worker("dead", 9, heartbeat=0)]
    uses = (
        LimitUse("Provider/p", "maxConcurrent", 8, 3, 1),
        LimitUse("Provider/p", "tokensPerMinute", 100, 90, 0),
    )
    stood = replace(status("sqlite:///s.db", None, workers, (), (), NOW), limits=uses)
    slots, tokens = ("Provider/p", "maxConcurrent"), ("Provider/p", "tokensPerMinute")
    limit, used, held, waiting = map(values, limit_gauges(stood))
    assert limit == {slots: 8, tokens: 100}
    assert used == {slots: 3, tokens: 90}
    assert held == {slots: 1, tokens: 0}
    assert waiting == {("Provider/p",): 3}


def test_without_limits_there_are_their_names_alone() -> None:
    families = list(limit_gauges(status("sqlite:///s.db", None, [], (), (), NOW)))
    assert [*map(values, families)] == [{}, {}, {}, {}]
    assert all(family.documentation for family in families)
