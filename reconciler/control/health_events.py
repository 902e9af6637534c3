"""What changed of providers' health, for who wants to be told: from what all live workers say together. Pure.

It goes by what is so, and what was told to be so: a state, not a log. So several workers make one event, a restart makes
none, and what happened while nobody looked is told when somebody does.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.clock import timestamp
from reconciler.json_types import JsonObject
from reconciler.store.health import HealthRows
from reconciler.store.observations import WHOLE, WorkerRow
from reconciler.store.webhook import Message, Trouble

UNHEALTHY, CIRCUIT, REFUSED = "unhealthy", "circuit", "refused"
EVENTS: Mapping[tuple[str, bool], str] = {
    (UNHEALTHY, True): "unhealthy",
    (UNHEALTHY, False): "healthy",
    (CIRCUIT, True): "circuit-opened",
    (CIRCUIT, False): "circuit-closed",
    (REFUSED, True): "refused",
    (REFUSED, False): "recovered",
}
"""By what is wrong, and whether it has begun."""
DEFAULT = ("unhealthy", "healthy", "circuit-opened", "circuit-closed")
_LEFT_ALONE = frozenset({"open", "half-open", "rate-limited"})


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is one of EVENTS. `reason` is why, where something has begun; no secret is in it."""

    name: str
    trouble: Trouble
    reason: str = ""


def troubles(
    workers: Sequence[WorkerRow], health: HealthRows, told: Collection[Trouble]
) -> dict[Trouble, str] | None:
    """What is wrong by now, and why. `workers` are live. None where nobody says anything: then all is as it was.

    While nobody probes, what a probe found and was told holds.
    """
    serving = [each for each in workers if each.serving]
    if not serving:
        return None
    found: dict[Trouble, str] = {}
    for row in health.circuits:
        if row.state in _LEFT_ALONE:
            found.setdefault(Trouble(CIRCUIT, row.provider, row.model), row.fault)
    for provider, probe in health.probes.items():
        if not probe.healthy:
            found[Trouble(UNHEALTHY, provider)] = probe.fault
    if not health.prober:
        found |= {each: "" for each in told if each.what == UNHEALTHY}
    for worker in serving:
        for key, reason in worker.refused:
            if key != WHOLE:
                found.setdefault(Trouble(REFUSED, key), reason)
    return found


def events(now: Mapping[Trouble, str], told: Collection[Trouble]) -> Iterator[Event]:
    """What has begun and what has ended since it was told."""
    for trouble in sorted(set(told) - now.keys()):
        yield Event(EVENTS[trouble.what, False], trouble)
    for trouble in sorted(now.keys() - set(told)):
        yield Event(EVENTS[trouble.what, True], trouble, now[trouble])


def messages(
    found: Iterable[Event], names: Collection[str], now: float, ids: Iterator[str], revision: int
) -> list[Message]:
    """Of the events of these names."""
    return [Message(next(ids), now, body_of(each, now, revision)) for each in found if each.name in names]


def body_of(event: Event, now: float, revision: int) -> bytes:
    """As Standard Webhooks has payloads."""
    _, _, rest = event.trouble.provider.partition("/")
    namespace, slash, name = rest.rpartition("/")
    data: JsonObject = {
        "provider": name,
        "namespace": namespace if slash else "default",
        "model": event.trouble.model or None,
        "reason": event.reason,
        "revision": revision,
    }
    told: JsonObject = {
        "type": f"provider.{event.name}",
        "timestamp": timestamp(datetime.fromtimestamp(now, UTC)),
        "data": data,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
