"""What a client is told of its limits: how much is left, and why it is refused."""

from datetime import UTC, datetime
from math import ceil, isfinite
from typing import Final

from reconciler.clock import timestamp
from reconciler.gateway.limits.amounts import amount
from reconciler.gateway.limits.counters import CONCURRENT, MEASURES, ONE, Needs
from reconciler.gateway.limits.holding import Holding
from reconciler.gateway.limits.limiter import Limiter
from reconciler.protocol.errors import OpenAIError
from reconciler.protocol.quota_errors import Headers, limits_unknown, never_fits, quota_exceeded, rate_limited
from reconciler.protocol.rate_limits import in_anthropics_words, in_openais_words
from reconciler.store.leases import Counter


class Whole:
    """How a rate is told that comes back a whole window later, but for how much of it is left."""

    __slots__ = ("counter", "limit", "remaining", "reset", "what")

    def __init__(self, what: str, counter: Counter) -> None:
        self.what = what
        self.counter = counter
        self.limit, self.remaining, self.reset = in_openais_words(what, counter.capacity, counter.window)


KEPT = 4096
_KNOWN: Final[dict[str, Whole]] = {}
"""By the keys of counters."""


def _whole(what: str, counter: Counter) -> Whole:
    key = counter.key
    known = _KNOWN.get(key)
    if known is None or known.counter is not counter or known.what != what:
        if len(_KNOWN) >= KEPT:
            _KNOWN.clear()
        known = _KNOWN[key] = Whole(what, counter)
    return known


def rates_told(limiter: Limiter, now: float | None, *, anthropic: bool) -> Headers:
    """Of its rates, the window of each that has the least left; nothing for a client without any.

    `now` None: with an answer, whose request comes back a whole window later.
    """
    told: list[tuple[str, str]] = []
    for what, holdings in limiter.rates:
        least = holdings[0] if len(holdings) == 1 else min(holdings, key=Holding.remaining)
        if now is None and not anthropic:
            whole = _whole(what, least.counter)
            told.append(whole.limit)
            told.append((whole.remaining, str(least.remaining())))
            told.append(whole.reset)
            continue
        counter = least.counter
        if now is not None and not isfinite(least.whole_at):  # the ledger has not said a word of it
            continue
        whole_in = counter.window if now is None else max(1, ceil(least.whole_at - now))
        in_words = in_anthropics_words if anthropic else in_openais_words
        limit, name, reset = in_words(what, counter.capacity, whole_in)
        told += limit, (name, str(least.remaining())), reset
    return tuple(told)


def refusal(limiter: Limiter, needs: Needs, now: float, *, anthropic: bool) -> OpenAIError:
    """Of all limits that are in the way, by the one that lasts longest."""
    if limiter.unknown:
        return limits_unknown()
    told = rates_told(limiter, now, anthropic=anthropic)
    small = limiter.too_small(needs)
    if small is not None:
        return _never(*small, needs, told)
    waits = [(_wait(limiter, name, each, now), name, each) for name, each in limiter.in_the_way(needs, now)]
    if any(now >= each.until for _, _, each in waits):
        return limits_unknown()  # the ledger did not say in time whether something is left
    if not waits:  # something came back just now, when it was too late
        return rate_limited("requests", "its limits were used up", 1.0, told)
    seconds, name, holding = max(waits, key=lambda each: each[0])
    place = MEASURES[name].place
    if not holding.counter.aligned:
        return rate_limited("requests" if place == ONE else "tokens", _limit(name, holding), seconds, told)
    again = timestamp(datetime.fromtimestamp(holding.lapses, UTC))
    left = min(holding.remaining(), needs[place])
    limit = _limit(name, holding)
    return quota_exceeded(limit, amount(needs[place], place), amount(left, place), again, seconds)


def _wait(limiter: Limiter, name: str, holding: Holding, now: float) -> float:
    if name == CONCURRENT:
        return limiter.retry_after(now, slots=True)
    return max(1.0, (holding.whole_at if holding.counter.aligned else holding.ready_at) - now)


def _never(name: str, holding: Holding, needs: Needs, told: Headers) -> OpenAIError:
    place = MEASURES[name].place
    what = "insufficient_quota" if holding.counter.aligned else "tokens"
    return never_fits(what, _limit(name, holding), amount(needs[place], place), told)


def _limit(name: str, holding: Holding) -> str:
    capacity, measure = holding.counter.capacity, MEASURES[name]
    if measure.aligned:
        article = "an" if measure.aligned == "hour" else "a"
        return f"the budget of {amount(capacity, measure.place)} for {article} {measure.aligned}"
    return f"{name} is {capacity:,}"
