"""How far a ClientKey's limits and budgets are used at this moment, when that comes back, and how far it can be exceeded."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from reconciler.api.records import Spending
from reconciler.cli.client_overshoot import overshoot_lines
from reconciler.clock import timestamp
from reconciler.gateway.limits.amounts import amount
from reconciler.gateway.limits.counters import CONCURRENT, MEASURES, ONE, Measure, counters
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State
from reconciler.snapshot.clients import KIND
from reconciler.snapshot.limits import client_limits
from reconciler.store.calendar_windows import window_of
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage

_RATE = {60.0: "within the last minute", 3600.0: "within the last hour", 86_400.0: "within the last 24 hours"}


def client_lines(stored: StoredResource, state: State, spending: Spending, now: datetime) -> Iterator[str]:
    """Nothing for one without limits, and of another kind. Raises StoreError."""
    limits = client_limits(stored) if stored.key.kind == KIND else None
    if limits is None:
        return
    found = counters(limits)
    used = spending.usage([*found.values()])
    yield "Limits, over all workers:"
    for name, counter in found.items():
        yield f"  {name}: {_told(name, counter, used[counter.key], now)}"
    since = _since([each.aligned for each in found.values() if each.aligned], spending, now)
    if since is not None:
        yield f"  counted since {timestamp(since)}: the records' file was made then, and knows of nothing before it"
    yield "At worst they are exceeded by:"
    yield "  requests: nothing"
    if any(MEASURES[name].place != ONE for name in found):
        yield from (f"  {line}" for line in overshoot_lines(stored, state, limits))


def _told(name: str, counter: Counter, used: Usage, now: datetime) -> str:
    measure = MEASURES[name]
    place = measure.place
    if name == CONCURRENT:
        left = counter.capacity - used.used
        return f"{counter.capacity:,}, {used.used:,} in use, {max(0, left):,} left"
    left = max(0, counter.capacity - used.spent)
    held = f" ({amount(min(used.held, left), place)} of it held ready by workers)" if used.held else ""
    return (
        f"{amount(counter.capacity, place)}, {amount(used.spent, place)} used {_window(measure)}, "
        f"{amount(left, place)} left{held}; {_again(measure, used, now)}"
    )


def _window(measure: Measure) -> str:
    return f"in this {measure.aligned}" if measure.aligned else _RATE[measure.window]


def _again(measure: Measure, used: Usage, now: datetime) -> str:
    if measure.aligned:
        end = window_of(measure.aligned, now.timestamp())[1]
        return f"begins anew at {timestamp(datetime.fromtimestamp(end, UTC))}"
    if not used.spent:
        return "nothing is to come back"
    return f"all of it is back at {timestamp(now + timedelta(seconds=used.whole_in))}"


def _since(windows: Sequence[str], spending: Spending, now: datetime) -> datetime | None:
    """Where a window of the calendar began before anything was counted."""
    began = spending.counted_since() if windows else None
    if began is None or not any(window_of(each, now.timestamp())[0] < began for each in windows):
        return None
    return datetime.fromtimestamp(began, UTC)
