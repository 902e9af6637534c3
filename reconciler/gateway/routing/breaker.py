"""A circuit breaker for each provider in this worker. Pure: every event brings its `now`.

    CLOSED --failureThreshold failures in a row, or half of twice as many within the window--> OPEN
    OPEN --openFor, or the upstream's own Retry-After--> HALF-OPEN: one request at a time is let through
    HALF-OPEN --it is answered--> CLOSED        HALF-OPEN --it fails--> OPEN

Who reached a rate limit has not failed: after the time that it named, it is simply asked again.
"""

from collections.abc import Collection
from dataclasses import dataclass

from reconciler.gateway.routing.sliding_count import SlidingCount
from reconciler.snapshot.model import Health, Upstream

SHORTEST = 1.0
"""Seconds between two probes, whatever an upstream or a manifest says."""

_RATE_ATTEMPTS = 2
"""Times the threshold: with fewer attempts in the window there is no rate to speak of."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A provider that is to be left alone, and for how long. `limited`: by its own rate limit."""

    seconds: float
    limited: bool = False


class Breaker:
    """What became of a request is told under the number that `begin` gave it: once the circuit has opened or closed,
    nothing is heard of those that began before.
    """

    __slots__ = ("_ended", "_failed", "_in_a_row", "_limited", "_probing", "_trial", "_until", "_window")

    def __init__(self) -> None:
        self._trial = 0
        self._until: float | None = None
        self._limited = False
        self._probing = False
        self._in_a_row = 0
        self._count(Health().window)

    def is_open(self, now: float) -> bool:
        """Half-open included."""
        return self._until is not None and not (self._limited and now >= self._until)

    def wait(self, now: float, health: Health) -> Wait | None:
        """None where a request may go there."""
        if self._until is None or not health.failure_threshold:
            return None
        if self._probing:
            return Wait(max(self._until - now, SHORTEST))
        return Wait(self._until - now, self._limited) if now < self._until else None

    def begin(self, now: float, health: Health) -> int:
        """A request goes there, and `wait` had nothing against it."""
        if self._until is not None:
            self._close()
            if not self._limited and health.failure_threshold:
                self._probing, self._until = True, now + SHORTEST
        return self._trial

    def succeeded(self, trial: int, now: float, health: Health) -> None:
        if trial != self._trial:
            return
        if self._probing:
            self._close()
        self._in_a_row = 0
        self._counted(health)
        self._ended.add(now)

    def failed(
        self,
        trial: int,
        now: float,
        health: Health,
        *,
        retry_after: float | None = None,
        limited: bool = False,
    ) -> None:
        """`retry_after`: seconds that the upstream asked for, which it gets."""
        if trial != self._trial or not health.failure_threshold:
            return
        self._in_a_row += 1
        self._counted(health)
        self._ended.add(now)
        self._failed.add(now)
        if self._probing or retry_after is not None or self._too_many(now, health):
            self._close()
            self._limited = limited
            self._until = now + max(health.open_for if retry_after is None else retry_after, SHORTEST)

    def abandoned(self, trial: int) -> None:
        """The client left before there was anything to judge by."""
        if trial == self._trial:
            self._probing = False

    def _too_many(self, now: float, health: Health) -> bool:
        if self._in_a_row >= health.failure_threshold:
            return True
        ended = self._ended.total(now)
        return ended >= _RATE_ATTEMPTS * health.failure_threshold and 2 * self._failed.total(now) >= ended

    def _close(self) -> None:
        self._trial += 1
        self._until = None
        self._probing = False
        self._in_a_row = 0
        self._count(self._window)

    def _counted(self, health: Health) -> None:
        """From scratch where the window is another now."""
        if health.window != self._window:
            self._count(health.window)

    def _count(self, window: float) -> None:
        self._window = window
        self._ended, self._failed = SlidingCount(window), SlidingCount(window)


class Breakers:
    """One a provider. Upstreams are compared by identity: a breaker outlives every revision that leaves the provider as
    it was built; a provider that is built anew, with another address or key, begins anew.
    """

    def __init__(self) -> None:
        self._breakers: dict[Upstream, Breaker] = {}
        self._kept: frozenset[Upstream] | None = None

    def of(self, upstream: Upstream) -> Breaker:
        """Of one that is not kept any more, a breaker that nobody else has."""
        breaker = self._breakers.get(upstream)
        if breaker is None:
            breaker = Breaker()
            if self._kept is None or upstream in self._kept:
                self._breakers[upstream] = breaker
        return breaker

    def keep(self, upstreams: Collection[Upstream]) -> None:
        """Forgets all others."""
        self._kept = frozenset(upstreams)
        self._breakers = {each: known for each, known in self._breakers.items() if each in self._kept}

    def open(self, now: float) -> tuple[str, ...]:
        """The providers whose circuit is open."""
        return tuple(sorted(str(each.key) for each, known in self._breakers.items() if known.is_open(now)))
