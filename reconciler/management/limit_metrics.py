"""Gauges of how far limits are used. Their labels are names of resources and of limits, never what clients make up."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from reconciler.management.limits import CLIENT, LimitUse, is_client, waiting
from reconciler.management.provider_labels import PROVIDER_LABELS, provider_labels
from reconciler.management.status import Status

_DOLLARS = ".amount"
_NANOS = 1_000_000_000
_CLIENT_LABELS = ("client", "limit")
_LIMIT_LABELS = (*PROVIDER_LABELS, "limit")
_Values = Mapping[tuple[str, ...], float]


def limit_gauges(status: Status) -> Iterator[Metric]:
    """Over all workers, of the providers and clients that were asked, or asked, of late."""
    told = {
        (*provider_labels(each.owner), each.limit): each
        for each in status.limits
        if not is_client(each.owner)
    }
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
        labels=PROVIDER_LABELS,
    )
    for provider, number in sorted(queues.items()):
        family.add_metric(provider_labels(provider), number)
    yield family


def client_limit_gauges(status: Status) -> Iterator[Metric]:
    """The same of ClientKeys; what counts money is in dollars."""
    told = {
        (each.owner.removeprefix(CLIENT), each.limit): each for each in status.limits if is_client(each.owner)
    }
    yield _gauge(
        "routerctl_client_limit",
        "A limit or budget of a ClientKey that was used of late, as it is declared; amounts in US dollars.",
        {labels: _number(each, each.capacity) for labels, each in told.items()},
        _CLIENT_LABELS,
    )
    yield _gauge(
        "routerctl_client_limit_used",
        "How far it is used: requests under way, or what was taken within its window.",
        {labels: _number(each, each.used) for labels, each in told.items()},
        _CLIENT_LABELS,
    )
    yield _gauge(
        "routerctl_client_limit_held",
        "What workers hold of it ready, ahead of need. Neither used, nor free for another worker.",
        {labels: _number(each, each.held) for labels, each in told.items()},
        _CLIENT_LABELS,
    )
    yield _gauge(
        "routerctl_client_limit_reset_seconds",
        "Seconds until all that is used of it has come back.",
        {labels: each.whole_in for labels, each in told.items()},
        _CLIENT_LABELS,
    )


def _number(use: LimitUse, units: int) -> float:
    return units / _NANOS if use.limit.endswith(_DOLLARS) else units


def _gauge(name: str, words: str, values: _Values, names: Sequence[str] = _LIMIT_LABELS) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=names)
    for labels, value in sorted(values.items()):
        family.add_metric(labels, value)
    return family
