"""The limits of a provider or a client as counters of the store. The name of a limit says what it counts, and how long."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from reconciler.snapshot.limits import Limits
from reconciler.store.calendar_windows import LENGTHS
from reconciler.store.leases import Counter

CONCURRENT, REQUESTS, TOKENS = "maxConcurrent", "requestsPerMinute", "tokensPerMinute"
MINUTE = 60.0

ONE: Final = 0
OF_TOKENS: Final = 1
OF_MONEY: Final = 2
Needs: TypeAlias = tuple[int, int, int]
"""What a request takes of a limit, by the place that its `Measure` names: 1, its tokens, its price in billionths of a dollar."""


class Measure(NamedTuple):
    """How the limit of one name is counted. `aligned`: by the windows of the calendar."""

    place: int
    window: float
    calendar: bool = False
    aligned: str = ""


def _measures() -> Iterator[tuple[str, Measure]]:
    yield CONCURRENT, Measure(ONE, 0.0)
    for what, place in (("requests", ONE), ("tokens", OF_TOKENS)):
        for window, seconds in (("Minute", MINUTE), ("Hour", 3600.0), ("Day", 86_400.0)):
            yield f"{what}Per{window}", Measure(place, seconds, calendar=seconds > MINUTE)
    for window, length in LENGTHS.items():
        for what, place in (("amount", OF_MONEY), ("tokens", OF_TOKENS)):
            yield f"budgets.{window}.{what}", Measure(place, length, calendar=True, aligned=window)


MEASURES = MappingProxyType(dict(_measures()))


def counter(owner: str, name: str, capacity: int) -> Counter:
    """Raises KeyError for the name of no limit."""
    measure = MEASURES[name]
    return Counter(f"{owner} {name}", capacity, measure.window, measure.calendar, measure.aligned)


def counters(limits: Limits) -> dict[str, Counter]:
    """By the name of the limit."""
    given = ((CONCURRENT, limits.concurrent), (REQUESTS, limits.requests), (TOKENS, limits.tokens))
    return {
        name: counter(limits.owner, name, capacity)
        for name, capacity in (*given, *limits.others)
        if capacity is not None
    }
