"""How many further candidates a worker tries, so that failing upstreams are not asked ever more by those who fail over.

Pure: every event brings its `now`.
"""

from reconciler.gateway.routing.sliding_count import SlidingCount

WINDOW = 10.0
"""Seconds."""

SHARE = 0.2
"""Of the requests within the window."""

FLOOR = 100
"""So many within the window are always allowed: 10 a second, for those who ask little."""


class RetryBudget:
    """One a worker."""

    def __init__(self) -> None:
        self._requests = SlidingCount(WINDOW)
        self._retries = SlidingCount(WINDOW)

    def request(self, now: float) -> None:
        """A client's request begins."""
        self._requests.add(now)

    def take(self, now: float) -> bool:
        """Whether one more candidate may be tried; it counts if so."""
        if self._retries.total(now) >= max(FLOOR, SHARE * self._requests.total(now)):
            return False
        self._retries.add(now)
        return True
