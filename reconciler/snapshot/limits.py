"""How much a provider may be asked, or a client may ask, over all workers: ready for those who count."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import StoredResource

DEFAULT_QUEUE_TIMEOUT = 10.0
AMOUNT = ".amount"
NANOS = 1_000_000_000
"""Of a dollar. In millionths a request for an embedding would cost several times its price."""

_FIRST = ("maxConcurrent", "requestsPerMinute", "tokensPerMinute")
_OTHERS = ("requestsPerHour", "requestsPerDay", "tokensPerHour", "tokensPerDay")


@dataclass(frozen=True, slots=True)
class Limits:
    """None: it has no such limit. Of two of one `owner`, a resource's key as text, that of the higher `version` holds.

    `queue` requests of a worker may wait, each for `patience` seconds. `others` are limits by their names, as
    `gateway.limits.counters` has them; of those that end in `amount` the unit is a billionth of a dollar.
    """

    owner: str
    version: int
    concurrent: int | None = None
    requests: int | None = None
    tokens: int | None = None
    queue: int = 0
    patience: float = DEFAULT_QUEUE_TIMEOUT
    others: tuple[tuple[str, int], ...] = ()
    money: bool = False
    """Whether one of `others` is of dollars."""


def limits_of(provider: StoredResource) -> Limits | None:
    """None where it has none, which costs a request nothing."""
    given = provider.resource.spec.get("limits")
    concurrent, requests, tokens = (_integer(value_at(given, (name,))) for name in _FIRST)
    if concurrent is None and requests is None and tokens is None:
        return None
    size, timeout = value_at(given, ("queue", "size")), value_at(given, ("queue", "timeout"))
    return Limits(
        str(provider.key),
        provider.resource_version,
        concurrent,
        requests,
        tokens,
        _integer(size) or 0,
        milliseconds(timeout) / 1000 if isinstance(timeout, str | int) else DEFAULT_QUEUE_TIMEOUT,
    )


def client_limits(key: StoredResource) -> Limits | None:
    """Of a ClientKey, its budgets included. None where it has none."""
    spec = key.resource.spec
    given = spec.get("limits")
    concurrent, requests, tokens = (_integer(value_at(given, (name,))) for name in _FIRST)
    others = [(name, _integer(value_at(given, (name,)))) for name in _OTHERS]
    found = tuple((name, number) for name, number in (*others, *_budgets(spec)) if number is not None)
    if concurrent is None and requests is None and tokens is None and not found:
        return None
    money = any(name.endswith(AMOUNT) for name, _ in found)
    return Limits(str(key.key), key.resource_version, concurrent, requests, tokens, others=found, money=money)


def _budgets(spec: JsonObject) -> Iterator[tuple[str, int | None]]:
    written = spec.get("budgets")
    for each in written if isinstance(written, list) else ():
        window, amount = value_at(each, ("window",)), value_at(each, ("amount",))
        yield (
            f"budgets.{window}{AMOUNT}",
            int(Decimal(amount) * NANOS) if isinstance(amount, str) else None,
        )
        yield f"budgets.{window}.tokens", _integer(value_at(each, ("tokens",)))


def _integer(written: JsonValue) -> int | None:
    return written if isinstance(written, int) else None
