"""Gauges of how far limits are used. Their labels are providers and the names of limits, never what clients make up."""

from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from reconciler.management.limits import waiting
from reconciler.management.status import Status


def limit_gauges(status: Status) -> Iterator[Metric]:
    """Over all workers, of the providers that were asked of late."""
    told = {(each.provider, each.limit): each for each in status.limits}
    yield _gauge(
        "routerctl_provider_limit",
        "A limit of a provider that was asked of late, as it is declared.",
        {labels: each.capacity for labels, each in told.items()},
    )
    yield _gauge(
        "routerctl_provider_limit_used",
        "How far it is used: requests under way, or requests or tokens within the last minute.",
        {labels: each.used for labels, each in told.items()},
    )
    yield _gauge(
        "routerctl_provider_limit_held",
        "What workers hold of it ready, ahead of need. Neither used, nor free for another worker.",
        {labels: each.held for labels, each in told.items()},
    )
    queues: Counter[str] = Counter()
    for worker in status.live:
        queues.update(waiting(worker))
    family = GaugeMetricFamily(
        "routerctl_provider_requests_waiting",
        "Requests that wait for their turn at a provider with limits.",
        labels=["provider"],
    )
    for provider, number in sorted(queues.items()):
        family.add_metric([provider], number)
    yield family


def _gauge(name: str, words: str, values: Mapping[tuple[str, str], int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=("provider", "limit"))
    for labels, value in sorted(values.items()):
        family.add_metric(labels, value)
    return family
