"""What is served right now, as a table: by model and provider, over the last seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.cli.output import Column, table
from reconciler.cli.traffic_output import duration
from reconciler.clock import timestamp
from reconciler.json_types import JsonObject
from reconciler.store.observations import LIVE_SECONDS, WorkerRow
from reconciler.store.traffic_query import Dimension, Group, percentile

BY: tuple[Dimension, ...] = ("model", "provider")


@dataclass(frozen=True, slots=True)
class Moment:
    """`groups` are by model and provider, of requests that began within the last `seconds`."""

    now: datetime
    seconds: float
    groups: Sequence[Group]
    workers: Sequence[WorkerRow]

    @property
    def live(self) -> list[WorkerRow]:
        return [row for row in self.workers if row.heartbeat >= self.now.timestamp() - LIVE_SECONDS]

    @property
    def in_flight(self) -> int:
        return sum(_in_flight(row) for row in self.live)

    def per_second(self, number: int) -> float:
        return number / self.seconds


def lines(moment: Moment) -> Iterator[str]:
    groups, live = moment.groups, moment.live
    requests, failed = sum(group.requests for group in groups), sum(group.failed for group in groups)
    tokens = sum(group.tokens_in + group.tokens_out for group in groups)
    revisions = sorted({row.revision for row in live if row.serving})
    served = f"revision {' and '.join(map(str, revisions))}" if revisions else "nothing served"
    yield (
        f"{timestamp(moment.now)}   {len(live)} worker{'' if len(live) == 1 else 's'}, {served}"
        f"   in flight {moment.in_flight}   last {moment.seconds:g}s:"
        f" {_rate(moment.per_second(requests))} requests/s, {_percent(failed, requests)} failed,"
        f" {_rate(moment.per_second(tokens))} tokens/s"
    )
    yield ""
    yield table(_columns(moment), groups) if groups else f"No requests in the last {moment.seconds:g}s."


def as_json(moment: Moment) -> JsonObject:
    """Rates are texts: requests and tokens a second, to a hundredth."""
    return {
        "time": timestamp(moment.now),
        "seconds": round(moment.seconds),
        "inFlight": moment.in_flight,
        "workers": [
            {
                "instance": row.instance,
                "revision": row.revision if row.serving else None,
                "inFlight": _in_flight(row),
            }
            for row in moment.live
        ],
        "items": [_group_json(moment, group) for group in moment.groups],
    }


def _in_flight(row: WorkerRow) -> int:
    counted = row.counters.get("in_flight")
    return counted if isinstance(counted, int) else 0


def _group_json(moment: Moment, group: Group) -> JsonObject:
    model, provider = group.key
    return {
        "model": model,
        "provider": provider,
        "requests": group.requests,
        "requestsPerSecond": f"{moment.per_second(group.requests):.2f}",
        "failed": group.failed,
        "micros": {"p50": percentile(group.durations, 50), "p95": percentile(group.durations, 95)},
        "firstByteMicros": {
            "p50": percentile(group.first_bytes, 50),
            "p95": percentile(group.first_bytes, 95),
        },
        "tokensPerSecond": f"{moment.per_second(group.tokens_in + group.tokens_out):.2f}",
    }


def _columns(moment: Moment) -> tuple[Column[Group], ...]:
    return (
        Column[Group]("MODEL", lambda group: group.key[0]),
        Column[Group]("PROVIDER", lambda group: group.key[1]),
        Column[Group]("REQ/S", lambda group: _rate(moment.per_second(group.requests))),
        Column[Group]("FAILED", lambda group: _percent(group.failed, group.requests)),
        Column[Group]("P50", lambda group: duration(percentile(group.durations, 50))),
        Column[Group]("P95", lambda group: duration(percentile(group.durations, 95))),
        Column[Group]("FIRST P50", lambda group: duration(percentile(group.first_bytes, 50))),
        Column[Group]("FIRST P95", lambda group: duration(percentile(group.first_bytes, 95))),
        Column[Group]("TOK/S", lambda group: _rate(moment.per_second(group.tokens_in + group.tokens_out))),
    )


def _rate(number: float) -> str:
    return f"{number:.1f}" if number < 100 else f"{number:.0f}"


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f}%" if part else "0%"
