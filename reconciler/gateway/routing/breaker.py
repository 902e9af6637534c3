"""A circuit breaker: whether something is asked, or left alone for a while. Pure: every event brings its `now`.

    CLOSED --failureThreshold failures in a row, or failurePercent of minRequests within the window--> OPEN
    OPEN --openFor, or the upstream's own Retry-After--> HALF-OPEN: one request at a time is let through
    HALF-OPEN --it is answered--> CLOSED, with a growing share for slowStart        HALF-OPEN --it fails--> OPEN

Who reached a rate limit has not failed: after the time that it named, it is simply asked again.
"""

from dataclasses import dataclass
from enum import Enum

from reconciler.gateway.routing.sliding_count import SlidingCount
from reconciler.snapshot.model import Health

SHORTEST = 1.0
"""Seconds between two tries of what is half-open, whatever an upstream or a manifest says."""

SMALLEST_SHARE = 10
"""Of a hundred requests, with which a slow start begins."""

FORGOTTEN = 600.0
"""Seconds after which a row of failures that was not gone on with is one no more."""

_RATE_ATTEMPTS = 2
"""Times the threshold, where no least number of requests is given: with fewer there is no share to speak of."""


class State(Enum):
    CLOSED = "closed"
    HALF_OPEN = "half-open"
    OPEN = "open"
    LIMITED = "rate-limited"
    SLOW_START = "slow-start"
    """Closed, and asked by a growing share of the requests. For people: nothing is decided by it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something is to be left alone, and for how long. `limited`: by its own rate limit."""

    seconds: float
    limited: bool = False


class Breaker:
    """One circuit. What became of a request is told with the `trial` that was on when it began."""

    __slots__ = (
        "_credit",
        "_ended",
        "_failed",
        "_in_a_row",
        "_last_failure",
        "_limited",
        "_probing",
        "_rise",
        "_window",
        "failing",
        "fault",
        "rising",
        "since",
        "since_trial",
        "until",
    )

    def __init__(self, now: float, window: float = Health().window) -> None:
        self.since = now
        """When it opened or closed last."""
        self.fault = ""
        """What failed last."""
        self.failing = False
        """It opened for a failure, and did not close since: not for a rate limit alone."""
        self.since_trial = 0
        """Whoever sees it open or close sets it: what became of requests of earlier trials is not heard."""
        self.until: float | None = None
        """When it is tried again; None where anybody may try. To be read, not set, from outside."""
        self._limited = False
        self._probing = False
        self._in_a_row = 0
        self._last_failure = now
        self.rising: float | None = None
        """When its slow start began; None where it has none."""
        self._rise = 0.0
        self._credit = 0
        self._count(window)

    # --- what it says ---------------------------------------------------------------------------------------

    @property
    def fails(self) -> bool:
        """What was asked last failed, or nothing is asked for that."""
        return self._in_a_row > 0 or self.until is not None

    def state(self, now: float) -> State:
        if self.until is None or (self._limited and now >= self.until):
            return State.CLOSED
        if self._limited:
            return State.LIMITED
        return State.HALF_OPEN if self._probing or now >= self.until else State.OPEN

    def rises(self, now: float) -> bool:
        """Whether it is in its slow start."""
        return self.rising is not None and now - self.rising < self._rise

    def wait(self, now: float) -> Wait | None:
        """None where a request may go there."""
        if self.until is None:
            return None
        if self._probing:
            return Wait(max(self.until - now, SHORTEST))
        return Wait(self.until - now, self._limited) if now < self.until else None

    def is_due(self, now: float) -> bool:
        """Half-open, with nobody under way who finds out."""
        return self.until is not None and not self._limited and not self._probing and now >= self.until

    def admits(self, now: float) -> bool:
        """Whether the next request is among the share that goes there; all are, but in a slow start."""
        if self.rising is None:
            return True
        passed = now - self.rising
        if passed >= self._rise:
            self.rising = None
            return True
        self._credit += max(int(100 * passed / self._rise), SMALLEST_SHARE)
        if self._credit < 100:
            return False
        self._credit -= 100
        return True

    def is_idle(self, now: float) -> bool:
        """Nothing of it is worth remembering."""
        return (
            self.until is None
            and not self.rises(now)
            and (not self._in_a_row or now - self._last_failure > FORGOTTEN)
            and not self._failed.total(now)
        )

    # --- what it is told ------------------------------------------------------------------------------------

    def begin(self, now: float, trial: int, pause: float = SHORTEST) -> bool:
        """A request goes there, and `wait` had nothing against it. Whether it is to find out if all is well: then nobody
        else is heard, and the next one may find out after `pause`, should the client of this one leave.
        """
        if self.until is None:
            return False
        if self._limited:
            self._close(now)
            return False
        self.since_trial = trial
        self._probing, self.until = True, now + pause
        return True

    def succeeded(self, trial: int, now: float, health: Health) -> bool:
        """Whether it closed."""
        if trial < self.since_trial:
            return False
        closes = self._probing
        if closes:
            self.close(now, health.slow_start)
        self._in_a_row = 0
        self._counted(health)
        self._ended.add(now)
        return closes

    def failed(
        self,
        trial: int,
        now: float,
        health: Health,
        fault: str,
        *,
        retry_after: float | None = None,
        limited: bool = False,
    ) -> bool:
        """`retry_after`: seconds that the upstream asked for, which it gets. Whether it opened, once more included."""
        if trial < self.since_trial:
            return False
        self._in_a_row += 1
        self._last_failure, self.fault = now, fault
        self._counted(health)
        self._ended.add(now)
        self._failed.add(now)
        if not self._probing and retry_after is None and not self._too_many(now, health):
            return False
        if self.until is None:
            self.since = now
        self._forget()
        self._limited = limited
        self.failing = self.failing or not limited
        self.until = now + max(health.open_for if retry_after is None else retry_after, SHORTEST)
        return True

    def take_over(self, since: float, until: float, fault: str, *, limited: bool) -> None:
        """Another one was open, and this one begins as that."""
        self.since, self.until, self.fault, self._limited = since, until, fault, limited
        self.failing = not limited

    def abandoned(self, trial: int) -> None:
        """The client left before there was anything to judge by."""
        if trial >= self.since_trial:
            self._probing = False

    def close(self, now: float, slow_start: float = 0.0) -> None:
        """It is well again. For `slow_start` seconds it gets a growing share."""
        self._close(now)
        if slow_start:
            self.rising, self._rise, self._credit = now, slow_start, 0

    def _too_many(self, now: float, health: Health) -> bool:
        if self._in_a_row >= health.failure_threshold:
            return True
        if not health.failure_percent:
            return False
        ended = self._ended.total(now)
        least = health.min_requests or _RATE_ATTEMPTS * health.failure_threshold
        return ended >= least and 100 * self._failed.total(now) >= health.failure_percent * ended

    def _close(self, now: float) -> None:
        if self.until is not None:
            self.since = now
        self._forget()
        self.until = None
        self._limited = self.failing = False

    def _forget(self) -> None:
        self._probing = False
        self._in_a_row = 0
        self.rising = None
        self._count(self._window)

    def _counted(self, health: Health) -> None:
        """From scratch where the window is another now."""
        if health.window != self._window:
            self._count(health.window)

    def _count(self, window: float) -> None:
        self._window = window
        self._ended, self._failed = SlidingCount(window), SlidingCount(window)
