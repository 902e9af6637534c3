"""Prometheus exposition of what all workers counted, those that have gone included.

A collector of its own on a registry of its own: the numbers come from the store's records, not from this process.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from reconciler.gateway.telemetry import BUCKETS, OVER
from reconciler.management.status import Status
from reconciler.store.counters import Counters, CounterValue

CONTENT_TYPE = CONTENT_TYPE_LATEST
_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class _Counter:
    """A counter: its name in `Telemetry.snapshot`, its name here, and the labels of its levels from the outside in."""

    key: str
    name: str
    words: str
    labels: tuple[str, ...]


_COUNTERS = (
    _Counter(
        "requests",
        "routerctl_requests",
        "Requests of clients, by the class of the answer's status.",
        ("endpoint", "model", "provider", "status"),
    ),
    _Counter("endings", "routerctl_request_endings", "How the client's side ended.", ("endpoint", "ending")),
    _Counter("attempts", "routerctl_attempts", "Requests to upstreams.", ("provider",)),
    _Counter(
        "failures",
        "routerctl_attempt_failures",
        "Requests to upstreams that failed.",
        ("provider", "failure"),
    ),
    _Counter(
        "skipped",
        "routerctl_candidates_skipped",
        "Providers that a request passed over, and why.",
        ("provider", "reason"),
    ),
    _Counter("tokens", "routerctl_tokens", "Tokens as upstreams told.", ("model", "provider", "direction")),
    _Counter(
        "tokens_estimated",
        "routerctl_tokens_estimated",
        "Tokens that no upstream told, at four bytes of text each. Not among routerctl_tokens.",
        ("model", "provider", "direction"),
    ),
)
_HISTOGRAMS = (
    ("duration", "routerctl_request_duration_seconds", "From the request's start to its end."),
    ("first_byte", "routerctl_time_to_first_byte_seconds", "From the request's start to the answer's head."),
)


class WorkerCollector(Collector):
    """`counters` is the sum over all workers there ever were."""

    def __init__(self, status: Status, counters: Counters) -> None:
        self._status = status
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        for counter in _COUNTERS:
            family = CounterMetricFamily(counter.name, counter.words, labels=counter.labels)
            for labels, value in _leaves(self._counters.get(counter.key, {}), len(counter.labels)):
                family.add_metric(labels, value)
            yield family
        for key, name, words in _HISTOGRAMS:
            yield _histogram(name, words, self._counters.get(key, {}))
        yield from self._gauges()

    def _gauges(self) -> Iterator[Metric]:
        live = self._status.live
        in_flight = sum(_number(worker.counters.get("in_flight")) for worker in live)
        yield _gauge("routerctl_requests_in_flight", "Requests under way.", in_flight)
        yield _gauge("routerctl_workers_live", "Workers that gave a sign of life within 3 s.", len(live))
        head = self._status.head.number
        yield _gauge("routerctl_revision_head", "The newest revision that is stored.", head)
        served = GaugeMetricFamily(
            "routerctl_revision_served", "The revision that a live worker serves.", labels=["worker"]
        )
        for worker in (each for each in live if each.serving):
            served.add_metric([worker.instance], worker.revision)
        yield served
        refused = GaugeMetricFamily(
            "routerctl_provider_refused",
            "1 for a provider that a live worker could not build.",
            labels=["provider"],
        )
        for provider in sorted({provider for provider, _ in self._status.refused}):
            refused.add_metric([provider], 1)
        yield refused
        circuits = GaugeMetricFamily(
            "routerctl_provider_circuit_open",
            "1 for a provider that a live worker leaves alone because it fails, or has reached a rate limit.",
            labels=["provider"],
        )
        for provider in self._status.circuits_open:
            circuits.add_metric([provider], 1)
        yield circuits


def exposition(status: Status, counters: Counters) -> bytes:
    """The answer to /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(WorkerCollector(status, counters))
    return generate_latest(registry)


def _leaves(value: CounterValue, depth: int) -> Iterator[tuple[Sequence[str], float]]:
    """(labels, number) of a tree of that depth. What has another shape, as of another version, is left out."""
    if depth == 0:
        if isinstance(value, int | float):
            yield (), value
    elif isinstance(value, dict):
        for label, inner in value.items():
            for labels, number in _leaves(inner, depth - 1):
                yield (label, *labels), number


def _histogram(name: str, words: str, tree: CounterValue) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, words, labels=["endpoint", "provider"])
    if not isinstance(tree, dict):
        return family
    for endpoint, providers in tree.items():
        for provider, observed in providers.items() if isinstance(providers, dict) else ():
            if isinstance(observed, dict):
                total = _number(observed.get("sum")) / _MICROS
                family.add_metric([endpoint, provider], _cumulative(observed.get("buckets")), total)
    return family


def _cumulative(buckets: CounterValue | None) -> list[tuple[str, float]]:
    """Bounds in seconds, each with all that is at most as long."""
    counted: Mapping[str, CounterValue] = buckets if isinstance(buckets, dict) else {}
    together = 0.0
    result: list[tuple[str, float]] = []
    for bound in BUCKETS:
        together += _number(counted.get(str(bound)))
        result.append((str(bound / _MICROS), together))
    return [*result, (OVER, together + _number(counted.get(OVER)))]


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _number(value: CounterValue | None) -> float:
    return value if isinstance(value, int | float) else 0
