"""Prometheus exposition of what all workers counted, those that have gone included.

A collector of its own on a registry of its own: the numbers come from the store's records, not from this process.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from reconciler.gateway.counting import FIRST_SECONDS, MICROS, OVER, OWN_SECONDS, SECONDS, TOKENS
from reconciler.management.health_metrics import health_gauges
from reconciler.management.limit_metrics import client_limit_gauges, limit_gauges
from reconciler.management.provider_labels import PROVIDER_LABELS, provider_labels
from reconciler.management.status import Status
from reconciler.store.counters import Counters, CounterValue

CONTENT_TYPE = CONTENT_TYPE_LATEST


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
    _Counter(
        "retries",
        "routerctl_retries",
        "Requests to an upstream that had just failed the same request.",
        ("provider",),
    ),
    _Counter(
        "fallbacks",
        "routerctl_fallbacks",
        "Requests to an upstream because the one before it failed.",
        ("from", "to"),
    ),
    _Counter(
        "beside",
        "routerctl_parallel_attempts",
        "Requests to an upstream while another was under way for the same client: a hedge, or a part of a large input.",
        ("provider", "reason"),
    ),
    _Counter(
        "shadows",
        "routerctl_shadow_requests",
        "Copies of requests that went to the shadow of a Route, by the class of the answer's status or why there is none; "
        "not_sent where too many were under way. Not among routerctl_requests and routerctl_attempts.",
        ("provider", "outcome"),
    ),
    _Counter(
        "shadow_tokens",
        "routerctl_shadow_tokens",
        "Tokens that shadows used. Not among routerctl_tokens.",
        ("provider", "direction"),
    ),
    _Counter(
        "records",
        "routerctl_traffic_records",
        "Records of requests: written, or lost because the file was not_writable or the writer did not keep up (queue_full).",
        ("outcome",),
    ),
)


@dataclass(frozen=True, slots=True)
class _Histogram:
    """As _Counter. `bounds` are in the unit of its name; `scale` is what they are multiplied with where it is counted."""

    key: str
    name: str
    words: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]
    scale: int = MICROS


_OPERATION = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")
_HISTOGRAMS = (
    _Histogram(
        "duration",
        "routerctl_request_duration_seconds",
        "From the request's start to its end.",
        ("endpoint", "provider"),
        SECONDS,
    ),
    _Histogram(
        "first_byte",
        "routerctl_time_to_first_byte_seconds",
        "From the request's start to the answer's head.",
        ("endpoint", "provider"),
        FIRST_SECONDS,
    ),
    _Histogram(
        "shadow_duration",
        "routerctl_shadow_duration_seconds",
        "Of the copies of requests that went to the shadow of a Route, from start to end.",
        ("provider",),
        SECONDS,
    ),
    _Histogram(
        "overhead",
        "routerctl_gateway_overhead_seconds",
        "The gateway's own time: what a request took while no upstream was waited for.",
        ("endpoint",),
        OWN_SECONDS,
    ),
    _Histogram(
        "operation",
        "gen_ai_client_operation_duration_seconds",
        "OpenTelemetry's gen_ai.client.operation.duration: requests that a provider was asked for, fallbacks included.",
        (*_OPERATION, "error_type"),
        SECONDS,
    ),
    _Histogram(
        "first_chunk",
        "gen_ai_client_operation_time_to_first_chunk_seconds",
        "OpenTelemetry's gen_ai.client.operation.time_to_first_chunk: streams alone.",
        _OPERATION,
        FIRST_SECONDS,
    ),
    _Histogram(
        "token_usage",
        "gen_ai_client_token_usage",
        "OpenTelemetry's gen_ai.client.token.usage: tokens of a request, as the upstream told.",
        (*_OPERATION, "gen_ai_token_type"),
        TOKENS,
        1,
    ),
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
        for histogram in _HISTOGRAMS:
            yield _family(histogram, self._counters.get(histogram.key, {}))
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
            labels=PROVIDER_LABELS,
        )
        for provider in sorted({provider for provider, _ in self._status.refused}):
            refused.add_metric(provider_labels(provider), 1)
        yield refused
        notices = GaugeMetricFamily(
            "routerctl_notice",
            "1 for what who serves finds wrong with itself: listener, tls, admin-tls, issuer.",
            labels=["notice"],
        )
        for name in sorted({notice.name for notice in self._status.notices}):
            notices.add_metric([name], 1)
        yield notices
        yield from health_gauges(self._status)
        yield from limit_gauges(self._status)
        yield from client_limit_gauges(self._status)


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


def _family(histogram: _Histogram, tree: CounterValue) -> HistogramMetricFamily:
    family = HistogramMetricFamily(histogram.name, histogram.words, labels=histogram.labels)
    for labels, observed in _branches(tree, len(histogram.labels)):
        total = _number(observed.get("sum")) / histogram.scale
        family.add_metric(labels, _cumulative(observed.get("buckets"), histogram), total)
    return family


def _branches(value: CounterValue, depth: int) -> Iterator[tuple[Sequence[str], Mapping[str, CounterValue]]]:
    """As _leaves, of objects."""
    if isinstance(value, dict):
        if depth == 0:
            yield (), value
            return
        for label, inner in value.items():
            for labels, found in _branches(inner, depth - 1):
                yield (label, *labels), found


def _cumulative(buckets: CounterValue | None, histogram: _Histogram) -> list[tuple[str, float]]:
    """Bounds, each with all that is at most as much."""
    counted: Mapping[str, CounterValue] = buckets if isinstance(buckets, dict) else {}
    together = 0.0
    result: list[tuple[str, float]] = []
    for bound in histogram.bounds:
        together += _number(counted.get(str(round(bound * histogram.scale))))
        result.append((str(float(bound)), together))
    return [*result, (OVER, together + _number(counted.get(OVER)))]


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _number(value: CounterValue | None) -> float:
    return value if isinstance(value, int | float) else 0
