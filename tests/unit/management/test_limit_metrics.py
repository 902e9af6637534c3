from dataclasses import replace

from prometheus_client.metrics_core import Metric

from reconciler.management.limit_metrics import client_limit_gauges, limit_gauges
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
    slots, tokens = ("p", "default", "maxConcurrent"), ("p", "default", "tokensPerMinute")
    limit, used, held, waiting = map(values, limit_gauges(stood))
    assert limit == {slots: 8, tokens: 100}
    assert used == {slots: 3, tokens: 90}
    assert held == {slots: 1, tokens: 0}
    assert waiting == {("p", "default"): 3}


def test_without_limits_there_are_their_names_alone() -> None:
    families = list(limit_gauges(status("sqlite:///s.db", None, [], (), (), NOW)))
    assert [*map(values, families)] == [{}, {}, {}, {}]
    assert all(family.documentation for family in families)


def test_clients_are_told_apart_and_money_is_in_dollars() -> None:
    limits: Counters = {"limits": {"ClientKey/team/ci": {"waiting": 4}}}
    uses = (
        LimitUse("ClientKey/team/ci", "budgets.month.amount", 25 * 10**9, 10**9, 5 * 10**8, 3600.0),
        LimitUse("ClientKey/team/ci", "requestsPerHour", 60, 7, 1, 12.5),
        LimitUse("Provider/p", "maxConcurrent", 8, 3, 1),
    )
    stood = replace(
        status("sqlite:///s.db", None, [WorkerRow("a", 1, 0, NOW, 3, (), limits)], (), (), NOW), limits=uses
    )
    money, rate = ("team/ci", "budgets.month.amount"), ("team/ci", "requestsPerHour")
    limit, used, held, reset = map(values, client_limit_gauges(stood))
    assert limit == {money: 25.0, rate: 60}
    assert used == {money: 1.0, rate: 7}
    assert held == {money: 0.5, rate: 1}
    assert reset == {money: 3600.0, rate: 12.5}
    provider_limit, *_, waiting = map(values, limit_gauges(stood))
    assert provider_limit == {("p", "default", "maxConcurrent"): 8}
    assert waiting == {}
