"""Counters of what the gateway did, as plain integers: the worker says where they are kept, the supervisor adds them up.

Label sets are bounded: models and providers are those that the configuration names, at most MAX_LABELS of each.
Durations are microseconds. One line a request goes to the access log; neither holds a byte of a body.
"""

import logging
from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias

from reconciler.gateway.dispatch.actions import Attempt, Outcome, Skipped
from reconciler.json_types import JsonObject

access = logging.getLogger("reconciler.gateway.access")

BUCKETS = tuple(
    int(seconds * 1_000_000)
    for seconds in (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
)
"""Upper bounds of the histograms. What is longer counts under OVER."""

OVER = "+Inf"
UNKNOWN = "unknown"
"""The label of every model that is not configured: clients choose names, and must not choose labels."""

NONE = "none"
"""The label of the provider where none was tried."""

OTHER = "other"
MAX_LABELS = 2000

Labels: TypeAlias = tuple[str, ...]
"""The name of a counter, and then its labels."""


class Tally(Protocol):
    """Where the counters are kept."""

    def add(self, labels: Labels, number: int) -> None: ...

    def counts(self) -> Mapping[Labels, int]: ...


class MemoryTally:
    """In this process alone: what it counted ends with it."""

    def __init__(self) -> None:
        self._counts: dict[Labels, int] = {}

    def add(self, labels: Labels, number: int) -> None:
        self._counts[labels] = self._counts.get(labels, 0) + number

    def counts(self) -> Mapping[Labels, int]:
        return self._counts


class Served(NamedTuple):
    """One request, done. `model` and `provider` are configured names, or None."""

    request_id: str
    endpoint: str
    model: str | None
    provider: str | None
    status: int
    ending: str
    revision: int | None
    seconds: float
    first_byte: float | None = None
    attempts: tuple[Attempt, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False
    """The tokens: not as an upstream told them."""
    skipped: tuple[Skipped, ...] = ()


def served(request_id: str, endpoint: str, model: str, outcome: Outcome) -> Served:
    """The books' view of a request that was dispatched."""
    usage = outcome.usage
    return Served(
        request_id=request_id,
        endpoint=endpoint,
        model=model,
        provider=outcome.provider,
        status=outcome.status,
        ending=outcome.ending.value,
        revision=outcome.revision,
        seconds=outcome.seconds,
        first_byte=outcome.first_byte,
        attempts=outcome.attempts,
        tokens_in=usage.prompt_tokens if usage else 0,
        tokens_out=usage.completion_tokens if usage else 0,
        estimated=usage is not None and usage.estimated,
        skipped=outcome.skipped,
    )


class _Histogram:
    """The labels of its counters; `buckets` as BUCKETS, and one for what is longer."""

    __slots__ = ("buckets", "count", "sum")

    def __init__(self, *labels: str) -> None:
        self.count: Labels = (*labels, "count")
        self.sum: Labels = (*labels, "sum")
        self.buckets: tuple[Labels, ...] = tuple(
            (*labels, "buckets", bound) for bound in (*map(str, BUCKETS), OVER)
        )


class _Series:
    """The labels of the counters that requests of one kind move: made once for all of them."""

    __slots__ = (
        "duration",
        "endings",
        "estimated_in",
        "estimated_out",
        "first_byte",
        "provider",
        "requests",
        "tokens_in",
        "tokens_out",
    )

    def __init__(self, endpoint: str, model: str, provider: str, status: int) -> None:
        self.provider = provider
        self.requests: Labels = ("requests", endpoint, model, provider, f"{status // 100}xx")
        self.endings: Labels = ("endings", endpoint)
        self.tokens_in: Labels = ("tokens", model, provider, "input")
        self.tokens_out: Labels = ("tokens", model, provider, "output")
        self.estimated_in: Labels = ("tokens_estimated", model, provider, "input")
        self.estimated_out: Labels = ("tokens_estimated", model, provider, "output")
        self.duration = _Histogram("duration", endpoint, provider)
        self.first_byte = _Histogram("first_byte", endpoint, provider)


class Telemetry:
    """One a worker. Not for several threads."""

    def __init__(self, tally: Tally | None = None) -> None:
        self._tally = MemoryTally() if tally is None else tally
        self._labels: dict[str, set[str]] = {"model": set(), "provider": set()}
        self._series: dict[tuple[str, str | None, str | None, int], _Series] = {}
        self._in_flight = 0

    def began(self) -> None:
        self._in_flight += 1

    def ended(self) -> None:
        self._in_flight -= 1

    def count(self, request: Served) -> None:
        """Into the counters, and one line into the access log."""
        series = self._series_of(request)
        add = self._tally.add
        add(series.requests, 1)
        add((*series.endings, request.ending), 1)
        for attempt in request.attempts:
            name = series.provider
            if attempt.provider != request.provider:
                name = self._label("provider", attempt.provider)
            add(("attempts", name), 1)
            failure = _failure(attempt)
            if failure:
                add(("failures", name, failure), 1)
        for skipped in request.skipped:
            add(("skipped", self._label("provider", skipped.provider), skipped.reason.value), 1)
        if request.tokens_in or request.tokens_out:
            add(series.estimated_in if request.estimated else series.tokens_in, request.tokens_in)
            add(series.estimated_out if request.estimated else series.tokens_out, request.tokens_out)
        self._observe(series.duration, request.seconds)
        if request.first_byte is not None:
            self._observe(series.first_byte, request.first_byte)
        if access.isEnabledFor(logging.INFO):
            _log(request)

    def snapshot(self) -> JsonObject:
        """As `nested`, and `in_flight`."""
        return {"in_flight": self._in_flight, **nested(self._tally.counts())}

    def _observe(self, histogram: "_Histogram", seconds: float) -> None:
        micros = max(0, round(seconds * 1_000_000))
        add = self._tally.add
        add(histogram.count, 1)
        add(histogram.sum, micros)
        add(histogram.buckets[bisect_left(BUCKETS, micros)], 1)

    def _series_of(self, request: Served) -> "_Series":
        key = (request.endpoint, request.model, request.provider, request.status)
        series = self._series.get(key)
        if series is None:
            if len(self._series) >= MAX_LABELS:
                self._series.clear()
            model = self._label("model", request.model or UNKNOWN)
            provider = self._label("provider", request.provider or NONE)
            series = self._series[key] = _Series(request.endpoint, model, provider, request.status)
        return series

    def _label(self, kind: str, value: str) -> str:
        known = self._labels[kind]
        if value in known:
            return value
        if len(known) >= MAX_LABELS:
            return OTHER
        known.add(value)
        return value


def nested(counts: Mapping[Labels, int]) -> JsonObject:
    """Nested by label, integers at the leaves, so that whoever adds them up needs to know nothing of it.

    requests.ENDPOINT.MODEL.PROVIDER.2xx, endings.ENDPOINT.ENDING, attempts.PROVIDER, failures.PROVIDER.FAILURE, skipped.PROVIDER.REASON,
    (tokens|tokens_estimated).MODEL.PROVIDER.(input|output), (duration|first_byte).ENDPOINT.PROVIDER.(count|sum|buckets.BOUND).
    Each bucket counts its own range alone: not yet cumulative, as Prometheus wants it.
    """
    tree: JsonObject = {}
    for labels, number in counts.items():
        place = tree
        for label in labels[:-1]:
            inner = place.setdefault(label, {})
            assert isinstance(inner, dict)
            place = inner
        place[labels[-1]] = number
    return tree


def _failure(attempt: Attempt) -> str:
    """Why an attempt counts as failed; empty where it does not."""
    if attempt.failure is not None:
        return attempt.failure.value
    return f"status_{attempt.status}" if attempt.status is not None and attempt.status >= 400 else ""


def _tokens(request: Served) -> dict[str, str | int]:
    if not (request.tokens_in or request.tokens_out):
        return {}
    estimated = {"estimated": "true"} if request.estimated else {}
    return {"tokens_in": request.tokens_in, "tokens_out": request.tokens_out, **estimated}


def _log(request: Served) -> None:
    """`key=value`, and the same as fields of the record."""
    failures = "; ".join(
        f"{attempt.provider}: {failure}" + (f" ({attempt.reason})" if attempt.reason else "")
        for attempt in request.attempts
        if (failure := _failure(attempt))
    )
    skipped = "; ".join(f"{passed.provider}: {passed.reason.value}" for passed in request.skipped)
    fields: dict[str, str | int] = {
        "request": request.request_id,
        "endpoint": request.endpoint,
        "model": request.model or UNKNOWN,
        "provider": request.provider or NONE,
        "status": request.status,
        "ending": request.ending,
        "attempts": len(request.attempts),
        "ms": round(request.seconds * 1000),
        "revision": NONE if request.revision is None else request.revision,
        **_tokens(request),
        **({"failures": failures} if failures else {}),
        **({"skipped": skipped} if skipped else {}),
    }
    quoted = {"model", "failures", "skipped"}
    line = " ".join(
        f'{key}="{value}"' if key in quoted else f"{key}={value}" for key, value in fields.items()
    )
    access.info("%s", line, extra={"fields": fields})
